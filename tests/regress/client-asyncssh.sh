#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: asyncssh runs 40 commands at once and copies trees.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
at_exit 'sg_ssh sandbox "rm -rf $workspace/asyncssh"'
page libraries asyncssh >program.py
assert_eq '0 + 1 + ... + 39' \
    "$(timeout 300 /usr/bin/python3 -W ignore program.py)" 780
same_tree put tree "$workspace/asyncssh" -p
diff <(listing tree -p) <(listing asyncssh -p) || fail 'get: differs'
cat >more.py <<END
import asyncio, asyncssh
async def main():
    async with asyncssh.connect("127.0.0.1", $SG_PORT,
                                username="$SG_SANDBOX") as ssh:
        async with ssh.create_process("cat; kill -TERM \$\$") as process:
            for n in range(100):
                process.stdin.write(f"{n}\n")
                assert await process.stdout.readline() == f"{n}\n"
            process.stdin.write_eof()
            await process.wait()
        assert process.exit_signal[0] == "TERM", process.exit_signal
        async with ssh.create_process("exec sleep 50") as process:
            process.send_signal("KILL")
            await asyncio.wait_for(process.wait(), 10)
        assert process.exit_signal[0] == "KILL", process.exit_signal
        async with ssh.create_process(term_type="xterm",
                                      term_size=(70, 30)) as process:
            process.stdin.write("stty size; exit 6\n")
            assert "30 70" in await process.stdout.read()
        assert process.exit_status == 6
        async with ssh.start_sftp_client() as sftp:
            assert "big" in await sftp.listdir("$workspace/asyncssh")
            assert len(await sftp.glob("$workspace/asyncssh/*")) == 3
            await sftp.rmtree("$workspace/asyncssh")
            assert not await sftp.exists("$workspace/asyncssh")
asyncio.run(main())
END
timeout 300 /usr/bin/python3 -W ignore more.py
