#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: +main lives through pauses: who is attached is told, what he types
# meanwhile is read once it goes on, and who goes or comes meanwhile finds it as
# it was.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product pauses
SG_SANDBOX=$(sg create 2>/dev/null)
at_exit "sg destroy $SG_SANDBOX"
# shellcheck source=tests/regress/lib-terminal.sh
. "$here/lib-terminal.sh"
is_paused() { [ "$(sg get "$SG_SANDBOX" --json | jq -r .state)" = paused ]; }
is_cleared() { ! screen_has '^(begun|late-)'; }

attach_new 1 main
screen_type 'kept=42; (while sleep 0.1; do echo >>ticks; done) &' Enter
screen_type 'echo begun' Enter
screen_wait '^begun'
for round in 1 2 3; do
	look 1
	screen_type clear Enter
	sg_wait_for is_cleared || fail "not cleared: $(screen_show)"
	screen_wait '^ready> *$'
	sg pause "$SG_SANDBOX"
	screen_wait 'sandgate: paused by .*; it goes on when'
	screen_type "echo late-$round-\$kept" Enter
	sleep 1
	! screen_has "^late-$round-42" || fail 'it ran while paused'
	is_paused || fail 'typing resumes it'
	sg resume "$SG_SANDBOX"
	screen_wait 'sandgate: resumed'
	screen_wait "^late-$round-42"
done

# Another one comes while it is paused, which has it go on for both.
sg pause "$SG_SANDBOX"
is_paused || fail 'not paused'
attach 2 main
screen_wait '^late-3-42'
! is_paused || fail 'it is paused, and somebody came'
screen_type 'echo both-$kept' Enter
screen_wait '^both-42'
look 1
screen_wait '^both-42'

# And they go while it is.
sg pause "$SG_SANDBOX"
vanish 1
vanish 2
is_paused || fail 'who goes resumes it'
sg resume "$SG_SANDBOX"
attach 3 main
screen_wait '^both-42'
screen_type 'clear; a=$(wc -l <ticks); sleep 1; b=$(wc -l <ticks)' Enter
screen_type 'echo $((b > a && kept == 42)) goes on' Enter
screen_wait '^1 goes on'
