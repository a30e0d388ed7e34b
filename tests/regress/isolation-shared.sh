#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: what the kernel has one of for the whole host (tables, socket memory,
# asynchronous requests) is not one sandbox's to take.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

# Asynchronous requests: fs.aio-max-nr is the host's.
defended aio-context
# Unread messages: buffers nobody is charged for stay as they are.
defended raised-buffer netlink
defended raised-buffer unix
# Neighbours: no address becomes one but the gateway.
defended neighbours 200
# Flows of a sandbox with itself.
defended loopback-flows 2000
echo "$attacks attacks refused"

# Programs that ask are told that it worked, and go on.
assert_eq 'options of sockets' "$(attack_inside root socket-options)" worked
# Core dumps are files, or nothing: core-dumps.sh has the other case.
[[ $(</proc/sys/kernel/core_pattern) == [\|@]* ]] ||
    assert_eq 'core dumps' "$(sg_ssh root 'ulimit -c 7; ulimit -Sc')" 7
# The host's, which is of no use inside.
for path in /proc/cmdline /proc/config.gz /proc/diskstats /proc/interrupts \
    /proc/pressure /sys/kernel/vmcoreinfo; do
	[ -e "$path" ] || continue
	assert_eq "$path" "$(sg_ssh root "cat $path/* $path 2>/dev/null |
	    wc -c")" 0
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
