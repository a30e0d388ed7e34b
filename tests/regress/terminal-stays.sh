#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a named terminal lives on without its client, with screen and scrollback.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-terminal.sh
. "$here/lib-terminal.sh"
needs_product terminals

attach_new 1 "$terminal"
screen_type 'echo $TERM $SANDGATE_TERMINAL; tty' Enter
screen_wait "^xterm-256color $terminal"
screen_type "seq 1000 1100; printf '\\033[31mred\\033[0m 日本語 äöü\\n'" Enter
screen_wait '^red 日本語 äöü'
screen_wait '^ready> *$'
before=$(screen_show)
show_all 1 | grep -E '^1[01][0-9][0-9]$' >"$tmp/lines"
assert_eq 'lines in the scrollback' "$(wc -l <"$tmp/lines")" 101
vanish 1

attach 2 "$terminal"
screen_wait '^red 日本語 äöü'
screen_wait '^ready> *$'
assert_eq 'the screen' "$(screen_show)" "$before"
show_all 2 | grep -E '^1[01][0-9][0-9]$' | diff "$tmp/lines" - ||
    fail 'another scrollback'
assert_match 'colour' "$(tmux -S "$screen_socket" capture-pane -p -e)" \
    $'\033\\[31mred'
# It went on meanwhile, and does now.
screen_type "echo begun; sleep 2; echo 'late'" Enter
screen_wait '^begun'
vanish 2
sleep 3
attach 3 "$terminal"
screen_wait '^late'

# Beside it all is as on any login.
assert_eq 'exec' "$(sg_ssh -l "$SG_SANDBOX+$terminal" sandbox 'echo hi; exit 4' ||
    echo $?)" $'hi\n4'
assert_eq 'without a terminal' \
    "$(echo 'tty; id -un' | sg_ssh -T -l "$SG_SANDBOX+$terminal" sandbox)" \
    $'not a tty\nsandbox'
echo get /etc/hostname "$tmp/hostname" |
    sg_sftp -o User="$SG_SANDBOX+$terminal" sandbox >/dev/null
[ -s "$tmp/hostname" ] || fail 'no sftp'
assert_eq 'its process' "$(sg_ssh sandbox \
    "ps -o user=,args= -C terminal | grep -c '^sandbox *sandbox-terminal $terminal\$'")" 1

screen_type 'exit 7' Enter
screen_wait '^status 7'
assert_eq 'left over' \
    "$(sg_ssh sandbox "pgrep -fc '^sandbox-terminal $terminal'" || true)" 0
