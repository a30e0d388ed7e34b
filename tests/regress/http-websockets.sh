#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: 1 000 WebSockets at once, each to a process of its own: all are served,
# others too, gateway-http holds no more than a bounded piece for each however
# much passes, and nothing of them once they are closed.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

# More than one sandbox can have: its init holds some 1 000 descriptors.
crowd=()
at_exit 'sg destroy "${crowd[@]}"'
for _ in {1..8}; do crowd+=("$(sg create --pids 1024 2>/dev/null)"); done

timeout 300 /usr/bin/python3 - "$SG_RUN/api.sock" \
    "$(sg_children "$(sg_pid gateway)" gateway-http)" "${crowd[@]}" <<'END' ||
import asyncio, json, os, sys
path, http, sandboxes = sys.argv[1], sys.argv[2], sys.argv[3:]
N = 1000
TEXT, BYTES, CLOSE, PING, PONG = 1, 2, 8, 9, 10
# The sanitizer keeps what was freed for a while, and pads what was not.
is_padded = "asan" in open("/proc/%s/maps" % http).read()
# MHD's 32 KiB of a connection, and 64 KiB of what goes either way.
EACH_KIB = 256 if is_padded else 160
SLACK_KIB = 32768 if is_padded else 8192

def memory_kib():
    for line in open("/proc/%s/smaps_rollup" % http):
        if line.startswith("Pss:"):
            return int(line.split()[1])

def descriptors():
    return len(os.listdir("/proc/%s/fd" % http))

class Socket:
    async def open(self, sandbox):
        self.input, self.output = await asyncio.open_unix_connection(path)
        self.output.write(b"GET /v1/sandboxes/%s/exec HTTP/1.1\r\nHost: x\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
            b"dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % sandbox.encode())
        head = await self.input.readuntil(b"\r\n\r\n")
        assert b" 101 " in head, head + await self.input.read(1000)
        self.send(TEXT, json.dumps({"argv": ["cat"]}).encode())
        event = json.loads(await self.next())
        assert event["event"] == "start", event
    def send(self, kind, data):
        size = len(data)
        self.output.write(bytes([128 | kind]) + (bytes([128 | size])
            if size < 126 else b"\xfe" + size.to_bytes(2, "big")) +
            bytes(4) + data)
    async def next(self):
        while True:
            kind, size = await self.input.readexactly(2)
            if size > 125:
                size = int.from_bytes(await self.input.readexactly(
                    2 if size == 126 else 8), "big")
            data = await self.input.readexactly(size)
            if kind & 15 != PING:
                assert kind & 15 != CLOSE, data
                return data
            self.send(PONG, data)
    async def echo(self, data):
        self.send(BYTES, data)
        got = b""
        while len(got) < len(data):
            got += (await self.next())[1:]
        assert got == data
    def close(self):
        self.output.transport.abort()

async def ask(what, *more):
    process = await asyncio.create_subprocess_exec("curl", "-sS", "-m", "60",
        "--unix-socket", path, *more, "http://x/v1/sandboxes/" + what,
        stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return json.loads(out)

async def status():
    answer = await ask(sandboxes[0])
    assert answer["state"] == "running", answer

async def ended(sandbox):
    """Its processes: each is at the end of its input."""
    for _ in range(100):
        answer = await ask(sandbox + "/exec", "--json",
            '{"argv": ["pgrep", "-x", "cat"]}')
        if answer.get("exit_code") == 1:
            return
        await asyncio.sleep(0.3)
    raise AssertionError("%s: processes stay: %r" % (sandbox, answer))

async def each(what):
    """All at once, and somebody else's requests beside them."""
    asked, todo = 0, asyncio.gather(*what)
    while not todo.done():
        await status()
        asked += 1
    await todo
    return asked

async def crowd(rounds):
    sockets = [Socket() for _ in range(N)]
    gate = asyncio.Semaphore(64) # as many as a listener's queue holds
    async def come(n, socket):
        async with gate:
            await socket.open(sandboxes[n % len(sandboxes)])
    await each(come(n, socket) for n, socket in enumerate(sockets))
    there = memory_kib()
    asked = await each(socket.echo(b"%07d\n" % n)
        for n, socket in enumerate(sockets))
    for n in range(rounds):
        asked += await each(socket.echo(b"%d" % n * 16000)
            for socket in sockets)
    print("%d others answered meanwhile" % asked)
    return sockets, there, memory_kib()

async def until(what):
    for _ in range(600):
        if what():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("not given back: %d descriptors" % descriptors())

async def main():
    before, fds = memory_kib(), descriptors()
    peaks = []
    for rounds in 2, 0:
        sockets, there, used = await crowd(rounds)
        assert descriptors() >= fds + 2 * N, descriptors()
        print("memory: %d KiB, %d with %d, %d after %d MB both ways" %
            (before, there, N, used, rounds * 16))
        assert used - before < N * EACH_KIB, "it keeps what passes"
        for socket in sockets:
            socket.close()
        await until(lambda: descriptors() <= fds + 8)
        await asyncio.gather(*(ended(sandbox) for sandbox in sandboxes))
        peaks.append(used)
        print("memory: %d KiB, %d descriptors once they are closed" %
            (memory_kib(), descriptors()))
    # The second thousand lives where the first did.
    assert peaks[1] - peaks[0] < SLACK_KIB, "it grows"
    await status()

asyncio.run(main())
END
{
	grep -hv '^info' "$SG_DIR"/log/{sandboxd,gateway}.log | tail -n 10
	fail 'see above'
}
