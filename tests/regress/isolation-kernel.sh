#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: root of a sandbox gets nothing of the kernel that could harm.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

defended mknod-char 1 11
defended read /dev/kmsg
defended read /dev/mem
defended read /proc/kcore
defended read /proc/timer_list
defended write /proc/sysrq-trigger h
for setting in core_pattern printk panic modprobe; do
	defended rewrite /proc/sys/kernel/$setting
done
defended rewrite /proc/sys/vm/overcommit_memory
defended rewrite /proc/sys/fs/file-max
defended rewrite /sys/kernel/mm/transparent_hugepage/defrag
defended rewrite /sys/kernel/uevent_helper
for name in bpf perf ring key open-tree userfaultfd syslog acct ctrl-alt-del \
    vsock algorithm-socket; do
	defended $name
done
# New namespaces: user, mount, network, pid, uts, ipc, cgroup.
[ -n "${SG_NESTING:-}" ] || defended user-namespace-root
[ -n "${SG_NESTING:-}" ] || defended unshare 10000000
for flag in 20000 40000000 20000000 4000000 8000000 2000000; do
	defended unshare $flag
done
for kind in tmpfs proc sysfs devpts overlay cgroup mqueue; do
	defended mount $kind
done
defended bind /etc
defended remount /proc
defended unmount /proc
refused_inside unmount /sys
refused_inside unmount /dev
# No group control from inside: neither limits nor a release agent, and no group
# but its own is to be seen.
for file in memory.limit_in_bytes pids.max cpu.cfs_quota_us memory.max cpu.max \
    cgroup.procs release_agent; do
	for folder in /sys/fs/cgroup /sys/fs/cgroup/{memory,pids,cpu}; do
		refused_inside write $folder/$file 1
	done
done
assert_eq 'groups of others' "$(sg_ssh root \
    'find /sys/fs/cgroup -mindepth 2 -type d')" ''
echo "$attacks attacks refused"

status=$(sg_ssh root 'cat /proc/self/status')
for field in CapInh CapPrm CapEff CapBnd CapAmb Seccomp NoNewPrivs; do
	grep "^$field:" <<<"$status"
done
assert_match 'a filter is loaded' "$status" $'\nSeccomp:\t2'
# sys_admin 21, sys_module 16, sys_rawio 17, sys_boot 22, sys_time 25,
# mac 32 33, syslog 34, bpf 39, perfmon 38: in no set, not even the bounding.
bounding=$((16#$(sed -n 's/^CapBnd:\t//p' <<<"$status")))
for bit in 16 17 21 22 25 32 33 34 38 39; do
	assert_eq "capability $bit" $(((bounding >> bit) & 1)) 0
done
