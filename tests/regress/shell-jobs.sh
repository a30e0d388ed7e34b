#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: an interactive shell has job control, Ctrl-C and Ctrl-Z.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

for host in ref sandbox; do
	with_pty "$host" <<-'END' || fail "$host: see above"
	shell = pexpect.spawn(ssh + ' -tt ' + sys.argv[1], timeout=120,
	    encoding='utf-8', env=dict(os.environ, TERM='xterm'))
	shell.sendline("stty -echo; PS1='ready> '; bind 'set enable-bracketed-paste off'")
	shell.expect("(?<!')ready> ")
	def ask(line, answer):
	    shell.sendline(line)
	    shell.expect(answer)
	    shell.expect('ready> ')
	# A key goes to whom the terminal belongs to: is it the job's yet?
	def until_foreground(program):
	    listing = ssh + " %s 'ps -o stat=,args= -U $(id -u)'" % sys.argv[1]
	    while not re.search(r'^S\S*\+\S* +%s\r$' % program, pexpect.run(
	        listing, timeout=60, encoding='utf-8'), re.M):
	        time.sleep(0.1)
	ask('set -o | grep monitor', r'monitor\s+on')
	ask('sleep 300 &', r'\[1\] \d+')
	ask('jobs', r'\[1\]\+\s+Running\s+sleep 300')
	shell.sendline('fg')
	shell.expect('sleep 300')
	until_foreground('sleep 300')
	shell.sendcontrol('z')
	shell.expect(r'\[1\]\+\s+Stopped\s+sleep 300')
	shell.expect('ready> ')
	ask('bg', r'\[1\]\+ sleep 300 &')
	shell.sendline('fg')
	shell.expect('sleep 300')
	until_foreground('sleep 300')
	shell.sendcontrol('c')
	shell.expect('ready> ')
	ask('echo "status $?"', 'status 130')
	shell.sendline('cat; echo "cat $?"')
	until_foreground('cat')
	shell.send('typed\n\x04')
	shell.expect('typed\r\ncat 0')
	shell.expect('ready> ')
	shell.sendcontrol('d')
	shell.expect(pexpect.EOF)
	shell.close()
	assert shell.exitstatus == 0, shell.exitstatus
	END
done
