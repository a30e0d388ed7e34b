#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2, #3: the client's terminal modes, and breaks, arrive as with sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

# modes HOST STTY-ARGUMENTS
modes()
{
	with_pty "$@" <<-'END'
	import termios
	shell = pexpect.spawn('/bin/sh', timeout=120, encoding='utf-8',
	    dimensions=(24, 80), echo=False)
	shell.sendline("PS1=''; stty " + sys.argv[2] + '; '
	    'exec ' + ssh + ' -t ' + sys.argv[1] + " 'stty -a; echo end'")
	shell.expect('speed[^$]*end')
	print(shell.after)
	END
}

for row in 'intr ^X erase ^H -ixon iutf8 -echoe' '-echo -icanon ixany' \
    'kill ^- quit ^- susp ^Z -isig' '-opost -onlcr ocrnl' 'raw isig' sane \
    '-icrnl inlcr igncr istrip' 'tostop noflsh echonl -echok xcase' \
    'start ^A stop ^B lnext ^V rprnt ^- werase ^W' 'cs7 parenb parodd' \
    'ispeed 300 ospeed 300' 'eol ! eol2 @ swtch ^T discard ^N' 'eof ^K'; do
	modes ref "$row" >"$tmp/ref"
	modes sandbox "$row" >"$tmp/sandbox"
	diff -u "$tmp/ref" "$tmp/sandbox" || fail "$row: other modes than under sshd"
	[ "${row%% *}" != intr ] || grep -q 'intr = ^X' "$tmp/ref" ||
	    fail 'the reference did not take the modes'
done
# And what stty would not make.
/usr/bin/python3 -c 'import asyncssh' 2>/dev/null || skip 'no asyncssh'
for name in modes break; do
	same_as_sshd "$name" timeout 300 /usr/bin/python3 "$here/ssh_client.py" \
	    "$name" @
	assert_match "$name" "$(cat "$tmp/sandbox.out")" 'exit 0'
done
# OpenSSH's own escape, ~B: a terminal has no line to break.
breaks()
{
	with_pty "$1" <<-'END'
	shell = pexpect.spawn(ssh + ' -tt ' + sys.argv[1] + ' "stty brkint; '
	    'echo ready; head -n 2 | od -c"', timeout=120, encoding='utf-8')
	shell.expect('ready')
	for text in '\r', '~B', 'x\r':
	    shell.send(text)
	    time.sleep(0.2)
	shell.expect(pexpect.EOF)
	print(shell.before)
	END
}
assert_eq 'a break' "$(breaks sandbox)" "$(breaks ref)"
