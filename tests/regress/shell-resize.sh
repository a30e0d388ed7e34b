#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a changed window size reaches the terminal and its programs.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

for host in ref sandbox; do
	with_pty "$host" <<-'END' || fail "$host: see above"
	shell = pexpect.spawn(ssh + ' -tt ' + sys.argv[1], timeout=120,
	    encoding='utf-8', dimensions=(31, 97))
	shell.sendline("stty -echo; PS1='ready> '; trap 'stty size' WINCH")
	shell.expect("(?<!')ready> ")
	shell.sendline('stty size')
	shell.expect('31 97\r')
	for rows, columns in ((40, 120), (5, 20), (60, 500)):
	    shell.setwinsize(rows, columns)
	    # bash runs the trap when it next reads or a command ends; until the
	    # size has arrived, both are what it was.
	    shell.before = ''
	    while not '%d %d\r' % (rows, columns) in shell.before:
	        time.sleep(0.2)
	        shell.sendline('stty size; echo "$((1 + 1))x"')
	        shell.expect('2x')
	shell.sendline('sh -c "trap \'stty size; exit\' WINCH; echo go; while :; do sleep 0.1; done"')
	shell.expect('go\r')
	shell.setwinsize(22, 66)
	shell.expect('22 66\r')
	shell.sendline('exit 5')
	shell.expect(pexpect.EOF)
	shell.close()
	assert shell.exitstatus == 5, shell.exitstatus
	END
done
