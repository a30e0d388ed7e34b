#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: several see one terminal; the smallest rules; NAME! detaches the others.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-terminal.sh
. "$here/lib-terminal.sh"
needs_product terminals

attach_new 1 "$terminal" 90 30
screen_type 'stty size' Enter
screen_wait '^30 90'
attach 2 "$terminal" 70 40
screen_wait '^30 90'
screen_type 'stty size' Enter
screen_wait '^30 70'
look 1
screen_type 'seq 50; echo from one' Enter
screen_wait '^from one'
screen_wait '^ready> *$'
first=$(screen_show)
look 2
screen_wait '^from one'
screen_wait '^ready> *$'
assert_eq 'both see the same' "$(screen_show | head -30)" "$first"
assert_eq 'what the larger has more is blank' \
    "$(screen_show | tail -n +31 | tr -d '\n ')" ''

# A window changes; programs inside hear of it.
tmux -S "$screen_socket" resize-window -x 60 -y 20
resized 20 60

# Another user's terminal of that name is another.
attach 3 "root+$terminal"
screen_wait '[$#] *$'
screen_type 'id -un' Enter
screen_wait '^root'
screen_type 'exit 5' Enter
screen_wait '^status 5'

attach 4 "$terminal!" 80 24
screen_wait '^ready> *$'
for n in 1 2; do
	look $n
	screen_wait 'detached: taken over'
	screen_wait '^status 0'
done
look 4
resized 24 80

# Stuck clients hold up nobody.
attach 5 "$terminal"
screen_wait '^24 80'
kill -STOP "$(sg_children "$(tmux -S "$screen_socket" display-message \
    -p '#{pane_pid}')" ssh)"
look 4
screen_type 'clear; seq 300000; echo all of them' Enter
screen_wait '^all of them'
screen_type 'exit' Enter
screen_wait '^status 0'
