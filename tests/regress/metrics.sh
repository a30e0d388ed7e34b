#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: what sandboxes use: CPU, memory, disk, processes and network, now and
# before, by the API, the command line, Prometheus's lines and E2B's two routes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product metrics
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"

id=$(sg create --memory 256M --cpus 0.5 --disk 64M --pids 77 2>/dev/null)
at_exit 'sg destroy "$id"'
metrics=/v1/sandboxes/$id/metrics
row 'one that has done nothing' 200 GET "$metrics"
assert_eq 'limits' "$(answer '.metrics[-1] | .cpu.limit,
    .memory.limit_bytes, .processes.limit, .sandbox' | paste -sd' ')" \
    "0.5 268435456 77 $id"

# A second of CPU, 48 MiB of memory in the hands of one of three processes, and
# 16 MiB of a file.
sg exec "$id" -- sh -c '
	dd if=/dev/urandom of=f bs=1M count=16 2>/dev/null; sync
	end=$(($(date +%s%N) / 1000000 + 1000))
	while [ $(($(date +%s%N) / 1000000)) -lt "$end" ]; do :; done' ||
    fail 'what is to be used'
sg exec -d "$id" -- sh -c 'x=$(head -c 48M /dev/zero | tr "\0" x); sleep 300'
sg exec -d "$id" -- sleep 300
enough='.metrics[-1] | .cpu.total_ms > 300 and
    .memory.used_bytes > 48 * 1048576 and .memory.used_bytes <= 268435456 and
    .processes.used >= 4 and .processes.used < 77 and
    (.disk.limit_bytes == 0 or
	(.disk.used_bytes > 16 * 1048576 and .disk.limit_bytes == 67108864))'
is_enough()
{
	ask GET "$metrics" >/dev/null && answer "$enough" | grep -qx true
}
sg_wait_for is_enough || fail "$(cat "$tmp/answer")"
assert_eq 'CPU: at least 0.05 once, and never far over its limit' \
    "$(answer '[.metrics[].cpu.used] | max > 0.05 and max < 0.9')" true
assert_eq 'in order' "$(answer '.metrics | map(.at) | . == sort')" true
assert_eq 'its share' "$(answer '.metrics | all((.cpu.percent -
    .cpu.used * 200) | . > -1 and . < 1)')" true

# What it is sent, which is counted when it does something.
before=$(answer '.metrics[-1].network.received_bytes')
address=$(sg get "$id" --json | jq -r .address)
for _ in 1 2 3; do
	head -c 1000 /dev/zero >"/dev/udp/$address/9" || true
done
has_received()
{
	sg exec "$id" -- true && ask GET "$metrics" &&
	    [ "$(answer '.metrics[-1].network.received_bytes')" -ge \
		$((before + 3000)) ]
}
sg_wait_for has_received || fail "$before: $(cat "$tmp/answer")"

# A part of it, and what is no part.
row 'from then on' 200 GET "$metrics?from=$(answer '.metrics[-1].at')"
assert_match 'how many' "$(answer '.metrics | length')" '^[12]$'
row 'one an hour' 200 GET "$metrics?step=1h"
assert_eq 'the first and the last' "$(answer '.metrics | length')" 2
row 'until long ago' 200 GET "$metrics?to=2020-01-01T00:00:00Z"
assert_eq 'none' "$(answer '.metrics | length')" 0
row 'no time' 400 GET "$metrics?from=yesterday"
row 'no step' 400 GET "$metrics?step=x"
row 'no such' 404 GET /v1/sandboxes/sb_000000000000/metrics

row 'of all' 200 GET /v1/metrics
assert_eq 'it is among them' "$(jq -r --arg id "$id" '[.metrics[] | select(.sandbox == $id)] | length' \
    "$tmp/answer")" 1
assert_match 'command line' "$(sg metrics | grep "^$id")" \
    "^$id +[0-9.]+ of 0\.5 +[0-9.]+s +[0-9.]+M of 256M "
assert_match 'of one' "$(sg metrics "$id" --step 1h | head -1)" \
    '^AT +CPU +CPU TIME +MEMORY +DISK +PROCESSES +RECEIVED +SENT'
row 'Prometheus' 200 GET '/metrics?sandboxes=1'
for figure in cpu_seconds_total memory_bytes network_received_bytes_total; do
	assert_match "$figure" "$(grep -F \
	    "sandgate_sandbox_$figure{sandbox=\"$id\"}" "$tmp/answer")" \
	    ' [0-9.]+$'
done

# As E2B's clients have it.
row 'E2B: one' 200 GET "/sandboxes/sb-${id#sb_}/metrics?start=1&end=4000000000"
assert_eq 'E2B: its figures' "$(answer '.[-1] | .cpuCount, .memTotal,
    (.timestampUnix - (.timestamp | sub("\\..*"; "Z") | fromdate)),
    (.memUsed > 48 * 1048576)' | paste -sd' ')" '1 268435456 0 true'
row 'E2B: several' 200 GET \
    "/sandboxes/metrics?sandbox_ids=sb-${id#sb_},sb-000000000000"
assert_eq 'E2B: of those there are' "$(answer '.sandboxes | keys[]')" \
    "sb-${id#sb_}"
row 'E2B: no seconds' 400 GET "/sandboxes/$id/metrics?start=x"

# What is paused keeps what it has.
sg pause "$id" >/dev/null
row 'paused' 200 GET "$metrics"
[ "$(answer '.metrics | length')" -gt 0 ] || fail "$(cat "$tmp/answer")"
