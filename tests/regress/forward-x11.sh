#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh -X: a display inside, whose cookie is in the user's ~/.Xauthority.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

command -v xauth >/dev/null || skip 'no xauth'
# A display for the client: answers with what it was sent.
cat >"$tmp/display.py" <<'END'
import os, select, socket, sys, threading
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(16)
print('ready', flush=True)
def serve():
    while True:
        c = s.accept()[0]
        c.sendall(c.recv(48).hex().encode())
        c.close()
threading.Thread(target=serve, daemon=True).start()
p = select.poll()
p.register(1, 0)
p.poll()
END
number=$((RANDOM % 900 + 9100))
mkdir -p /tmp/.X11-unix
timeout 900 /usr/bin/python3 "$tmp/display.py" /tmp/.X11-unix/X$number \
    >"$tmp/ready" &
at_exit "kill $!; rm -f /tmp/.X11-unix/X$number"
sg_wait_for grep -q ready "$tmp/ready" || fail 'no display'
export DISPLAY=:$number XAUTHORITY=$tmp/Xauthority
cookie=00112233445566778899aabbccddeeff
xauth -q add ":$number" MIT-MAGIC-COOKIE-1 $cookie
# An X client: little-endian, version 11, the cookie of its ~/.Xauthority.
cat >"$tmp/client.py" <<'END'
import os, socket, struct
display = os.environ['DISPLAY'].split(':')[1].split('.')[0]
data, found = open(os.path.expanduser('~/.Xauthority'), 'rb').read(), None
while data:
    family, data = struct.unpack('>H', data[:2])[0], data[2:]
    parts = []
    for _ in range(4):
        size = struct.unpack('>H', data[:2])[0]
        parts.append(data[2:2 + size])
        data = data[2 + size:]
    if (family, parts[1].decode()) == (256, display):
        found = parts
assert found[0].decode() == socket.gethostname(), found
name, cookie = found[2], found[3]
s = socket.create_connection(('localhost', 6000 + int(display)))
s.sendall(struct.pack('<BxHHHHxx', ord('l'), 11, 0, len(name), len(cookie)) +
          name + bytes(-len(name) % 4) + cookie)
got = b''
while True:
    d = s.recv(99)
    if not d:
        break
    got += d
print(got.decode(), os.environ['DISPLAY'].split('.')[1], name.decode())
END
for option in -X -Y; do
	sent=$(sg_ssh -o ForwardX11Trusted=yes $option sandbox 'python3 -' \
	    <"$tmp/client.py")
	# The client has put the real cookie in the place of the other.
	assert_match "$option" "$sent" "^6c00.*$cookie 0 MIT-MAGIC-COOKIE-1$"
done
sg_ssh -Y ref true 2>/dev/null # or xauth says that it makes the file
same_as_sshd 'the display' sg_ssh -Y @ 'echo ${DISPLAY%%:*} ${DISPLAY##*.}
    stat -c "%a" ~/.Xauthority'
same_as_sshd 'without' sg_ssh -x @ 'echo ${DISPLAY-unset}'
# Two at once have two displays, and each its cookie.
mkfifo "$tmp/hold"
sg_ssh -Y sandbox 'echo $DISPLAY; cat' <"$tmp/hold" >"$tmp/first" &
first=$!
exec 9>"$tmp/hold"
sg_wait_for test -s "$tmp/first" || fail 'no first display'
assert_match 'the second' "$(sg_ssh -Y sandbox 'echo $DISPLAY')" \
    '^localhost:1[1-9]\.0$'
exec 9>&-
wait "$first"
