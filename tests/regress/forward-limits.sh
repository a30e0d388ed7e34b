#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: forwards of one connection are counted, bounded, audited and given back.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$here/lib-session.sh"
needs_product limits

max=256 listeners=32 # the defaults of max_forwards and max_listeners
serve sandbox 18141
port=$(free_port)
export SG_SSH_CONFIG=$tmp/config
printf 'Host sandbox\nLocalForward %s 127.0.0.1:18141\n' "$port" |
    cat - "$SG_DIR/ssh_config" >"$tmp/config"
printf 'ControlPath %s/ctl.held\nControlMaster auto\n' "$tmp" |
    cat "$tmp/config" - >"$tmp/held"
SG_SSH_CONFIG=$tmp/held session_begin sandbox
descriptors()
{
	find "/proc/$session/fd" | wc -l
}
before=$(descriptors)
lines=$(grep -c '"event":"forward"' "$SG_LOG/audit.log" || true)
start=$(now_ms)
assert_eq 'connections at once' "$(peer_at local many "$port" $((max + 40)))" \
    $max
is_given_back()
{
	[ "$(descriptors)" -le "$before" ]
}
sg_wait_for is_given_back ||
    fail "$(descriptors) descriptors, $before before"
assert_eq 'and again' "$(peer_at local many "$port" 100)" 100
# The log holds a bounded number, and says what it left out.
lines=$(($(grep -c '"event":"forward"' "$SG_LOG/audit.log") - lines))
minutes=$((($(now_ms) - start) / 60000 + 1))
[ "$lines" -ge 120 ] && [ "$lines" -le $((120 * minutes)) ] ||
    fail "$lines lines in the log within $minutes min"
assert_match 'a line' "$(grep '"event":"forward"' "$SG_LOG/audit.log" |
    tail -n 1)" "\"sandbox\":\"$SG_SANDBOX\",\"kind\":\"dial_tcp\",\
\"target\":\"127.0.0.1\",\"port\":\"18141\""
for ((n = 1; n <= listeners; n++)); do
	ssh -F "$tmp/held" -O forward -R "0:127.0.0.1:$n" sandbox \
	    >>"$tmp/ports"
done
assert_eq 'listeners' "$(sort -u "$tmp/ports" | wc -l)" $listeners
assert_match 'one more' "$(ssh -F "$tmp/held" -O forward \
    -R 0:127.0.0.1:99 sandbox 2>&1 || true)" 'remote port forwarding failed'
# One less and one more, which the session reads at once.
kill -STOP "$session"
ssh -F "$tmp/held" -O cancel -R 0:127.0.0.1:1 sandbox
ssh -F "$tmp/held" -O forward -R 0:127.0.0.1:98 sandbox >"$tmp/instead" &
asked=$!
sleep 0.3
kill -CONT "$session"
wait "$asked"
assert_match 'one instead' "$(cat "$tmp/instead")" '^[0-9]+$'
session_end
sg_wait_for grep -q '"event":"forwards_left_out"' "$SG_LOG/audit.log" ||
    fail 'nothing says what was left out'

# A reader that has stopped costs a bounded amount, on every machine.
serve sandbox 18142 stall
slow=$(free_port)
printf 'Host sandbox\nLocalForward %s 127.0.0.1:18142\n' "$slow" |
    cat - "$SG_DIR/ssh_config" >"$tmp/config"
SG_SSH_CONFIG=$tmp/config session_begin sandbox
memory()
{
	awk '/^VmRSS/ { print $2 }' "/proc/$session/status"
}
idle=$(memory)
peer_at local copy "$slow" </dev/zero >/dev/null 2>&1 &
at_exit "end_job $!"
# What the stopped reader leaves unread has begun to come.
has_grown()
{
	[ "$(memory)" -gt $((idle + 256)) ]
}
sg_wait_for has_grown || fail "nothing is on its way: $(memory) KiB"
first=$(settled memory)
sleep 4
echo "resident: $idle KiB, $first KiB, $(memory) KiB"
[ "$(memory)" -le $((first + 1024)) ] || fail 'memory grows'
