# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For tests of what sources have on their account: 127.0.0.1 stays exempt, and
# every other address of this host is a source of its own.

# gateway_with LINE...: the gateway anew, with these lines in [gateway], until
# the test ends. "[ssh]" among them begins that section.
gateway_with()
{
	cp "$SG_CONF" "$tmp/conf"
	at_exit 'cp "$tmp/conf" "$SG_CONF"; sg_stop gateway; sg_start gateway
	    sg_wait_api'
	printf '%s\n' '[gateway]' 'penalty_exempt = 127.0.0.1' "$@" >>"$SG_CONF"
	sg_stop gateway
	sg_start gateway
	sg_wait_api || fail 'the gateway does not start anew'
}

# from ADDRESS [OPTION...]: the exit status of a login from there.
from()
{
	local address=$1

	shift
	status_of sg_ssh -b "$address" "$@" sandbox true 2>/dev/null
}

# hold ADDRESS COUNT SECONDS: opens connections from there and says nothing;
# prints "ready", and at the end how many the gateway still had open.
hold()
{
	timeout 900 /usr/bin/python3 - "$@" <<-'END'
	import os, select, socket, sys, time
	address, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
	held = []
	for _ in range(count):
	    s = socket.socket()
	    s.bind((address, 0))
	    try:
	        s.connect(('127.0.0.1', int(os.environ['SG_PORT'])))
	        held.append(s)
	    except OSError:
	        s.close()
	print('ready', flush=True)
	time.sleep(seconds)
	def is_open(s):
	    try:
	        s.setblocking(False)
	        while True:
	            if s.recv(4096) == b'':
	                return False
	    except BlockingIOError:
	        return True
	    except OSError:
	        return False
	print(sum(is_open(s) for s in held))
	END
}
