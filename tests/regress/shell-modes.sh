#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: the client's terminal modes arrive as with sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

modes()
{
	with_pty "$1" <<-'END'
	import termios
	shell = pexpect.spawn('/bin/sh', timeout=20, encoding='utf-8',
	    dimensions=(24, 80), echo=False)
	shell.sendline("PS1=''; stty intr ^X erase ^H -ixon iutf8 -echoe; "
	    'exec ' + ssh + ' -t ' + sys.argv[1] + " 'stty -a; echo end'")
	shell.expect('speed[^$]*end')
	print(shell.after)
	END
}

modes ref >"$tmp/ref"
modes sandbox >"$tmp/sandbox"
grep -q 'intr = ^X' "$tmp/ref" || fail 'the reference did not take the modes'
diff -u "$tmp/ref" "$tmp/sandbox" || fail 'modes differ from those under sshd'
