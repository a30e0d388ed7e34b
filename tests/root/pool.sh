#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 9: sandboxes made ahead: what waits is nobody's, what is claimed is as
# one that was made for its owner, and nothing is left of either.
. "$(dirname "$0")/instance.sh"
plain='log_level=debug max_sandboxes=40'
waiting() { # ids that wait, one a line
	owned=$(rpc list | cut -d' ' -f1)
	sed -n 's/.* pool: id=\([^ ]*\) waits.*/\1/p' "$work/log" |
	    while read -r id; do
		[ ! -S "$work/run/init/$id.sock" ] ||
		    echo "$owned" | grep -q "$id" || echo "$id"
	done
}
filled() { # N: waits until so many wait, and no more come
	for _ in $(seq 400); do
		[ "$(waiting | wc -l)" = "$1" ] && return
		sleep 0.05
	done
	fail "$(waiting | wc -l) wait in the pool, not $1"
}
inside() { id=$1; shift; rpc exec "$id" -u root "$@"; }
same() { # WORDS COMMAND: of one from the pool, and one made for its owner
	check "$(inside "$cold" "$2")" "$(inside "$warm" "$2")" "$1"
}

# shellcheck disable=SC2086
configure $plain
start
cold=$(create name=cold env.A=b memory=268435456 pids=99 cpu=500)
stop
# shellcheck disable=SC2086
configure $plain 'pool=base:2'
made=$(date +%s.%N)
start
filled 2
before=$(waiting)

# nobody's
check "$cold" "$(rpc list | cut -d' ' -f1)" "list beside a pool"
rpc status | grep -q ' sandboxes=1 ' || fail "status: $(rpc status)"
for id in $before; do
	for call in get recall attach destroy pause suspend resume; do
		rpc $call "$id" >/dev/null 2>&1 && fail "$call of $id went well"
	done
done

# as it is, and as somebody wants it
sleep 1.1
claimed=$(date +%s.%N)
plain_one=$(create name=plain)
echo "$before" | grep -q "^$plain_one$" || fail "$plain_one is not of the pool"
filled 2
before=$(waiting)
warm=$(create name=warm env.A=b memory=268435456 pids=99 cpu=500)
echo "$before" | grep -q "^$warm$" || fail "$warm is not of the pool"
check "$warm" "$(inside "$warm" hostname)" hostname
inside "$warm" "grep -q '	$warm\$' /etc/hosts" || fail /etc/hosts
same environment 'env | grep -v "^SSH\|HOSTNAME\|SANDBOX" | sort'
same processes 'ps -eo args | grep -v "ps -eo"'
same "the limit of processes" 'ulimit -u'
same "memory folders" 'df --output=size,target /run /dev/shm'
same groups 'cd /sys/fs/cgroup; grep -r . --include=*max \
    --include=*.limit_in_bytes --include=*quota_us . 2>/dev/null | sort'
same mounts 'sed -E "s/^([0-9]+ ){2}[^ ]* //; s/(upperdir|subvolid).*//
    s/^\/[0-9]+\//\/SLOT\//; s/[0-9]{9,}/UID/g; s/sb_[^\/ ]*//g; s/0_[0-9]+/QUOTA/" \
    /proc/self/mountinfo | sort'
same files 'find / -xdev -printf "%p %m %u %g %y\n" | sort'
check "$(printf %s "$warm" | od -An -tx1 -v | tr -d ' \n')00" \
    "$(inside "$warm" 'cut -c1-32 /etc/machine-id')" "the machine's id"
same identity 'id; pwd; cat /proc/self/limits'
# What times the tops of its own file systems have is the kernel's word.
check "" "$(inside "$plain_one" \
    "find / /dev /run /tmp -xdev -newermt @$made -not -newermt @$claimed |
    grep -vx '/dev/mqueue\|/dev/pts\|/proc\|/sys'")" \
    "files of before the claim"

# one that dies there is replaced
filled 2
id=$(waiting | head -1)
kill -9 "$(find_groups -path "*sandgate$tag/$id*" \
    -name cgroup.procs -exec cat {} + | sort -u | head -1)"
for _ in $(seq 200); do
	[ -S "$work/run/init/$id.sock" ] || break
	sleep 0.05
done
filled 2

# one whose template is another now goes
cp -al "$template" "$template-$tag"
umount -l "$work/state/templates/base/rootfs"
mount --bind "$template-$tag" "$work/state/templates/base/rootfs"
before=$(waiting)
id=$(create)
echo "$before" | grep -q "^$id$" && fail "$id is of a template that is gone"
umount -l "$work/state/templates/base/rootfs"
mount --bind "$template" "$work/state/templates/base/rootfs"
rm -rf "$template-$tag"
rpc destroy "$id"

# killed at any moment of a claim, of either kind: a whole one, or none
for limit in 0 268435456; do
	for delay in 0 0.002 0.004 0.008; do
		filled 2
		rpc create name=torn env.A=b memory=$limit >/dev/null 2>&1 &
		asker=$!
		sleep $delay
		stop KILL
		wait $asker || true
		start
		torn=$(rpc list | grep ' torn ' | cut -d' ' -f1)
		[ -n "$torn" ] || continue
		check b "$(inside "$torn" 'echo $A')" "environment of $torn"
		[ $limit = 0 ] || check "$(inside "$cold" "df /run")" \
		    "$(inside "$torn" "df /run")" "limits of $torn"
		rpc destroy "$torn"
	done
done

# none is left where none is wanted, and of those that lived no more than ever
stop
# shellcheck disable=SC2086
configure $plain
start
for id in $(rpc list | cut -d' ' -f1); do rpc destroy "$id"; done
check "" "$(remains)" "what is left"
