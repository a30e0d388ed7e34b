#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: of forwards is recorded where they lead and how much they carried.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
needs_product recordings
recording_on

before=$(recording_count)
sg_ssh -N -o ControlMaster=yes -o ControlPath="$tmp/mux" \
    -L "$tmp/in:127.0.0.1:7001" -L "$tmp/none:127.0.0.1:1" \
    -R /tmp/recorded-out:127.0.0.1:1 sandbox 2>/dev/null &
at_exit "ssh -F '$SG_SSH_CONFIG' -o ControlPath='$tmp/mux' -O exit sandbox"
at_exit 'sg_ssh sandbox rm -f /tmp/recorded-out'
sg_wait_for test -S "$tmp/in" || fail 'no forward'
sg_ssh -o ControlPath="$tmp/mux" sandbox 'python3 -c "
import socket
s = socket.create_server((\"127.0.0.1\", 7001))
print(\"ready\", flush=True)
c = s.accept()[0]
while c.recv(4096): pass
c.sendall(b\"x\" * 100000)"' </dev/null >"$tmp/server" &
sg_wait_for grep -q ready "$tmp/server" || skip 'no python3 in the template'
/usr/bin/python3 - "$tmp/in" "$tmp/none" <<-'END' || fail 'the forward does not carry'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.settimeout(20)
	s.connect(sys.argv[1])
	s.sendall(b"y" * 2000)
	s.shutdown(socket.SHUT_WR)
	n = 0
	while data := s.recv(65536):
	    n += len(data)
	assert n == 100000, n
	s = socket.socket(socket.AF_UNIX)
	s.settimeout(20)
	s.connect(sys.argv[2])
	assert s.recv(1) == b""
END
ssh -F "$SG_SSH_CONFIG" -o ControlPath="$tmp/mux" -O exit sandbox 2>/dev/null
is_complete()
{
	sg replay "$(recording_newest forward)" --json >"$tmp/lines"
	tail -1 "$tmp/lines" | grep -q '"event":"end"'
}
sg_within 50 is_complete || fail 'no end'
tail -n +2 "$tmp/lines" | jq -c 'del(.time)' >"$tmp/got"
diff -u - "$tmp/got" <<-'END' || fail 'other events'
	{"event":"listen","type":"unix","target":"/tmp/recorded-out"}
	{"event":"open","number":1,"type":"direct-tcpip","target":"127.0.0.1","port":7001}
	{"event":"close","number":1,"to_sandbox_bytes":2000,"from_sandbox_bytes":100000}
	{"event":"failed","type":"direct-tcpip","target":"127.0.0.1","port":1,"result":"Connection refused"}
	{"event":"end"}
END
assert_eq 'one for the forwards, one for the command' "$(recording_count)" $((before + 2))
