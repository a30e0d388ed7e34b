#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: that the kernel killed something for memory is told to all who are there,
# whoever's child it was, with the limit.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --memory 128M 2>/dev/null)
at_exit 'sg destroy "$id"'
words='killed: out of memory \(limit 128 MiB\)'
hog='python3 -c "
import sys
data = []
while True:
    data.append(bytearray(b\"x\" * 1048576))"'

# Three that only wait: one with pipes, one on a terminal, one that stays.
sg_ssh -l "$id" sandbox 'echo ready; sleep 1000' >"$tmp/pipes" 2>&1 &
at_exit "kill $!"
sg_ssh -tt -l "$id" sandbox 'echo ready; sleep 1000' >"$tmp/pty" 2>&1 </dev/null &
at_exit "kill $!"
(echo 'echo re""ady'; sleep 1000) | sg_ssh -tt -l "$id+main" sandbox \
    >"$tmp/stays" 2>&1 &
at_exit "end_job $!"
is_ready()
{
	grep -q ready "$tmp/$1"
}
for who in pipes pty stays; do
	sg_wait_for is_ready "$who" || fail "$who: $(cat "$tmp/$who")"
done

# Killed is a grandchild of a shell, which goes on.
assert_eq 'the shell goes on' "$(sg_ssh -l "$id" sandbox \
    "sh -c '$hog; true' 2>/dev/null; sleep 10; echo on" 2>"$tmp/err")" on
assert_match 'its own session' "$(cat "$tmp/err")" "$words"
is_told()
{
	grep -Eq "$words" "$tmp/$1"
}
for who in pipes pty stays; do
	sg_wait_for is_told "$who" || fail "$who: $(cat "$tmp/$who")"
	assert_eq "$who: once" "$(grep -Ec "$words" "$tmp/$who")" 1
done
# A session that comes later is not told of what was before.
assert_eq 'later' "$(sg_ssh -l "$id" sandbox 'sleep 1; echo later' 2>&1)" later
# And of the next one, all are.
sg_ssh -l "$id" sandbox "$hog" >/dev/null 2>&1 || true
is_told_twice()
{
	[ "$(grep -Ec "$words" "$tmp/pipes")" = 2 ]
}
sg_wait_for is_told_twice || fail "the second: $(cat "$tmp/pipes")"
