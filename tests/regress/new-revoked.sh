#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: a token revoked while "new" makes a sandbox gets neither a session nor the
# sandbox, not even one to keep.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-new.sh
. "$here/lib-new.sh"
needs_product 'create on connect'

workers()
{
	sg_children "$(sg_pid sandboxd)" sandboxd-worker
}
created()
{
	grep -c 'capability opened .* rights=0x6 ' "$SG_LOG/sandboxd.log" || true
}
has_asked()
{
	[ "$(created)" -gt "$before" ]
}
at_exit 'kill -CONT $(workers)'
sg list --json | sg_ids | sort >"$tmp/before"
nothing_new()
{
	# One of an earlier test may be gone since.
	sg list --json | sg_ids | sort | comm -13 "$tmp/before" - >"$tmp/new"
	[ ! -s "$tmp/new" ]
}

n=$RANDOM$RANDOM
for user in new new+keep; do
	token=$(new_token "$user-$n")
	before=$(created)
	# shellcheck disable=SC2046
	kill -STOP $(workers)
	secret_login "$user" "$token" >"$tmp/late" &
	login=$!
	sg_wait_for has_asked || fail "$user: nothing is being made"
	sleep 0.3
	sg token revoke "$(token_id "$user-$n")"
	# Its two steps may take 30 s each where nobody says no.
	sg_within 200 sg_is_dead "$login" || fail "$user: not refused at once"
	assert_match "$user" "$(cat "$tmp/late")" 'denied.*exit (255|5)$'
	# shellcheck disable=SC2046
	kill -CONT $(workers)
	sg_within 300 nothing_new || fail "$user: left: $(sg list)"
done
# By the broker, or by sandboxd, which is told of the end as well.
grep -q 'sandbox undone: id=' "$SG_LOG/gateway.log" "$SG_LOG/sandboxd.log" ||
    grep -q 'peer dropped audit=.* reason="revoked"' "$SG_LOG/sandboxd.log" ||
    fail 'none was undone'
