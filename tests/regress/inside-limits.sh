#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: a program finds the limits of its sandbox where it looks for them, and
# cannot change them.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --memory 200M --cpus 1.5 --pids 300 2>/dev/null)
at_exit 'sg destroy "$id"'

# As Go (internal/runtime/cgroup), libuv and Python's loky find them: the group
# from /proc/self/cgroup, where it is mounted from /proc/self/mountinfo.
cat >"$tmp/find.py" <<'END'
import os, sys
def mounts():
    for line in open('/proc/self/mountinfo'):
        left, right = line.split(' - ')
        fields, (kind, _, options) = left.split(), right.split()
        yield kind, options.split(','), fields[3], fields[4]
def group(controller):
    two = None
    for line in open('/proc/self/cgroup'):
        _, names, path = line.rstrip('\n').split(':', 2)
        if controller in names.split(','):
            return 'cgroup', path
        if names == '':
            two = 'cgroup2', path
    return two
def read(controller, *names):
    kind, path = group(controller)
    for type, options, root, point in mounts():
        if type == kind and (kind == 'cgroup2' or controller in options):
            assert root == '/', root
            folder = point + path.rstrip('/')
            for name in names:
                if os.path.exists(folder + '/' + name):
                    return open(folder + '/' + name).read().split()
    sys.exit('no ' + controller)
memory = int(read('memory', 'memory.limit_in_bytes', 'memory.max')[0])
used = int(read('memory', 'memory.usage_in_bytes', 'memory.current')[0])
pids = int(read('pids', 'pids.max')[0])
count = int(read('pids', 'pids.current')[0])
cpu = read('cpu', 'cpu.cfs_quota_us', 'cpu.max')
period = (read('cpu', 'cpu.cfs_period_us', 'cpu.max') * 2)[-1 if
    len(cpu) == 2 else 0]
print(memory >> 20, pids, int(cpu[0]) / int(period),
    0 < used <= memory, 0 < count < 20)
END
assert_eq 'by name' "$(sg_ssh -l "$id" sandbox python3 - <"$tmp/find.py")" \
    '200 300 1.5 True True'
assert_eq 'as root' "$(sg_ssh -l "$id+root" sandbox python3 - \
    <"$tmp/find.py")" '200 300 1.5 True True'
assert_eq 'ulimit -u' "$(sg_ssh -l "$id" sandbox 'ulimit -Su; ulimit -Hu')" \
    $'300\n300'
read -r soft hard < <(sg_ssh -l "$id" sandbox 'echo $(ulimit -Sn; ulimit -Hn)')
[ "$soft" = 1024 ] && [ "$hard" -le 65536 ] || fail "ulimit -n: $soft $hard"
# A program of Go, which says how many threads it takes; it is older than Go
# 1.25, and so asks the scheduler where it is told nothing.
sg cp "$(command -v rclone)" "$id:/var/tmp/go" 2>/dev/null
threads()
{
	sg exec "$id" -- "$@" GODEBUG=schedtrace=1 /var/tmp/go config file \
	    2>&1 </dev/null | sed -n 's/^SCHED .*gomaxprocs=\([0-9]*\) .*/\1/p' |
	    head -n 1
}
assert_eq 'one that is told nothing' "$(threads env -u GOMAXPROCS)" "$(nproc)"
# nproc, and what asks OpenMP's way, where the limit is less than the host's.
# A limit of 1.5 is two; what the user says goes before it.
for cpus in 0.5 1 1.5; do
	sg set "$id" --cpus "$cpus" >/dev/null
	most=$(nproc) limit=${cpus%.*}
	[ "$cpus" = 1 ] || limit=$((limit + 1))
	wanted=$((limit < most ? limit : most))
	assert_eq "nproc of $cpus" "$(sg_ssh -l "$id" sandbox nproc)" "$wanted"
	assert_eq "of a process of $cpus" "$(sg exec "$id" -- nproc)" "$wanted"
	assert_eq "Go of $cpus" "$(threads env)" "$wanted"
	assert_eq "python of $cpus" "$(sg exec "$id" -- env -u OMP_NUM_THREADS \
	    python3 -c 'import os; print(os.cpu_count())')" "$wanted"
done
sg set "$id" --cpus 1 >/dev/null
other=$(sg create --cpus 1 --env OMP_NUM_THREADS=7 2>/dev/null)
at_exit 'sg destroy "$other"'
assert_eq 'one that is set' "$(sg exec "$other" -- printenv OMP_NUM_THREADS)" 7
assert_eq 'getconf' "$(sg_ssh -l "$id" sandbox getconf _NPROCESSORS_ONLN)" 1
# Nobody else's is there, and nothing can be written or made.
assert_eq 'others' "$(sg_ssh -l "$id+root" sandbox \
    'find /sys/fs/cgroup -mindepth 2 -type d | wc -l')" 0
assert_eq 'read-only' "$(sg_ssh -l "$id+root" sandbox '
	for file in $(find /sys/fs/cgroup -type f); do
		(echo 1 >"$file") 2>/dev/null && echo "$file"
	done
	mkdir /sys/fs/cgroup/new /sys/fs/cgroup/memory/new 2>/dev/null &&
	    echo made
	mount -o remount,rw /sys/fs/cgroup 2>/dev/null && echo mounted
	umount /sys/fs/cgroup/memory 2>/dev/null && echo unmounted; true')" ''
