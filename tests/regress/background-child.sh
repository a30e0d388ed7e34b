#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a background child keeps the channel open as under sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

took()
{
	local start

	start=$(now_ms)
	assert_eq "$1: $2" "$(sg_ssh "$1" "$2" | tr '\n' ' ')" "$3"
	echo $(($(now_ms) - start))
}

for host in ref sandbox; do
	# It holds the output: the session waits, and late output arrives.
	ms=$(took $host 'sleep 3 & echo hi' 'hi ')
	[ "$ms" -ge 2900 ] || fail "$host: ended after $ms ms, before the child"
	took $host '(sleep 1; echo late) & echo hi' 'hi late ' >/dev/null
	# It does not: the session ends.
	ms=$(took $host 'sleep 200 >/dev/null 2>&1 </dev/null & echo $! >child
	    echo hi' 'hi ')
	sg_ssh $host 'kill $(cat child); rm child'
	[ "$ms" -lt 150000 ] || fail "$host: waited $ms ms for a detached child"
done
# On a terminal the end of the session leader is the end.
same_as_sshd 'on a terminal' sg_ssh -tt @ 'sleep 20 & echo hi'
