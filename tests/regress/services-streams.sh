#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: what passes between a client and what a sandbox serves: bodies of any
# size and framing, as they come; WebSockets; and nothing that two could read in
# two ways.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-service.sh
. "$here/lib-service.sh"
needs_product 'services'
/usr/bin/python3 -c 'import websockets' 2>/dev/null || skip 'no websockets'
service_serve 8000
service_serve 8001 ::1
at_exit 'for name in open six; do
    sg unexpose "$SG_SANDBOX" "$name" 2>/dev/null || true; done'
url=$(expose 8000 --name open --public)
token=$(preview 8000)

# What it is told of the client, and what not.
assert_eq 'headers' "$(get -H 'X-Forwarded-For: 6.6.6.6' \
    -H 'X_Forwarded_For: 6.6.6.6' -H 'Forwarded: for=6.6.6.6' \
    -H 'X-Real-IP: 6.6.6.6' -H 'Connection: X-Hop' -H 'X-Hop: 1' \
    -H 'TE: trailers' -H 'Keep-Alive: 5' -H 'X-Own: 1' "$url")" 200
assert_eq 'forged' "$(seen '"6.6.6.6" in str(it)')" False
for name in x-hop te keep-alive connection; do
	assert_eq "$name" "$(seen "'$name' in names")" False
done
for header in 'X-Own: 1' 'X-Forwarded-For: 127.0.0.1' \
    'X-Forwarded-Proto: http' "Host: open--$host_id.sandgate.test"; do
	assert_match "$header" "$(seen 'it["headers"]')" "$header"
done
assert_eq 'a redirect' "$(get -H "Sandgate-Preview: $token" \
    "$proxy/p/$host_id/8000/redirect")" 302
assert_match 'behind the prefix' "$(cat "$tmp/head")" \
    "Location: /p/$host_id/8000/there"

# Bodies.
for size in 0 1 65535 65536 65537 3000000; do
	head -c $size /dev/urandom >"$tmp/of"
	sum=$(sha256sum <"$tmp/of")
	for framing in X-Nothing:\ 1 Transfer-Encoding:\ chunked \
	    Expect:\ 100-continue; do
		[ "$size$framing" != '0Transfer-Encoding: chunked' ] || continue
		assert_eq "$size $framing" "$(get -X POST -T "$tmp/of" \
		    -H "$framing" "$url")" 200
		assert_eq "$size $framing" "$(seen 'it["sha256"]')" "${sum%% *}"
	done
	assert_eq "HTTP/1.0 $size" "$(get -0 --data-binary @"$tmp/of" \
	    "$url")" 200
	assert_eq "HTTP/1.0 $size" "$(seen 'it["size"]')" $size
done
assert_eq 'HEAD' "$(get -I "$url")" 200
assert_eq 'OPTIONS' "$(get -X OPTIONS "$url")" 200
assert_eq 'hints' "$(get "${url}hints")" 200
assert_match 'hints' "$(cat "$tmp/head")" '103 Early Hints'
assert_eq 'until its end' "$(get "${url}until_end")" 200
assert_eq 'until its end' "$(cat "$tmp/body")" 'as long as it is'
assert_eq 'trailers' "$(get "${url}trailers" "${url}trailers" -o "$tmp/second")" \
    200200
assert_eq 'trailers' "$(cat "$tmp/body" "$tmp/second")" 'five!five!'
assert_eq 'early' "$(get -T "$tmp/of" "${url}early")" 413
many=("${url}a" "${url}b" "${url}big/100000" "${url}hints" "${url}c")
get "${many[@]}" >/dev/null
assert_eq 'one connection' "$(curl -sS -m 60 -o /dev/null -o /dev/null \
    -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects}' \
    --connect-to "::127.0.0.1:$SG_PROXY_PORT" "${many[@]}")" 10000

# Answers that are none.
for bad in two-lengths both no-http unasked endless nothing; do
	assert_eq "$bad" "$(get "${url}bad/$bad")" 502
	assert_match "$bad" "$(cat "$tmp/body")" "sandgate: port 8000 of"
done
for bad in short bad-chunk trailers; do
	get "${url}bad/$bad" >/dev/null
	grep -qE 'curl: \((18|56)\)' "$tmp/curl.err" ||
	    fail "$bad: $(cat "$tmp/curl.err")"
done
assert_eq 'then' "$(get "$url")" 200
url6=$(expose 8001 --name six --public)
assert_eq 'on ::1 alone' "$(get "$url6")" 200
six=$(preview 8002)
assert_eq 'nothing listens' "$(get -H "Sandgate-Preview: $six" \
    "http://8002-$host_id.sandgate.test/")" 502
assert_match 'says so' "$(cat "$tmp/body")" \
    "nothing listens on port 8002 of sandbox $SG_SANDBOX"

timeout 1000 /usr/bin/python3 - "$SG_PROXY_PORT" \
    "open--$host_id.sandgate.test" "$(proxy_pid)" <<'END' || fail 'streams'
import asyncio, os, socket, sys, threading, time
import websockets
port, host, proxy = int(sys.argv[1]), sys.argv[2], sys.argv[3]

def memory_kib():
    for line in open("/proc/%s/status" % proxy):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])

def dial():
    s = socket.create_connection(("127.0.0.1", port), 60)
    return s, s.makefile("rb")

def head(f):
    lines = []
    while True:
        line = f.readline()
        if line in (b"\r\n", b""):
            return lines
        lines.append(line.rstrip())

def say(data):
    """All that is answered to these bytes, until the end."""
    s, f = dial()
    s.sendall(data)
    try:
        return f.read()
    except ConnectionResetError:
        return b""

# Each chunk comes back before the next is sent: nothing waits for the end.
s, f = dial()
s.sendall(b"POST /pingpong HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: "
          b"chunked\r\n\r\n" % host.encode())
assert head(f)[0] == b"HTTP/1.1 200 OK"
for i in range(50):
    data = b"x" * (i * 97 + 1)
    s.sendall(b"%x\r\n%s\r\n" % (len(data), data))
    assert f.read(int(f.readline(), 16)) == data and f.read(2) == b"\r\n"
s.sendall(b"0\r\n\r\n")
assert f.read(5) == b"0\r\n\r\n"
# The same connection goes on; pipelined requests are answered in order.
s.sendall(b"".join(b"GET /%d HTTP/1.1\r\nHost: %s\r\n\r\n" % (i,
    host.encode()) for i in range(20)))
for i in range(20):
    lines = head(f)
    assert lines[0] == b"HTTP/1.1 200 OK", lines
    size = [int(l.split(b":")[1]) for l in lines
            if l.lower().startswith(b"content-length:")][0]
    assert b'"/%d"' % i in f.read(size)

# What a proxy before us may read otherwise reaches nobody.
get = b"GET / HTTP/1.1\r\nHost: %s\r\n" % host.encode()
post = b"POST / HTTP/1.1\r\nHost: %s\r\n" % host.encode()
for bad in (
        post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        post + b"Content-Length: +5\r\n\r\nhello",
        post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        post + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        post + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
        post + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
        get + b"X: a\nY: b\r\n\r\n", get + b" folded\r\n\r\n",
        get + b"Host: other\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", get + b"X: \x00\r\n\r\n",
        b"\r\n" + get + b"\r\n", get + b"X: " + b"y" * 20000 + b"\r\n\r\n"):
    answer = say(bad + b"GET /smuggled HTTP/1.1\r\nHost: %s\r\n\r\n" %
                 host.encode())
    assert answer[9:12] in (b"400", b"405"), (bad, answer)
    assert answer.count(b"HTTP/1.1 ") == 1, (bad, answer)

# A gigabyte each way, and memory stays as it was. (What reads slowly is waited
# for: the first does not read at all at first.)
before = memory_kib()
idle, idle_f = dial()
idle.settimeout(900)
idle.sendall(b"GET /big/1073741824 HTTP/1.1\r\nHost: %s\r\n\r\n" %
             host.encode())
SIZE = 1 << 30
s, f = dial()
s.settimeout(900)
def send():
    s.sendall(post + b"Content-Length: %d\r\n\r\n" % SIZE)
    block = b"\0" * (1 << 20)
    for _ in range(SIZE >> 20):
        s.sendall(block)
threading.Thread(target=send, daemon=True).start()
lines = head(f)
assert lines[0] == b"HTTP/1.1 200 OK", lines
size = [int(l.split(b":")[1]) for l in lines
        if l.lower().startswith(b"content-length:")][0]
assert b'"size": %d' % SIZE in f.read(size)
s.close()
assert head(idle_f)[0] == b"HTTP/1.1 200 OK"
left, block = SIZE, bytearray(1 << 20)
while left:
    n = idle_f.readinto(block)
    assert n > 0
    left -= n
grown = memory_kib() - before
assert grown < 4096, "%d KiB more" % grown

# WebSockets, both ways at once.
async def sockets():
    def connect(**options):
        return websockets.connect("ws://%s:%d/ws" % (host, port),
            host="127.0.0.1", port=port, **options)
    async with connect(max_size=None) as one:
        for size in 0, 1, 125, 126, 65535, 65536, 3000000:
            data = os.urandom(size)
            await one.send(data)
            assert await one.recv() == data
        await one.send("é")
        assert await one.recv() == "é"
    many = [await connect() for _ in range(50)]
    for i, one in enumerate(many):
        await one.send(str(i))
    for i, one in enumerate(many):
        assert await one.recv() == str(i)
    for one in many:
        await one.close()
asyncio.run(sockets())
END
exit 0
