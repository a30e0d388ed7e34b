#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a named terminal outlives all daemons and sessions, however they end.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
# shellcheck source=tests/regress/lib-terminal.sh
. "$here/lib-terminal.sh"
needs_product daemons

attach_new 1 "$terminal"
screen_type 'kept=42; seq 2000 2050; echo ready to go' Enter
screen_wait '^ready to go'
screen_wait '^ready> *$'
before=$(screen_show)

daemons=("$(sg_pid sandboxd)" "$(sg_pid gateway)")
for name in gateway-broker gateway-session gateway-http; do
	daemons+=("$(gateway_child $name)")
done
sessions=$(ps -o pid= --ppid "$(gateway_child gateway-session)")
kill_hard "${daemons[@]}"
for pid in $sessions; do
	kill_hard "$pid"
done
look 1
screen_wait '^status 255'
sg_start sandboxd
sg_start gateway
sg_wait_api || fail 'the API does not answer after the restart'

attach 2 "$terminal"
screen_wait '^ready to go'
screen_wait '^ready> *$'
assert_eq 'the screen' "$(screen_show)" "$before"
assert_eq 'scrollback' "$(show_all 2 | grep -cE '^20[0-9][0-9]$')" 51
screen_type 'exit $kept' Enter
screen_wait '^status 42'
