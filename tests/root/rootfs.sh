#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 2: the root file system behaves the same whichever way it is mounted;
# `attached` is what kernels before 6.13 get, and `auto` must choose it there.
. "$(dirname "$0")/instance.sh"
for way in auto detached attached; do
	configure rootfs=$way
	start
	if ! id=$(create 2>"$work/create") || [ -z "$id" ]; then
		[ $way = detached ] && grep -q 'by descriptor: ' "$work/create" ||
			fail "$way: $(cat "$work/create")"
		echo "not on this kernel: $(cat "$work/create")"
		stop
		continue
	fi
	rpc exec "$id" 'set -e
		touch /root/new; [ "$(stat -c %u:%g /root/new)" = 0:0 ]
		chown 1000:1000 /root/new; [ "$(stat -c %u /root/new)" = 1000 ]
		echo more >>/etc/passwd
		rm /etc/issue; [ ! -e /etc/issue ]
		mv /usr/share/doc /usr/share/doc2; [ -d /usr/share/doc2 ]
		chmod u+s /root/new; [ -u /root/new ]' || fail "$way: writing"
	disk=$(find "$work/state/disks" -path "*$id/up/root/new")
	check 1000 "$(stat -c %u "$disk")" "$way: owner on disk"
	[ -e "$template/etc/issue" ] || fail "$way: the template was changed"
	check 0 "$(grep -c "$work/run/mnt" /proc/self/mountinfo)" "$way: mounts"
	rpc destroy "$id"
	stop
done
check "" "$(remains)" remains
echo passed
