#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: vi in a named terminal, left and come back to, and the shell behind it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-terminal.sh
. "$here/lib-terminal.sh"
needs_product terminals

attach_new 1 "$terminal"
screen_type 'cd /tmp; echo behind it' Enter
screen_wait '^behind it'
screen_type "vi -u NONE -N -n $terminal.txt" Enter
screen_wait '^~ *$'
screen_type i 'first line' Enter 'zweite Zeile: äöü ✓' Escape
screen_wait '^zweite Zeile: äöü ✓'
# vi waits for what may come after an Escape.
is_typed() { ! screen_show | grep -q 'INSERT'; }
sg_wait_for is_typed
before=$(screen_show)
vanish 1

attach 2 "$terminal"
screen_wait '^zweite Zeile: äöü ✓'
assert_eq 'the screen of vi' "$(screen_show)" "$before"
# Arrow keys are those vi has asked for; a smaller window is drawn anew.
screen_type Up 0 x ':w' Enter
screen_wait 'written'
tmux -S "$screen_socket" resize-window -x 60 -y 10
tildes()
{
	[ "$(screen_show | grep -c '^~')" = "$1" ]
}
sg_wait_for tildes 7 || fail "vi in 10 rows: $(screen_show)"
screen_type ':q' Enter
screen_wait '^behind it'
screen_wait '^ready> *$'
assert_eq 'file' "$(sg_ssh sandbox cat "/tmp/$terminal.txt")" \
    $'irst line\nzweite Zeile: äöü ✓'

tmux -S "$screen_socket" resize-window -x 80 -y 24
screen_type "clear; rm $terminal.txt" Enter
screen_type 'top -d 1' Enter
screen_wait 'PID USER .*COMMAND'
vanish 2
attach 3 "$terminal"
screen_wait 'PID USER .*COMMAND'
sleep 2
assert_eq 'one heading' "$(screen_show | grep -c 'PID USER')" 1
screen_type q
screen_wait '^ready> *$'
screen_type 'kill -HUP $$' Enter
screen_wait '^status 255'
