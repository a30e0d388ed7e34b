#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: what strangers make the gateway's processes take is bounded, all of them
# together, and these go before anything else where the host has no memory left.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$(dirname "$0")/lib-session.sh"
needs_product 'the processes of the gateway'

session_begin sandbox
gateway=$(sg_pid gateway)
for program in gateway-broker gateway-session gateway-http gateway-lobby \
    gateway-proxy gateway-resolve gateway-webhook gateway-depot; do
	pid=$(sg_children "$gateway" "$program")
	[ -n "$pid" ] || fail "no $program"
	pids+=("$pid")
	[ "$program" != gateway-resolve ] || resolver=$pid
done
relay=$(sg_children "$resolver" gateway-relay)
[ -n "$relay" ] || fail 'no gateway-relay'
pids+=("$relay")
for pid in "${pids[@]}" "$session"; do
	assert_match "groups of $(cat "/proc/$pid/comm")" \
	    "$(grep -E '(:memory:|^0::)' "/proc/$pid/cgroup")" \
	    "/$SG_CGROUP-gateway"
done
for pid in "${pids[@]:1}" "$session"; do
	score=$(cat "/proc/$pid/oom_score_adj")
	[ "$score" -gt 0 ] || fail "$(cat "/proc/$pid/comm"): a score of $score"
done

# limit_of TREE FILE: of the group.
limit_of()
{
	cat "/sys/fs/cgroup/$1/$SG_CGROUP-gateway/$2" \
	    "/sys/fs/cgroup/$SG_CGROUP-gateway/$3" 2>/dev/null || true
}

has=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) * 1024))
memory=$(limit_of memory memory.limit_in_bytes memory.max)
[ "$memory" -le $((has / 8)) ] && [ "$memory" -ge $((has / 16)) ] ||
    fail "memory of the gateway: $memory of $has"
[ "$(limit_of pids pids.max pids.max)" -le 8256 ] ||
    fail "processes of the gateway: $(limit_of pids pids.max pids.max)"
