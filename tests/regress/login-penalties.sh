#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a source that misbehaves is refused for a time, and it alone.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'penalties'
# shellcheck source=tests/regress/lib-penalty.sh
. "$here/lib-penalty.sh"
# Two failures make a penalty of more than 21 s where they are within 3 s.
gateway_with 'penalty_auth_failure = 12' 'penalty_min = 21' \
    'penalty_grace = 60' '[ssh]' 'login_grace = 3'

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

# Who lets the time pass, and who crashes a session, are out at once.
assert_match 'login grace' "$(hold 127.0.0.11 1 9)" $'ready\n0'
assert_eq 'after the grace' "$(from 127.0.0.11)" 255
zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
{ sg_children "$zygote" gateway-session || :; } | sort >"$tmp/before"
hold 127.0.0.12 1 2 >"$tmp/held" &
sg_wait_for grep -q ready "$tmp/held"
sg_children "$zygote" gateway-session | sort >"$tmp/after"
kill -KILL "$(comm -13 "$tmp/before" "$tmp/after")"
wait $!
assert_eq 'after a crash' "$(from 127.0.0.12)" 255
assert_match 'audit' "$(tail -n 5 "$SG_LOG/audit.log")" 'session crashed'
