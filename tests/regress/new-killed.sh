#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: whoever dies, an ephemeral sandbox goes, and not before its time.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
# shellcheck source=tests/regress/lib-new.sh
. "$here/lib-new.sh"
needs_product daemons

# begin: a connection in $client, its session in $session, its sandbox in $id.
begin()
{
	local zygote

	zygote=$(gateway_child gateway-session)
	ps -o pid= --ppid "$zygote" | sort >"$tmp/before" || true
	: >"$tmp/out"
	ssh -F "$SG_SSH_CONFIG" -l new sandbox 'hostname; sleep 300' \
	    >"$tmp/out" 2>/dev/null &
	client=$!
	at_exit "kill $client"
	sg_wait_for grep -q sb_ "$tmp/out" || fail 'no sandbox'
	id=$(cat "$tmp/out")
	session=$(ps -o pid= --ppid "$zygote" | sort |
	    comm -13 "$tmp/before" - | tr -d ' ')
}
begin
kill_hard "$client"
assert_ends "$id"

begin
kill_hard "$session"
assert_ends "$id"

# The rest of the gateway: the session lives on, and so does its sandbox.
begin
kill_hard "$(gateway_child gateway-broker)"
sg_wait_api || fail 'no API'
sleep 8
sg_is_alive "$client" && is_listed "$id" || fail 'it ended with the broker'

# sandboxd: what it knew of capabilities is gone, who is attached is not.
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api || fail 'no API'
sleep 8
sg_is_alive "$client" && is_listed "$id" || fail 'it ended with sandboxd'
kill_hard "$client"
assert_ends "$id"

# Both at once: nobody was there to see the client leave.
begin
kill_hard "$(sg_pid sandboxd)" "$client" "$session"
sg_start sandboxd
sg_wait_api || fail 'no API'
assert_ends "$id"
