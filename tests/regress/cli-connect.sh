#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: connect is a shell, with the host key pinned and no question.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

mkdir "$tmp/home"
HOME=$tmp/home with_pty "$SG_SANDBOX" <<'END'
shell = pexpect.spawn(os.environ['BUILD'] + '/bin/sandgate', ['--socket',
    os.environ['SG_RUN'] + '/api.sock', 'connect', sys.argv[1]], timeout=120,
    encoding='utf-8', dimensions=(30, 90))
at = shell.expect(['authenticity', '[$#] $'])
assert at == 1, 'asked: ' + shell.before
shell.sendline('echo "$((40 + 2)) $(id -un)"; stty size; hostname')
shell.expect('42 sandbox')
shell.expect('30 90')
shell.expect(sys.argv[1])
shell.sendline('exit 9')
shell.expect(pexpect.EOF)
shell.close()
assert shell.exitstatus == 9, shell.exitstatus

shell = pexpect.spawn(os.environ['BUILD'] + '/bin/sandgate', ['--socket',
    os.environ['SG_RUN'] + '/api.sock', 'connect', sys.argv[1], '--root'],
    timeout=120, encoding='utf-8')
shell.expect('# $')
shell.sendline('id -un; exit')
shell.expect('root')
shell.expect(pexpect.EOF)
END
# A user's own known_hosts is neither needed nor changed.
[ ! -e "$tmp/home/.ssh/known_hosts" ] || fail 'known_hosts was written'
