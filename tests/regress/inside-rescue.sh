#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: with the table of processes full, by a user or by root, the owner gets in
# by every way there is to put it right, and can end all that runs.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --pids 100 2>/dev/null)
at_exit 'sg destroy "$id"'
# These do not give up where there is no room for more; a shell's would.
bomb='import os
while True:
    try:
        os.fork()
    except OSError:
        pass'

used()
{
	cat "/sys/fs/cgroup/pids/$SG_CGROUP/$id/main/pids.current" \
	    "/sys/fs/cgroup/$SG_CGROUP/$id/main/pids.current" 2>/dev/null
}

is_full()
{
	[ "$(used)" -ge 100 ]
}

is_quiet()
{
	[ "$(sg_ssh -l "$id+root" sandbox 'ps -e -o comm= | grep -c python3')" = 0 ]
}

# What a plain login is told, which is no rescue.
refused()
{
	local words

	words=$(sg_ssh -l "$id" sandbox </dev/null 2>&1) && return 1
	[[ $words =~ limit\ of\ 100\ processes.*\+root.*sandgate\ kill ]]
}

check_ways_in()
{
	is_full || fail "$1: not full: $(used)"
	sg_wait_for refused || fail "$1: a plain shell: $(sg_ssh -l "$id" sandbox \
	    </dev/null 2>&1)"
	# It can start what it needs: a pipe of several.
	assert_eq "$1: +root" "$(sg_ssh -l "$id+root" sandbox \
	    'echo in | cat | cat | cat; id -u')" $'in\n0'
	assert_eq "$1: a shell as root" \
	    "$(echo 'echo in | cat' | sg_ssh -T -l "$id+root" sandbox 2>/dev/null)" in
	assert_eq "$1: exec" "$(sg exec "$id" -- sh -c 'echo in | cat')" in
	assert_eq "$1: ssh" "$(sg_ssh -l "$id" sandbox 'echo in | cat')" in
	echo "$1" >"$tmp/$1"
	sg_scp -o "User=$id" "$tmp/$1" sandbox:/workspace/ || fail "$1: scp"
	sg_scp -O -o "User=$id" "$tmp/$1" "sandbox:/workspace/$1.old" ||
	    fail "$1: scp -O"
	echo "get /workspace/$1 $tmp/got" | sg_sftp -o "User=$id" sandbox \
	    >/dev/null || fail "$1: sftp"
	assert_eq "$1: sftp" "$(cat "$tmp/got")" "$1"
	is_full || fail "$1: not full any more: $(used)"
}

# A user's, that is ended from inside.
sg_ssh -l "$id" sandbox "python3 -c '$bomb'" >/dev/null 2>&1 &
sg_wait_for is_full || fail "no bomb: $(used)"
check_ways_in user
# Nothing in there gets at the reserve, even as root.
assert_match 'the limit as a program sees it' \
    "$(sg_ssh -l "$id" sandbox 'ulimit -Hu; nice')" '^164'
sg_ssh -l "$id+root" sandbox 'pkill -STOP -u 1000 python3
    pkill -KILL -u 1000 python3' || true
sg_wait_for is_quiet || fail 'the bomb goes on'
assert_eq 'limits and priority of others' \
    "$(sg_ssh -l "$id" sandbox 'ulimit -Su; ulimit -Hu; nice')" $'100\n100\n0'
wait

# And root's, that only sandgate kill ends.
sg_ssh -l "$id+root" sandbox "sleep 1000 & exec python3 -c '$bomb'" \
    >/dev/null 2>&1 &
sg_wait_for is_full || fail "no bomb: $(used)"
check_ways_in root
sg kill "$id"
assert_eq 'after the kill' "$(sg get "$id" --json | jq -r .state)" running
sg_wait_for is_quiet || fail 'the bomb goes on'
assert_eq 'nothing else lives' "$(sg_ssh -l "$id" sandbox \
    'ps -e -o comm= | grep -c sleep')" 0
wait
assert_match 'of none' "$(sg kill sb_000000000000 2>&1)" 'no such sandbox'
assert_eq 'through the lobby' "$(sg_ssh -l ctl sandbox "kill $id" 2>&1)" ''
