#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: vi and top draw their screens right.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

screen_start "ssh -F '$SG_SSH_CONFIG' -tt sandbox"
screen_wait '[$#] *$'
screen_type "PS1='ready> '; cd /tmp; export LC_ALL=C.UTF-8; clear" Enter
screen_wait '^ready> *$'

screen_type 'vi -u NONE -N -n notes.txt' Enter
screen_wait '^~ *$'
screen_type i 'first line' Enter 'zweite Zeile: äöü ✓' Escape
screen_wait '^zweite Zeile: äöü ✓'
screen_type ':2' Enter 'dd' 'P' ':w' Enter
screen_wait 'notes\.txt.*written'
assert_eq 'line 1' "$(screen_show | sed -n 1p)" 'zweite Zeile: äöü ✓'
assert_eq 'line 2' "$(screen_show | sed -n 2p)" 'first line'
assert_eq 'tildes' "$(screen_show | grep -c '^~')" 21
screen_type ':q' Enter
screen_wait '^ready> *$'
assert_eq 'file' "$(sg_ssh sandbox cat /tmp/notes.txt)" \
    $'zweite Zeile: äöü ✓\nfirst line'

screen_type clear Enter
screen_type 'top -d 1' Enter
screen_wait 'PID USER .*COMMAND'
screen_wait '^top - .*load average'
assert_eq 'one heading' "$(screen_show | grep -c 'PID USER')" 1
sleep 3
assert_eq 'one heading after redraws' "$(screen_show | grep -c 'PID USER')" 1
# The other way round: the window shrinks and top redraws for it.
tmux -S "$screen_socket" resize-window -x 60 -y 12
screen_wait 'PID USER'
screen_type q
screen_wait '^ready> *$'
screen_type 'rm notes.txt; exit' Enter
