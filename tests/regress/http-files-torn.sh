#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: an upload that ends in the middle, whoever's death or doing that is,
# leaves what was there as it was and nothing else, and the next one works: by a
# length, in chunks, in parts, and as an archive.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'the API'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
files=/v1/sandboxes/$id/files
inside() { sg exec "$id" -- sh -c "$1" </dev/null; }
put()
{
	curl -sS -m 120 --unix-socket "$SG_RUN/api.sock" -o "$tmp/reply" \
	    -w '%{http_code}' "$@"
}

# Of 200 MB the first part, more than all sockets on the way keep, and then a
# little now and then, until there is an answer, or it is told to hang up.
cat >"$tmp/half.py" <<'END_OF_PYTHON'
import io, select, socket, sys, tarfile
path, kind, files = sys.argv[1:]
SIZE, PART = 200000000, b"new!" * 250000
method, query, more, head, end = "PUT", "?path=torn/data", [], b"", b""
if kind == "tar":
    query = "/tar?path=torn"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        info = tarfile.TarInfo("first")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"new"))
    info = tarfile.TarInfo("data")
    info.size = SIZE
    head = archive.getvalue()[:1024] + info.tobuf()
elif kind == "parts":
    method, query = "POST", "?path=torn"
    more = ["Content-Type: multipart/form-data; boundary=x"]
    for name in "first", "data":
        head += (b'--x\r\nContent-Disposition: form-data; name="f"; '
            b'filename="%s"\r\n\r\n' % name.encode())
        head += b"new\r\n" if name == "first" else b""
length = SIZE + len(head)
more.append("Transfer-Encoding: chunked" if kind == "chunks" else
    "Content-Length: %d" % length)
def framed(data):
    return b"%x\r\n%s\r\n" % (len(data), data) if kind == "chunks" else data
sock = socket.socket(socket.AF_UNIX)
sock.connect(path)
sock.sendall("\r\n".join([method + " " + files + query + " HTTP/1.1",
    "Host: x", *more, "", ""]).encode() + head)
for _ in range(24):
    sock.sendall(framed(PART))
print("sent", flush=True)
try:
    while not (ready := select.select([sys.stdin, sock], [], [], 0.05)[0]):
        sock.sendall(framed(b"new!"))
    if sys.stdin in ready:
        sys.exit() # hangs up
except BrokenPipeError:
    pass # the answer comes before the end
got = b""
try:
    while data := sock.recv(65536):
        got += data
except ConnectionResetError:
    pass # it is closed upon what was sent meanwhile
print((got or b"gone").decode())
END_OF_PYTHON
# begin KIND: one is under way, and has no answer; what it told is in $tmp/told.
begin()
{
	rm -f "$tmp/go"
	mkfifo "$tmp/go"
	inside 'rm -rf torn; mkdir torn; echo old >torn/data'
	timeout 120 /usr/bin/python3 "$tmp/half.py" "$SG_RUN/api.sock" "$1" \
	    "$files" <"$tmp/go" >"$tmp/told" 2>&1 &
	half=$!
	exec 7>"$tmp/go"
	sg_wait_for grep -q sent "$tmp/told" || fail "$1: $(cat "$tmp/told")"
	assert_eq "$1 is under way" "$(inside 'pgrep -fc "^sandbox-files"')" 1
}
# ended KIND BY ANSWER: what is left of it.
ended()
{
	wait "$half" || fail "$1, $2: $(cat "$tmp/told")"
	exec 7>&-
	assert_match "$1, $2" "$(cat "$tmp/told")" "$3"
	sg_wait_for inside '! pgrep -f "^sandbox-files"' ||
		fail "$1, $2: what wrote it stays"
	assert_eq "$1, $2: as it was" "$(inside 'cat torn/data')" old
	# Those before it, which were whole.
	case $1 in
	tar | parts) inside 'rm torn/first' || fail "$1, $2: none before it" ;;
	esac
	assert_eq "$1, $2: all there is" "$(inside 'ls -A torn')" data
	assert_eq "$1, $2: the next" "$(echo new |
	    put -T - "http://x$files?path=torn/data")" 200
	assert_eq "$1, $2: and it is there" "$(inside 'cat torn/data')" new
}

for kind in length chunks parts tar; do
	begin $kind
	http=$(gateway_child gateway-http)
	kill_hard "$http"
	sg_wait_for another_gateway_child gateway-http "$http" ||
		fail 'no new gateway-http'
	sg_wait_api || fail 'the API does not answer'
	ended $kind 'gateway-http killed' gone

	begin $kind
	inside 'pkill -KILL -f "^sandbox-files"'
	ended $kind 'sandbox-files killed' ' 503 .*gone'

	begin $kind
	echo hang up >&7
	ended $kind 'the client gone' sent

	begin $kind
	sg stop "$id"
	ended $kind 'the sandbox stopped' ' (409|503) .*suspended'
done
