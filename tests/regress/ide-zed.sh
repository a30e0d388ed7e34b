#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the way of Zed: a master connection, uname, an upload, and a server that
# talks on the standard streams of a channel which stays open. Cursor's, Theia's
# and distant's are alike.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
me=project
zed=(-o ControlMaster=no -o "ControlPath=$HOME/zed.sock")
timeout 300 ssh -N -o ControlPersist=no -o ControlMaster=yes \
    -o "ControlPath=$HOME/zed.sock" "$me" &
at_exit "kill $!"
sg_wait_for test -S "$HOME/zed.sock" || fail 'no master'
assert_eq 'uname' "$(ssh "${zed[@]}" "$me" "uname -sm")" "$(uname -sm)"
assert_match 'shell' "$(ssh "${zed[@]}" "$me" 'sh -c "echo \$SHELL"')" '^/bin/'
# The server: a program that is uploaded, compressed, under another name first.
at_exit 'sg_ssh sandbox "rm -rf .zed_server"'
cat >server <<'END'
#!/usr/bin/python3
# Answers messages with what they hold, reversed; lengths first, as Zed's do.
import struct, sys
while head := sys.stdin.buffer.read(4):
    n_octets = struct.unpack("<I", head)[0]
    message = sys.stdin.buffer.read(n_octets)[::-1]
    sys.stdout.buffer.write(struct.pack("<I", n_octets) + message)
    sys.stdout.buffer.flush()
    print(n_octets, file=sys.stderr, flush=True)
END
gzip -k server
ssh "${zed[@]}" "$me" 'mkdir -p .zed_server'
timeout 300 sftp -q -b - "${zed[@]}" "$me" >/dev/null <<END
put server.gz .zed_server/server-1.gz
END
timeout 300 scp -q "${zed[@]}" server.gz "$me:.zed_server/again.gz"
ssh "${zed[@]}" "$me" 'cd .zed_server && cmp again.gz server-1.gz &&
    gunzip -f server-1.gz && chmod 755 server-1 && mv server-1 server'
cat >window.py <<'END'
import os, struct, subprocess, sys
ssh = sys.argv[1:]
proxy = subprocess.Popen([*ssh, ".zed_server/server"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
for n in range(60):
    message = os.urandom(n * n * 300)
    proxy.stdin.write(struct.pack("<I", len(message)) + message)
    proxy.stdin.flush()
    assert struct.unpack("<I", proxy.stdout.read(4))[0] == len(message)
    assert proxy.stdout.read(len(message)) == message[::-1], n
    assert int(proxy.stderr.readline()) == len(message)
    if n % 10 == 0:
        assert subprocess.check_output([*ssh, f"echo {n}"]) == b"%d\n" % n
proxy.stdin.close()
print(proxy.wait(20))
END
assert_eq 'proxy' "$(timeout 300 /usr/bin/python3 window.py ssh -T "${zed[@]}" \
    "$me")" 0
assert_eq 'terminal' "$(timeout 300 ssh -tt "${zed[@]}" "$me" \
    'test -t 0 && echo yes' 2>/dev/null | tr -d '\r')" yes
