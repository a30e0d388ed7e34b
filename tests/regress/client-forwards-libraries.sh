#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: libraries forward too: paramiko both ways, asyncssh, ssh2.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
needs_npm
cd "$tmp"
inside=$(free_port)
serve sandbox "$inside"
random_file 300000 words
cat >forward.py <<END
import asyncio, asyncssh, paramiko, socket, threading
words = open("words", "rb").read()
client = paramiko.SSHClient()
client.load_system_host_keys()
client.connect("127.0.0.1", $SG_PORT, "$SG_SANDBOX")
transport = client.get_transport()
channel = transport.open_channel("direct-tcpip", ("127.0.0.1", $inside),
                                 ("127.0.0.1", 1))
threading.Thread(target=channel.sendall, args=(words,)).start()
assert channel.makefile("rb").read(len(words)) == words
port = transport.request_port_forward("127.0.0.1", 0)
stdin, stdout, _ = client.exec_command(
    f"exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3")
server = transport.accept(20)
server.sendall(b"from the client")
server.close()
assert stdout.read() == b"from the client"
client.close()

async def main():
    async with asyncssh.connect("127.0.0.1", $SG_PORT,
                                username="$SG_SANDBOX") as ssh:
        local = await ssh.forward_local_port("", 0, "127.0.0.1", $inside)
        async def once(n):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", local.get_port())
            writer.write(words[n * 5000:][:5000])
            assert await reader.readexactly(5000) == words[n * 5000:][:5000]
            writer.close()
        await asyncio.gather(*[once(n) for n in range(40)])
asyncio.run(main())
END
timeout 300 /usr/bin/python3 -W ignore forward.py
ln -s "$npm" node_modules
cat >forward.js <<END
const fs = require("fs"), client = new (require("ssh2").Client)();
client.on("ready", () => client.forwardOut("127.0.0.1", 1, "127.0.0.1", $inside,
    (error, stream) => {
	if (error) throw error;
	stream.pipe(fs.createWriteStream("node.out"));
	stream.on("close", () => client.end());
	fs.createReadStream("words").pipe(stream);
    })).connect({ host: "127.0.0.1", port: $SG_PORT, username: "$SG_SANDBOX",
    privateKey: fs.readFileSync("$HOME/.ssh/id_ed25519") });
END
timeout 300 node forward.js
cmp words node.out || fail 'ssh2: differs'
