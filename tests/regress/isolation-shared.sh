#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: what the kernel has one of for the whole host (tables, socket memory,
# asynchronous requests) is not one sandbox's to take.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

# Asynchronous requests: fs.aio-max-nr is the host's.
defended aio-context
assert_match 'as on a kernel without them' "$(attack_inside root aio-context)" \
    'Function not implemented'
# Unread messages: buffers nobody is charged for stay as they are.
defended raised-buffer netlink
defended raised-buffer icmp
defended raised-buffer unix
# Neighbours: no address becomes one but the gateway.
defended neighbours 200
defended neighbours 200 6
# Flows of a sandbox with itself.
defended loopback-flows 2000
echo "$attacks attacks refused"

# Programs that ask are told that it worked, and go on.
assert_eq 'options of sockets' "$(attack_inside root socket-options)" worked
# Core dumps are files, or nothing: core-dumps.sh has the other case.
[[ $(</proc/sys/kernel/core_pattern) == [\|@]* ]] ||
    assert_eq 'core dumps' "$(sg_ssh root 'ulimit -c 7; ulimit -Sc')" 7
# The host's, which is of no use inside.
# First what Docker 28 masks (moby's oci/defaults.go), then what is ours.
for path in /proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys \
    /proc/latency_stats /proc/sched_debug /proc/scsi /proc/timer_list \
    /proc/timer_stats /sys/devices/virtual/powercap /sys/firmware \
    /sys/devices/system/cpu/cpu*/thermal_throttle \
    /proc/cmdline /proc/config.gz /proc/diskstats /proc/pressure \
    /sys/kernel/vmcoreinfo /sys/kernel/debug; do
	[ -e "$path" ] || continue
	assert_eq "$path" "$(sg_ssh root "{ find $path -mindepth 1
	    head -qc 64 $path/* $path; } 2>/dev/null | wc -c")" 0
	masked=$((${masked:-0} + 1))
done
[ "${masked:-0}" -ge 6 ] || fail "this host has $masked of what is masked"
# What it has read-only: nothing of it is written, not by mode or owner either.
for path in /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger; do
	[ -e "$path" ] || continue
	assert_match "$path" "$(sg_ssh root "chmod 777 $path 2>&1;
	    touch $path/new 2>&1; grep ' $path ' /proc/mounts" || true)" \
	    'Read-only file system.* ro,'
done
# Its disks, and what they are for others: whose there are, and how full.
# shellcheck disable=SC2016
look='find -L /sys/block /sys/class/block /sys/class/bdi /sys/dev/block \
    /sys/devices/virtual/bdi /sys/devices/virtual/block /sys/fs/fuse \
    /sys/fs/ext4 /sys/fs/xfs -mindepth 1 -maxdepth 2 2>/dev/null
    find /sys/devices -path "*/block/*" -name stat 2>/dev/null
    find /sys/fs/btrfs -name "0_*" 2>/dev/null'
[ -n "$(sh -c "$look")" ] || fail 'this host shows no disks'
for host in sandbox root; do
	assert_eq "disks of the host, $host" "$(sg_ssh $host "$look")" ''
done
# Flows with the world have a limit, and ordinary ones are far from it.
shopt -s nullglob
processes=(/sys/fs/cgroup/{memory,unified,.}/"$SG_CGROUP"/*/{main/,}cgroup.procs)
read -r pid < <(cat "${processes[@]}")
assert_match 'the limit of flows' "$(nsenter -t "$pid" -n nft list ruleset)" \
    'ct count over 16384'
# On version 1, socket buffers are not part of the memory limit: a quarter of
# it, and no more than a quarter of what the host has.
read -r _ _ pages </proc/sys/net/ipv4/tcp_mem
host=$((pages * $(getconf PAGESIZE) / 4))
for file in /sys/fs/cgroup/memory/"$SG_CGROUP"/*/memory.kmem.tcp.limit_in_bytes
do
	limit=$(<"${file%kmem.tcp.limit_in_bytes}limit_in_bytes")
	limit=$((limit / 4 < host ? limit / 4 : host))
	assert_eq "$file" "$(<"$file")" "$((limit / 4096 * 4096))"
done
