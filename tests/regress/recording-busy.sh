#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a broker that does not read for a while, with all it is told of forwards
# before it: a command that is to be recorded starts when it reads again.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
needs_product recordings
recording_on

mux=(-o ControlPath="$tmp/mux")
sg_ssh -N -o ControlMaster=yes "${mux[@]}" -L "$tmp/in:127.0.0.1:7002" \
    sandbox 2>/dev/null &
at_exit "ssh -F '$SG_SSH_CONFIG' -o ControlPath='$tmp/mux' -O exit sandbox"
sg_wait_for test -S "$tmp/in" || fail 'no forward'
sg_ssh "${mux[@]}" sandbox 'exec python3 -c "
import socket
s = socket.create_server((\"127.0.0.1\", 7002))
print(\"ready\", flush=True)
while True: s.accept()[0].close()"' </dev/null >"$tmp/server" &
at_exit "sg_ssh sandbox 'pkill -f [7]002'"
sg_wait_for grep -q ready "$tmp/server" || skip 'no python3 in the template'
# connect_often COUNT: through the forward, one after the other.
connect_often()
{
	/usr/bin/python3 - "$tmp/in" "$1" <<-'END'
		import socket, sys
		for _ in range(int(sys.argv[2])):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(20)
		    s.connect(sys.argv[1])
		    assert s.recv(1) == b""
	END
}
connect_often 1 || fail 'the forward does not carry'

broker=$(sg_children "$(sg_pid gateway)" gateway-broker)
kill -STOP "$broker"
at_exit "kill -CONT $broker"
# More than the socket to the broker holds.
connect_often 1000 || fail 'forwards wait for the broker'
sg_ssh "${mux[@]}" sandbox 'echo started' </dev/null >"$tmp/out" &
command=$!
sleep 1
assert_eq 'before the broker reads' "$(<"$tmp/out")" ''
kill -CONT "$broker"
sg_wait_for grep -q started "$tmp/out" || fail 'the command does not start'
wait "$command" || fail "the command: status $?"
