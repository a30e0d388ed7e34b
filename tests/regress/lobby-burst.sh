#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a burst of commands that the lobby is too slow for waits, also for one
# that was restarted; nothing is refused, and who left is not run.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'the lobby'

ordered()
{
	grep -c '"event":"lobby"' "$SG_LOG/audit.log"
}
# burst COUNT WORDS...: at once; their output and status in $tmp/burst.N.
burst()
{
	local count=$1 before n

	shift
	before=$(ordered || true)
	pids=()
	for ((n = 0; n < count; n++)); do
		{
			status=0
			ssh -S "$tmp/master" sandbox "$@" || status=$?
			echo "$status"
		} >"$tmp/burst.$n" 2>&1 </dev/null &
		pids+=($!)
	done
	sg_wait_for eval "[ \$(ordered) = $((before + count)) ]" ||
	    fail "$(($(ordered) - before)) of $count reached the broker"
}
sessions()
{
	ps -o pid= --ppid "$(gateway_child gateway-session)" | wc -l
}
# Those of tests before this one are gone.
sg_wait_for eval '[ "$(sessions)" = 0 ]' || fail 'sessions of others'
lobby=$(gateway_child gateway-lobby)
at_exit 'kill -CONT "$lobby" 2>/dev/null || true'
sg_ssh -M -S "$tmp/master" -f -N -l ctl sandbox
at_exit 'ssh -S "$tmp/master" -O exit sandbox 2>/dev/null || true'
expected=$(sg version; echo 0)

kill -STOP "$lobby"
burst 10 version
assert_eq 'an eleventh' \
    "$(ssh -S "$tmp/master" sandbox version 2>&1 || true)" \
    'sandgate: cannot start: more than 10 commands at once'$'\r'
kill -CONT "$lobby"
wait "${pids[@]}"
for n in {0..9}; do
	assert_eq "command $n" "$(cat "$tmp/burst.$n")" "$expected"
done

# Those that were with the one that died, died with it; the others did not.
kill -STOP "$lobby"
burst 10 version
kill_hard "$lobby"
wait "${pids[@]}"
n_run=0
for n in {0..9}; do
	if [ "$(cat "$tmp/burst.$n")" = "$expected" ]; then
		n_run=$((n_run + 1))
	else
		assert_match "command $n" "$(cat "$tmp/burst.$n")" \
		    '^sandgate: the command was killed'
	fi
done
[ "$n_run" -gt 0 ] || fail 'none waited for the next'

# Who hangs up takes what waits along.
lobby=$(gateway_child gateway-lobby)
kill -STOP "$lobby"
sg list --json | sg_ids | sort >"$tmp/before"
burst 10 create
ssh -S "$tmp/master" -O exit sandbox 2>/dev/null
wait "${pids[@]}"
sg_wait_for eval '[ "$(sessions)" = 0 ]' || fail 'its session lives on'
sleep 0.3
kill -CONT "$lobby"
assert_eq 'afterwards' "$(sg_ssh -l ctl sandbox version)" "$(sg version)"
assert_eq 'made by who left' "$(sg list --json | sg_ids | sort)" \
    "$(cat "$tmp/before")"
