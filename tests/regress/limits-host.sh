#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: no sandbox gets more than the host has, and all together leave it some.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

# refused OPTION VALUE FIELD: names the field, what was asked, and whose bound
# it is.
refused()
{
	assert_eq "$1 $2" "$(status_of sg create "$1" "$2" 2>"$tmp/err")" 1
	assert_match "$1 $2" "$(cat "$tmp/err")" \
	    "$3: [0-9]+ is not from [0-9]+ to [0-9]+, the most that this host"
}

refused --memory 1000G memory_limit_bytes
refused --cpus 1000 cpu_limit_millis
refused --disk 16000G disk_limit_bytes
refused --pids 1000000 pids_limit

# What is told is what is allowed.
share=$(sg status --json |
    jq '.sandboxd.resources[] | select(.name == "processes") | .share')
id=$(sg create --pids "$share" 2>"$tmp/err") || fail "$(cat "$tmp/err")"
at_exit 'sg destroy "$id"'
assert_eq 'the most' "$(sg get "$id" --json | jq .limits.pids)" "$share"
refused --pids "$((share + 1))" pids_limit

# limit_of TREE FILE: of all sandboxes together.
limit_of()
{
	cat /sys/fs/cgroup/{"$1"/,}"$SG_CGROUP/$2" 2>/dev/null || true
}

memory=$(limit_of memory memory.limit_in_bytes)
memory=${memory:-$(limit_of unified memory.max)}
pids=$(limit_of pids pids.max)
has=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) * 1024))
[ "$memory" -le $((has - has / 4)) ] && [ "$memory" -ge $((has / 2)) ] ||
    fail "memory of all: $memory of $has"
has=$(cat /proc/sys/kernel/{pid_max,threads-max} | sort -n | head -n 1)
assert_eq 'processes of all' "$pids" "$((has - has / 8))"

# Tables that are as small as kernels set out with are the operator's to raise
# (etc/sysctl.conf), and he is told.
warned()
{
	grep -q "$1 is low" "$SG_LOG/sandboxd.log"
}
read -r pid_max </proc/sys/kernel/pid_max
[ "$pid_max" -gt 32768 ] || warned kernel.pid_max ||
    fail "$pid_max processes, and nobody is told"
read -r terminals </proc/sys/kernel/pty/max
[ "$terminals" -ge $((1000 * 256)) ] || warned kernel.pty.max ||
    fail "$terminals terminals, and nobody is told"

# Whether the kernel's console has each process that is killed for memory is the
# operator's to say, and he is told.
read -r level _ </proc/sys/kernel/printk
[ "$level" -le 3 ] || grep -q 'kernel.printk has' "$SG_LOG/sandboxd.log" ||
    fail "the kernel's console has errors, and nobody is told"
