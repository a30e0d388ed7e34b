#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: every process that reads the network is jailed.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$here/lib-session.sh"
needs_product sessions

# field PID NAME: a line of /proc/PID/status.
field()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}
net=$(id -u sandgate-net)
session_begin sandbox
for pid in "$session" "$(sg_children "$(sg_pid gateway)" gateway-session)" \
    "$(sg_children "$(sg_pid gateway)" gateway-http)" \
    "$(sg_children "$(sg_pid gateway)" gateway-lobby)" \
    "$(sg_children "$(sg_pid gateway)" gateway-proxy)"; do
	name="$(cat "/proc/$pid/comm") ($pid)"
	echo "$name"
	assert_eq "$name: users" "$(field "$pid" Uid | tr '\t' ' ')" \
	    "$net $net $net $net"
	assert_eq "$name: groups" "$(field "$pid" Groups | tr -d ' ')" ''
	for set in CapInh CapPrm CapEff CapAmb; do
		assert_eq "$name: $set" "$(field "$pid" $set)" 0000000000000000
	done
	assert_eq "$name: no_new_privs" "$(field "$pid" NoNewPrivs)" 1
	assert_eq "$name: filter" "$(field "$pid" Seccomp)" 2
	assert_eq "$name: root" "$(readlink "/proc/$pid/root")" "$SG_RUN/empty"
	assert_eq "$name: empty" "$(ls -A "/proc/$pid/root/")" ''
	assert_eq "$name: its folder" "$(stat -c '%a %U' "$SG_RUN/empty")" \
	    '555 root'
	# Not dumpable: what the kernel shows of it belongs to root.
	assert_eq "$name: not dumpable" "$(stat -c %U "/proc/$pid/fd")" root
	# What its connections want: of gateway-http, http-limits has the sum.
	most=4096
	[[ $name != gateway-http* ]] || most=32832
	[ "$(awk '/^Max open files/ { print $5 }' "/proc/$pid/limits")" -le \
	    "$most" ] || fail "$name: may open too many files"
	assert_match "$name: cores" "$(grep 'Max core' "/proc/$pid/limits")" \
	    'size +0 +0'
	# What it holds: sockets, pipes and the like; no file but the log.
	for fd in "/proc/$pid/fd"/*; do
		target=$(readlink "$fd") || continue
		case $target in
		socket:* | pipe:* | anon_inode:* | /dev/null) ;;
		/dev/pts/ptmx | /dev/ptmx | /ptmx | /dev/pts/[0-9]*) ;;
		"$SG_LOG"/gateway.log) grep -q '^flags:.*1$' \
		    "/proc/$pid/fdinfo/${fd##*/}" || fail "$name: reads $target" ;;
		*) fail "$name holds $target" ;;
		esac
	done
done
assert_eq 'the broker, unprivileged' "$(field "$(sg_children \
    "$(sg_pid gateway)" gateway-broker)" CapEff)" 0000000000000000
