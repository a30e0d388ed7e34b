#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: root of a sandbox sees and reaches no process outside it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

marker=sg_marker_$$
plain=${marker//_/}
(exec -a "$plain" sleep 300) &
at_exit "kill $!"
host_finds()
{
	[ "$(/usr/bin/python3 "$here/attacks.py" see-process "$marker")" = worked ]
}
sg_wait_for host_finds || fail 'the host does not find it'
refused_inside see-process "$marker"
# Neither does one sandbox find another organisation's.
sg_ssh foreign "exec -a ${plain}x sleep 300 >/dev/null 2>&1 </dev/null &"
at_exit "sg_ssh foreign pkill -f ${plain}x"
own_finds()
{
	[ "$(attack_inside foreign see-process "${marker}x")" = worked ]
}
sg_wait_for own_finds || fail 'its own does not find it'
refused_inside see-process "${marker}x"

# PID 1 inside is ours and of the same user: its sockets and memory are not.
defended ptrace-init
defended steal-descriptor
defended init-descriptors
defended init-memory
defended read /proc/1/environ
defended read /proc/1/exe
for name in mnt net pid uts ipc user cgroup; do
	defended setns $name
done
sg_ssh root 'kill -KILL 1; kill -TERM 1; kill -STOP 1; sleep 0.5'
assert_eq 'PID 1 after signals' "$(sg_ssh root echo alive)" alive
assert_eq 'first process' "$(sg_ssh root 'ps -o pid= -e | head -n 1 | tr -d " "')" 1
# The host's name, time and users are not to be seen or changed.
assert_eq 'host name' "$(sg_ssh sandbox hostname)" "$SG_SANDBOX"
