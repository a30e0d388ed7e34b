#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 9: what of a create needs no template is made ahead: what becomes of a
# blank is as what was made from nothing, a blank is nobody's, holds nothing of
# sandboxd's, ends with it, and nothing is left of it.
. "$(dirname "$0")/instance.sh"
blanks() { # ids that wait, one a line
	owned=$(rpc list | cut -d' ' -f1)
	sed -n 's/.* pool: id=\([^ ]*\) waits.*/\1/p' "$work/log" |
	    while read -r id; do
		[ -z "$(processes "$id")" ] ||
		    echo "$owned" | grep -q "$id" || echo "$id"
	done
}
processes() { # of a sandbox or a blank
	find_groups -path "*sandgate$tag/$1*" -name cgroup.procs \
	    -exec cat {} + | sort -u
}
filled() { # N: waits until so many wait
	for _ in $(seq 400); do
		[ "$(blanks | wc -l)" = "$1" ] && return
		sleep 0.05
	done
	fail "$(blanks | wc -l) blanks wait, not $1"
}
inside() { id=$1; shift; rpc exec "$id" -u root "$@"; }
same() { # WORDS COMMAND: of one of a blank, and one made from nothing
	check "$(inside "$whole" "$2")" "$(inside "$made" "$2")" "$1"
}

configure log_level=debug
start
whole=$(create env.A=b memory=268435456 pids=99 cpu=500)
stop
configure log_level=debug blanks=2
start
filled 2
before=$(blanks)
check "$whole" "$(rpc list | cut -d' ' -f1)" "list beside blanks"
for id in $before; do
	for call in get attach destroy; do
		rpc $call "$id" >/dev/null 2>&1 && fail "$call of $id went well"
	done
	check "" "$(find "/proc/$(processes "$id")/fd" -lname "$work/run*")" \
	    "what $id holds of sandboxd's"
done

made=$(create env.A=b memory=268435456 pids=99 cpu=500)
echo "$before" | grep -q "^$made$" || fail "$made was no blank"
same environment 'env | grep -v "^SSH\|HOSTNAME\|SANDBOX" | sort'
same processes 'ps -eo args | grep -v "ps -eo"'
same "the limit of processes" 'ulimit -u'
same descriptors 'ls /proc/1/fd /proc/self/fd | wc -l'
same groups 'cd /sys/fs/cgroup; grep -r . --include=*max \
    --include=*.limit_in_bytes --include=*quota_us . 2>/dev/null | sort'
same mounts 'sed -E "s/^([0-9]+ ){2}[^ ]* //; s/(upperdir|subvolid).*//
    s/^\/[0-9]+\//\/SLOT\//; s/[0-9]{9,}/UID/g; s/sb_[^\/ ]*//g; s/0_[0-9]+/QUOTA/" \
    /proc/self/mountinfo | sort'
same files 'find / -xdev -printf "%p %m %u %g %y\n" | sort'
same identity 'id; pwd; cat /proc/self/limits'
same links 'ip -o link | sed "s/@if[0-9]*//; s/ether .* brd/ether brd/"'

# one that dies is replaced, and a sandbox is made of another
filled 2
dead=$(blanks | head -1)
kill -9 "$(processes "$dead")"
for _ in $(seq 400); do # its end comes a moment after the signal
	[ -n "$(processes "$dead")" ] || break
	sleep 0.05
done
filled 2
inside "$(create)" true

# killed at any moment: a whole one, or none; and no blank outlives sandboxd
for delay in 0 0.002 0.004 0.008; do
	filled 2
	rpc create name=torn env.A=b >/dev/null 2>&1 &
	asker=$!
	sleep $delay
	stop KILL
	wait $asker || true
	for _ in $(seq 200); do
		pgrep -s 0 -x sandboxd-blank >/dev/null || break
		sleep 0.05
	done
	pgrep -s 0 -x sandboxd-blank && fail "a blank outlives sandboxd"
	start
	# One that was half made is destroyed, which takes its moment.
	for _ in $(seq 400); do
		rpc list | grep ' torn ' | grep -q destroying || break
		sleep 0.05
	done
	torn=$(rpc list | grep ' torn ' | cut -d' ' -f1)
	[ -n "$torn" ] || continue
	check b "$(inside "$torn" 'echo $A')" "environment of $torn"
	rpc destroy "$torn"
done

stop
configure log_level=debug
start
for id in $(rpc list | cut -d' ' -f1); do rpc destroy "$id"; done
check "" "$(remains)" "what is left"
