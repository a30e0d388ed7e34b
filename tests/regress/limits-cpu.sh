#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a spinning sandbox gets its share and harms no neighbour.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --cpus 0.5 2>/dev/null)
at_exit 'sg destroy "$id"'
# What is left over of a period may be used in one after it, as much again.
for file in /sys/fs/cgroup/{cpu,unified,.}/"$SG_CGROUP/$id"/cpu.{cfs_burst_us,max.burst}
do
	[ ! -e "$file" ] || assert_eq 'burst' "$(cat "$file")" 10000
done
# Four processes spin for four seconds; prints the CPU milliseconds they got.
spin='import os, resource, time
children = []
for n in range(3):
    child = os.fork()
    if child == 0:
        break
    children.append(child)
end = time.monotonic() + 4
while time.monotonic() < end:
    pass
if len(children) < 3:
    os._exit(0)
for child in children:
    os.waitpid(child, 0)
print(sum(int(1000 * (u.ru_utime + u.ru_stime)) for u in (
    resource.getrusage(resource.RUSAGE_SELF),
    resource.getrusage(resource.RUSAGE_CHILDREN))))'
before=$(exec_ms other)
sg exec "$id" -- python3 -c "$spin" >"$tmp/inside" &
spinner=$!
sleep 1
assert_unharmed 'spinner' "$before"
wait "$spinner"
inside=$(cat "$tmp/inside")
outside=$(/usr/bin/python3 -c "$spin")
echo "CPU in 4 s: $inside ms with half a CPU, $outside ms without a limit"
# Half of 4 s, and what the last period and the ends of the forks add.
[ "$inside" -lt 3000 ] || fail 'it got more than its half'
[ "$outside" -gt "$inside" ] ||
    echo 'cannot be shown here: the host itself gives no more'
