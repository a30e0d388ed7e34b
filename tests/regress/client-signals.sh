#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a signal the client sends reaches the command, as under sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

client=$BUILD/tests/signal-client
[ -x "$client" ] || skip "no $client"
send()
{
	local port=$SG_PORT user=$SG_SANDBOX

	[ "$1" != ref ] || port=$REF_PORT user=$REF_USER
	timeout 300 "$client" "$port" "$user" "$SG_KEY" "$2" "$3" 2>&1
}
# Those that sshd delivers; bash itself would ignore some.
plain="exec python3 -c 'import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
print(\"ready\", flush=True)
time.sleep(30)'"
for signal in TERM INT HUP KILL QUIT USR1 USR2; do
	command="trap 'echo got $signal; exit 9' $signal 2>/dev/null
	    echo ready; while :; do sleep 0.1; done"
	assert_eq "$signal, caught" "$(send sandbox $signal "$command")" \
	    "$(send ref $signal "$command")"
	assert_eq "$signal, not caught" "$(send sandbox $signal "$plain")" \
	    "$(send ref $signal "$plain")"
done
# The whole process group of the command gets it.
up=/tmp/client-signals.$$
command="(trap 'echo inner; exit' TERM; touch $up; while :; do sleep 0.1; done) &
    trap 'echo outer; wait; exit 3' TERM; until [ -e $up ]; do sleep 0.1; done
    rm $up; echo ready; wait"
assert_eq 'process group' "$(send sandbox TERM "$command" | sort)" \
    "$(send ref TERM "$command" | sort)"
# One that sshd does not know does nothing.
command='echo ready; sleep 2; echo alive'
assert_eq 'unknown' "$(send sandbox NONSENSE "$command")" \
    "$(send ref NONSENSE "$command")"
