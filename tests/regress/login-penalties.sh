#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a source that misbehaves is refused for a time, and it alone.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'penalties'
# shellcheck source=tests/regress/lib-penalty.sh
. "$here/lib-penalty.sh"
# Two failures make a penalty of more than 45 s where they are within 15 s.
gateway_with 'penalty_auth_failure = 30' 'penalty_min = 45' \
    'penalty_grace = 90' 'penalty_crash = 90'

fail_from()
{
	assert_eq "wrong key from $1" "$(status_of sg_ssh -b "$1" -l \
	    "$SG_SANDBOX" -i "$SG_DIR/wrong" bare true 2>/dev/null)" 255
}

# It grows, refuses, and fades; others and what is open do not notice.
assert_eq 'before' "$(from 127.0.0.9)" 0
coproc open { sg_ssh -b 127.0.0.9 sandbox cat; }
fail_from 127.0.0.9
assert_eq 'one failure' "$(from 127.0.0.9)" 0
fail_from 127.0.0.9
assert_eq 'two failures' "$(from 127.0.0.9)" 255
assert_match 'words' "$(sg_ssh -v -b 127.0.0.9 sandbox true 2>&1 || true)" \
    'Not allowed at this time'
assert_eq 'another source' "$(from 127.0.0.10)" 0
for _ in 1 2 3 4; do
	fail_from 127.0.0.1
done
assert_eq 'the exempt source' "$(from 127.0.0.1)" 0
echo still >&"${open[1]}"
read -r -t 20 line <&"${open[0]}"
assert_eq 'the open session' "$line" still
eval "exec ${open[1]}>&-"
assert_match 'audit' "$(grep '"from":"127.0.0.9"' "$SG_LOG/audit.log")" \
    'source_refused.*failed authentication'
has_faded()
{
	[ "$(from 127.0.0.9)" = 0 ]
}
sg_wait_for has_faded || fail 'it does not fade'

# Who crashes a session, and who lets the time pass, are out at once.
zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
{ sg_children "$zygote" gateway-session || :; } | sort >"$tmp/before"
hold 127.0.0.12 1 30 >"$tmp/held" &
holder=$!
is_forked()
{
	sg_children "$zygote" gateway-session | sort |
	    comm -13 "$tmp/before" - >"$tmp/forked"
	[ -s "$tmp/forked" ]
}
sg_wait_for is_forked || fail 'no session for who says nothing'
kill -KILL "$(cat "$tmp/forked")"
wait "$holder"
assert_eq 'after a crash' "$(from 127.0.0.12)" 255
assert_match 'audit' "$(tail -n 5 "$SG_LOG/audit.log")" 'session crashed'

printf '[ssh]\nlogin_grace = 3\n' >>"$SG_CONF"
sg_stop gateway
sg_start gateway
sg_wait_api || fail 'the gateway does not start anew'
assert_match 'login grace' "$(hold 127.0.0.11 1 20)" $'ready\n0'
assert_eq 'after the grace' "$(from 127.0.0.11)" 255
