#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: ssh -tt, -T and -N do what they do with sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

same_as_sshd '-tt' sg_ssh -tt @ 'test -t 0 && test -t 1 && test -t 2; echo $?'
same_as_sshd '-T' sg_ssh -T @ 'test -t 0; echo $?'
same_as_sshd '-tt with TERM' env TERM=vt220 timeout 300 ssh -F \
    "$SG_SSH_CONFIG" -tt @ 'echo "$TERM"'
same_as_sshd 'no TERM without a terminal' env TERM=vt220 timeout 300 ssh -F \
    "$SG_SSH_CONFIG" -T @ 'echo "${TERM-unset}"'
same_as_sshd 'SSH_TTY is the terminal' sg_ssh -tt @ \
    '[ "$SSH_TTY" = "$(tty)" ]; echo $?'
same_as_sshd 'the controlling terminal' sg_ssh -tt @ \
    'echo direct >/dev/tty; ps -o stat= -p $$ | grep -c "s.*+"'
# -N opens no channel, stays, and ends when told.
ended=
for host in ref sandbox; do
	ssh -F "$SG_SSH_CONFIG" -N -M -S "$tmp/ctl" $host &
	pid=$!
	sg_wait_for sg_ssh -S "$tmp/ctl" -O check $host ||
	    fail "$host: -N does not log in"
	sleep 2
	sg_is_alive "$pid" || fail "$host: -N ended by itself"
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	assert_eq "$host: -N, killed" "$status" "${ended:=$status}"
done
# -s with something that is no subsystem is refused as sshd refuses it.
same_as_sshd 'unknown subsystem' sg_ssh -s @ no-such-subsystem
