#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: what the log says of a request has the id that its answer had, in every
# dialect; of one that went well, or was the client's fault, it says nothing.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

seen=
# request_id: of the last answer, which no other had.
request_id()
{
	id=$(tr -d '\r' <"$tmp/head" | sed -n 's/^x-request-id: //Ip')
	[[ $id = req_* && $seen != *"$id"* ]] || fail "its id: $id"
	seen+="$id "
}
lines() { cat "$SG_LOG"/*.log | grep -c "request=$1 " || true; }

row 'well' 200 GET /v1/sandboxes
request_id
assert_eq 'lines of one that went well' "$(lines "$id")" 0
row 'its own fault' 404 GET /v1/sandboxes/sb_0000000000000
request_id
assert_eq 'lines of what is not there' "$(lines "$id")" 0
assert_eq 'the id in the words' "$(answer .error.request_id)" "$id"

kill_hard "$(sg_pid sandboxd)"
at_exit 'sg_is_alive "$(sg_pid sandboxd)" || sg_start sandboxd'
while read -r what path; do
	row "$what" 503 GET "$path"
	request_id
	assert_eq "$what: lines" "$(lines "$id")" 1
	assert_match "$what" "$(cat "$SG_LOG"/*.log | grep "request=$id ")" \
	    "GET /.* failed: .*status=503"
done <<'END'
ours /v1/sandboxes
E2B /v2/sandboxes
Sandbase /sandboxes/sb_0000000000000/envs
Sandbox0 /api/v1/sandboxes
END
# Nothing is said of any request without one.
assert_eq 'lines without' "$(cat "$SG_LOG"/gateway*.log |
    grep ' failed: .*status=' | grep -vc 'request=req_' || true)" 0
sg_start sandboxd
