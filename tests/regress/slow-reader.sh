#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a client that stops reading, and one that sends to a command that does
# not read, cost the session a bounded amount of memory.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'the memory of our session'
zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
sessions()
{
	ps -o pid= --ppid "$zygote" | tr -d ' ' | sort || true
}
pss_kib()
{
	sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup"
}
# One connection that idles, to compare with; its process is $session.
begin()
{
	sessions >"$tmp/before"
	ssh -F "$SG_SSH_CONFIG" -o "ControlPath=$tmp/ctl" -MNf sandbox
	at_exit "ssh -F '$SG_SSH_CONFIG' -o 'ControlPath=$tmp/ctl' -O exit sandbox"
	session=$(sessions | comm -13 "$tmp/before" -)
	[ -n "$session" ] || fail 'no session process'
	assert_eq 'ready' "$(sg_ssh -o "ControlPath=$tmp/ctl" sandbox \
	    echo ready)" ready
}
begin
idle=$(pss_kib "$session")
clients=()
for n in {1..8}; do
	mkfifo "$tmp/out$n"
	ssh -F "$SG_SSH_CONFIG" -o "ControlPath=$tmp/ctl" sandbox \
	    'yes "of what nobody reads"' >"$tmp/out$n" 2>/dev/null &
	clients+=($!)
	at_exit "kill $!"
	exec {fd}<"$tmp/out$n"
	head -c 100000 <&$fd >/dev/null
	ssh -F "$SG_SSH_CONFIG" -o "ControlPath=$tmp/ctl" sandbox \
	    'sleep 100' </dev/zero >/dev/null 2>&1 &
	clients+=($!)
	at_exit "kill $!"
done
sleep 3
stalled=$(pss_kib "$session")
sleep 3
later=$(pss_kib "$session")
echo "PSS in KiB: $idle idle, $stalled with 8 readers and 8 writers stalled," \
    "$later after 3 s more"
# What a client may send unasked, 2 MiB, waits twice: in libssh and here.
[ $((stalled - idle)) -lt $((8 * 4096 + 8 * 512)) ] || fail 'too much'
[ $((later - stalled)) -lt 256 ] || fail 'it grows'
assert_eq 'meanwhile' "$(sg_ssh -o "ControlPath=$tmp/ctl" sandbox echo hi)" hi
# The whole client stops: then nothing is sent at all.
kill "${clients[@]}"
wait "${clients[@]}" 2>/dev/null || true
master=$(ssh -F "$SG_SSH_CONFIG" -o "ControlPath=$tmp/ctl" -O check sandbox \
    2>&1 | tr -dc 0-9)
ssh -F "$SG_SSH_CONFIG" -o "ControlPath=$tmp/ctl" sandbox \
    'yes; sleep 100' 2>/dev/null | head -c 100000000 >/dev/null &
sleep 0.5
kill -STOP "$master"
at_exit "kill -CONT $master"
sleep 2
stopped=$(pss_kib "$session")
sleep 2
echo "PSS in KiB: $stopped with the client stopped, $(pss_kib "$session") later"
[ $(($(pss_kib "$session") - stopped)) -lt 64 ] || fail 'it grows'
kill -CONT "$master"
