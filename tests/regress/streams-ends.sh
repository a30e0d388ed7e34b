#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the end of each stream, at each time, is seen on the other side as with
# sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

file=/tmp/streams-ends.$$
for host in sandbox ref; do
	at_exit "sg_ssh $host rm -f $file"
done
# same WHAT SCRIPT: SCRIPT with its "ssh @" is a shell's.
same()
{
	same_as_sshd "$1" bash -c \
	    "ssh() { timeout 300 /usr/bin/ssh -F '$SG_SSH_CONFIG' \"\$@\"; }; $2"
}
same 'input closed before the start' 'ssh @ "cat; echo done" <&-'
same 'output closed before the start' 'ssh @ "echo x; echo y >&2; exit 3" >&-'
same 'before the output' 'echo a | ssh @ "cat >/dev/null; sleep 0.5
    seq 200000" | sha256sum'
same 'while output flows' 'seq 300000 | ssh @ cat | sha256sum'
same 'after the output' '(sleep 1; echo end) | ssh @ "seq 50000; cat" |
    sha256sum'
same 'the command does not read' 'seq 1000000 | ssh @ "exit 9"'
same 'the command stops reading' 'seq 300000 | ssh @ "exec <&-; sleep 0.3
    seq 20000; exit 8" | sha256sum'
same 'the command closes its output and reads on' '(sleep 1; echo late) |
    ssh @ "exec >&-; cat >'$file'; exit 2"; echo $?; ssh @ "cat '$file'"'
same 'and its errors too' '(sleep 1; echo later) |
    ssh @ "exec >&- 2>&-; cat >'$file'; exit 2"; echo $?; ssh @ "cat '$file'"'
same 'its errors alone' 'ssh @ "exec 2>&-; sleep 0.3; echo x; exit 3"'
same 'nobody reads the output' 'ssh @ "rm -f '$file'; yes; echo \$? >'$file'" |
    head -n 2; ssh @ '"'$(once "$file")'"
same 'input in pieces' '(for n in 1 2 3 4 5; do echo $n; sleep 0.2; done) |
    ssh @ "while read x; do echo got \$x; done; echo end"'
same 'a shell on a pipe' 'printf "echo \$((40 + 2))\nexit 5\n" | ssh -T @ 2>&-'
