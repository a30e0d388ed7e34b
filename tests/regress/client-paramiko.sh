#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: paramiko runs commands, a shell and SFTP, and forwards.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
at_exit 'sg_ssh sandbox "rm -f $workspace/paramiko"'
python()
{
	timeout 300 /usr/bin/python3 -W ignore "$@"
}
page libraries paramiko >program.py
said=$(python program.py)
assert_match 'exec' "$said" "^b'a\\\\nb\\\\n' b'done\\\\n' 3"
assert_match 'stat' "$said" '-rw-r----- .* 3000000 '
assert_eq 'put' "$(sg_ssh sandbox "cat $workspace/paramiko" | sha)" \
    "$(sha <tree/big)"
cat >more.py <<'END'
def until(shell, *words, text=b""):
    shell.settimeout(20)
    while not all(word in text for word in words):
        text += shell.recv(4096)

client.connect(HOST, PORT, USER)
shell = client.invoke_shell(width=132, height=43)
shell.send(b"stty size; echo $((6*7))END\n")
until(shell, b"43 132", b"42END")
shell.resize_pty(width=90, height=20)
shell.send(b"stty size\n")
until(shell, b"20 90")
shell.send(b"exit 5\n")
assert shell.recv_exit_status() == 5
want = open("tree/big", "rb").read()
with client.open_sftp() as sftp, sftp.open(WORKSPACE + "/paramiko", "r+") as f:
    f.prefetch()
    assert f.read() == want
    f.seek(1000000)
    f.write(b"changed")
    f.seek(999990)
    assert f.read(20) == want[999990:1000000] + b"changed" + want[1000007:][:3]
    assert f.readv([(0, 10), (2999990, 100)]).__next__() == want[:10]
    try:
        sftp.stat("/none")
        raise SystemExit("stat of nothing")
    except FileNotFoundError:
        pass
END
{
	grep -v '^client.close' program.py
	printf 'HOST, PORT, USER, WORKSPACE = %s, %d, "%s", "%s"\n' \
	    '"127.0.0.1"' "$SG_PORT" "$SG_SANDBOX" "$workspace"
	cat more.py
} >all.py
python all.py >/dev/null
