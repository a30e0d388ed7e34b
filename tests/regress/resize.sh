#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a sandbox gets other limits while it runs, and its processes live on; less
# memory than is in use is refused, and kills nobody. What was answered stays
# after sandboxd was killed and after a wake.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product limits

id=$(sg create --size shared-1x --disk 64M 2>"$tmp/err") ||
    fail "$(cat "$tmp/err")"
at_exit 'sg destroy "$id" 2>/dev/null || true'
limits()
{
	sg get "$id" --json | jq -c '[.limits.memory_bytes / 1048576,
	    .limits.cpu, .limits.pids, .limits.disk_bytes / 1048576]'
}
# As a program inside finds them, by either version.
inside()
{
	sg exec "$id" -- sh -c 'cd /sys/fs/cgroup
	    cat memory.max memory/memory.limit_in_bytes \
	    cpu.max cpu/cpu.cfs_quota_us pids.max pids/pids.max 2>/dev/null |
	    cut -d " " -f 1 | tr "\n" " "'
}
assert_eq 'by name' "$(limits)" '[256,1,4096,64]'
assert_match 'no such size' "$(sg create --size huge 2>&1 || true)" \
    'size: "huge" is not one of shared-1x, shared-2x'

# A process that holds 150 MB, and goes on counting.
sg exec "$id" -- sh -c 'cat >hold.py <<END
import time
held = bytearray(150 << 20)
n = 0
while True:
    n += 1
    open("/tmp/count", "w").write(str(n))
    time.sleep(0.05)
END
setsid python3 hold.py >/dev/null 2>&1 </dev/null &
for i in $(seq 300); do [ -s /tmp/count ] && break; sleep 0.1; done'
sg set "$id" --memory 512M --cpus 0.5 --pids 200 --disk 128M >/dev/null
assert_eq 'told' "$(limits)" '[512,0.5,200,128]'
assert_eq 'in force' "$(inside)" '536870912 10000 200 '
assert_eq 'the disk' "$(sg exec "$id" -- sh -c \
    'head -c 100M /dev/urandom >big && wc -c <big')" 104857600
assert_match 'less than is in use' "$(sg set "$id" --memory 64M 2>&1 || true)" \
    'memory: [0-9]+ bytes are in use, more than 67108864'
assert_match 'a disk only grows' "$(sg set "$id" --disk 64M 2>&1 || true)" \
    'disk_limit_bytes: 67108864 is less than what it has, 134217728'
assert_match 'too much' "$(sg set "$id" --memory 1023G 2>&1 || true)" \
    'memory_limit_bytes: .* the most that this host can give'
assert_eq 'as it was' "$(limits) $(inside)" '[512,0.5,200,128] 536870912 10000 200 '
sg set "$id" --memory 300M --ttl 1h >/dev/null
assert_eq 'down, and its time' "$(limits) $(sg get "$id" --json | jq .ttl)" \
    '[300,0.5,200,128] 3600'
before=$(sg exec "$id" -- cat /tmp/count)
assert_eq 'lives on' "$(sg exec "$id" -- sh -c "for i in \$(seq 300); do
    [ \"\$(cat /tmp/count)\" -gt $before ] && break; sleep 0.1; done
    pgrep -xc python3")" 1

# Over a crash, and on the next start.
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api || fail 'the API does not answer after the crash'
assert_eq 'after a crash' "$(limits) $(inside)" \
    '[300,0.5,200,128] 314572800 10000 200 '
sg stop "$id" >/dev/null
sg set "$id" --size shared-2x --pids 300 >/dev/null
assert_eq 'while suspended' "$(limits)" '[512,2,300,128]'
sg wake "$id" >/dev/null
assert_eq 'awake' "$(inside)" '536870912 40000 300 '
