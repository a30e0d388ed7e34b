#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Issue 7: a process and a terminal by a WebSocket: bytes both ways, whoever is
# slow is waited for, and each of them may end it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'
/usr/bin/python3 -c 'import websockets' 2>/dev/null || skip 'no websockets'

curl=(curl -sS -m 60 --unix-socket "$SG_RUN/api.sock" -o "$tmp/reply"
    -w '%{http_code}')
socket=http://x/v1/sandboxes/$SG_SANDBOX/exec
greeting=(-H 'Connection: Upgrade' -H 'Upgrade: websocket')
key=(-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')
assert_eq 'not a WebSocket' "$("${curl[@]}" "$socket")" 426
assert_eq 'no key' "$("${curl[@]}" "${greeting[@]}" \
    -H 'Sec-WebSocket-Version: 13' "$socket")" 426
assert_eq 'an old version' "$("${curl[@]}" "${greeting[@]}" "${key[@]}" \
    -H 'Sec-WebSocket-Version: 8' "$socket")" 426
assert_eq 'no such sandbox' "$("${curl[@]}" "${greeting[@]}" "${key[@]}" \
    -H 'Sec-WebSocket-Version: 13' \
    http://x/v1/sandboxes/sb_000000000000/exec)" 404

timeout 300 /usr/bin/python3 - "$SG_RUN/api.sock" "$SG_SANDBOX" \
    "$(sg_children "$(sg_pid gateway)" gateway-http)" <<'END' ||
import asyncio, json, sys
import websockets
from websockets.exceptions import ConnectionClosed
path, sandbox, http = sys.argv[1:]

def memory_kib():
    for line in open("/proc/%s/status" % http):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])

def dial(**options):
    return websockets.unix_connect(path, "ws://x/v1/sandboxes/%s/exec" %
        sandbox, max_size=None, **options)

async def until(socket, wanted):
    """What is written until these bytes are in it, on either stream."""
    got = b""
    while wanted not in got:
        message = await socket.recv()
        assert isinstance(message, bytes), (message, got)
        got += message[1:]
    return got

async def finish(socket):
    """The rest: {1: output, 2: errors}, the events, the code."""
    streams, events = {1: b"", 2: b""}, []
    try:
        while True:
            message = await socket.recv()
            if isinstance(message, bytes):
                streams[message[0]] += message[1:]
            else:
                events.append(json.loads(message))
    except ConnectionClosed as closed:
        return streams, events, closed.code

async def run(wish, *sent):
    async with dial() as socket:
        await socket.send(json.dumps(wish))
        for message in sent:
            await socket.send(message)
        return await finish(socket)

def say(event, **more):
    return json.dumps({"event": event, **more})

async def simple():
    streams, events, code = await run(
        {"command": "cat; echo bad >&2; exit 7"}, b"one\n", b"\0\xff",
        say("end"))
    assert streams == {1: b"one\n\0\xff", 2: b"bad\n"}, streams
    assert [e["event"] for e in events] == ["start", "exit"], events
    assert events[1]["exit_code"] == 7 and code == 1000, (events, code)
    _, events, _ = await run({"argv": ["sh", "-c", "kill -TERM $$"]})
    assert events[-1]["signal"] == "TERM", events

async def terminal():
    async with dial() as socket:
        await socket.send(json.dumps({"tty": {"rows": 33, "cols": 99}}))
        await socket.recv()
        await socket.send(b"stty size; tty; echo do''ne\r")
        got = await until(socket, b"done\r\n")
        assert b"33 99" in got and b"/dev/pts/" in got, got
        await socket.send(say("resize", rows=11, cols=150))
        await socket.send(b"stty size; echo do''ne\r")
        assert b"11 150" in await until(socket, b"done\r\n")
        # Said by who is to be interrupted, not by a shell that is to start it.
        await socket.send(b"sh -c 'echo r\"\"eady; exec sleep 1000'\r")
        await until(socket, b"ready\r\n")
        await socket.send(b"\3")
        await until(socket, b"$ ") # else the shell drops what comes
        await socket.send(b"exit 3\r")
        streams, events, code = await finish(socket)
        assert events[-1]["exit_code"] == 3 and code == 1000, events

async def signals():
    async with dial() as socket:
        await socket.send(json.dumps({"command":
            "trap 'echo caught; exit 0' USR1; echo ready; read x"}))
        await socket.recv()
        await until(socket, b"ready\n")
        await socket.send(say("signal", signal="USR1"))
        streams, events, code = await finish(socket)
        assert streams[1] == b"caught\n", streams

async def refusals():
    for sent, field in (("no JSON", None), ('{"nope": 1}', "nope"),
        ('{"command": "a", "argv": ["b"]}', "command"), (b"bytes", None),
        ('{"command": "cat", "user": "nobody-such"}', None)):
        async with dial() as socket:
            await socket.send(sent)
            _, events, code = await finish(socket)
            assert events[-1]["event"] == "error", (sent, events)
            assert events[-1].get("field") == field, (sent, events)
            assert code == 1008, (sent, code)
    _, events, code = await run({"command": "sleep 1000"}, say("dance"))
    assert events[-1]["field"] == "event" and code == 1008, events
    _, events, code = await run({"command": "sleep 1000"},
        say("signal", signal="NOPE"))
    assert events[-1]["field"] == "signal", events

async def volume():
    size = 5000000
    async with dial() as socket:
        await socket.send(json.dumps({"command": "cat"}))
        async def feed():
            for _ in range(size // 100000):
                await socket.send(b"x" * 100000)
            await socket.send(say("end"))
        feeding = asyncio.create_task(feed())
        streams, events, code = await finish(socket)
        await feeding
        assert len(streams[1]) == size, len(streams[1])

async def slow():
    """Who does not read, and who does not take input, are waited for."""
    before = memory_kib()
    sockets = []
    for command in ["exec yes slow"] * 5 + ["exec sleep 983"] * 5:
        socket = await dial(max_queue=1, ping_interval=None)
        await socket.send(json.dumps({"command": command}))
        sockets.append(socket)
    for socket in sockets[5:]:
        try:
            for _ in range(100):
                await asyncio.wait_for(socket.send(b"x" * 100000), 0.3)
        except asyncio.TimeoutError:
            pass
        else:
            raise AssertionError("10 MB went to who reads nothing")
    print("memory: %d KiB for ten that wait" % (memory_kib() - before))
    if "asan" not in open("/proc/%s/maps" % http).read():
        assert memory_kib() - before < 10 * 1024
    for socket in sockets:
        socket.transport.abort()

async def main():
    for test in simple, terminal, signals, refusals, volume, slow:
        await test()
        print(test.__name__, "passed")

asyncio.run(main())
END
	fail 'see above'
# They live on without their client, and would write for ever.
sg exec "$SG_SANDBOX" -- pkill -f '^yes slow|^sleep 983' || fail 'not there'

# A terminal whose client leaves hangs up, and a pipe's ends.
timeout 300 /usr/bin/python3 - "$SG_RUN/api.sock" "$SG_SANDBOX" <<'END' ||
import asyncio, json, sys
import websockets
async def main():
    for wish in {"tty": {}, "command": "exec sleep 4242"}, \
        {"command": "cat >/dev/null; echo over >left"}:
        socket = await websockets.unix_connect(sys.argv[1],
            "ws://x/v1/sandboxes/%s/exec" % sys.argv[2])
        await socket.send(json.dumps(wish))
        await socket.recv()
        socket.transport.abort()
asyncio.run(main())
END
	fail 'see above'
at_exit 'sg_ssh sandbox rm -f left'
sg_wait_for sg_ssh sandbox 'grep -q over left && ! pgrep -f "sleep 424[2]"'
