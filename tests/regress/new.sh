#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh new@host makes a sandbox, says so on stderr alone, and ends it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-new.sh
. "$here/lib-new.sh"
needs_product 'create on connect'

status=0
out=$(sg_ssh -l new sandbox 'hostname; id -un; echo x >f; exit 7' \
    2>"$tmp/err") || status=$?
id=$(new_id "$tmp/err")
assert_eq 'output' "$out" "$id"$'\n'sandbox
assert_eq 'exit status' "$status" 7
assert_eq 'as JSON' "$(sg get "$id" --json | jq .ephemeral)" true
assert_ends "$id"

# Its own terminal, its own template and user; each connection has its own.
with_pty <<'END'
shell = pexpect.spawn(ssh + ' -l new+base+root sandbox', timeout=120,
    encoding='utf-8')
shell.expect(r'sandgate: (sb_\w{12}): new, from template base; ends')
first = shell.match[1]
shell.expect('[#$] ')
shell.sendline('echo I am $(id -un) of $(hostname)')
shell.expect('I am root of ' + first)
other = pexpect.run(ssh + ' -l new sandbox hostname', timeout=120)
assert first.encode() not in other, other
# Others may come; the last to leave ends it.
second = pexpect.spawn(ssh + ' -l %s sandbox' % first, timeout=120,
    encoding='utf-8')
second.expect('[#$] ')
shell.sendline('exit')
shell.expect(pexpect.EOF)
time.sleep(8)
second.sendline('echo still $((40 + 2))')
second.expect('still 42')
second.sendline('exit')
second.expect(pexpect.EOF)
open(os.environ['SG_DIR'] + '/new-id', 'w').write(first)
END
id=$(cat "$SG_DIR/new-id")
rm "$SG_DIR/new-id"
assert_ends "$id"

# Several channels of one connection: one sandbox, one line.
sg_ssh -M -S "$tmp/master" -f -N -l new sandbox
at_exit 'ssh -S "$tmp/master" -O exit sandbox'
id=$(sg_ssh -S "$tmp/master" sandbox hostname 2>"$tmp/err")
assert_eq 'the first says it' "$(new_id "$tmp/err")" "$id"
assert_eq 'the second' "$(sg_ssh -S "$tmp/master" sandbox hostname 2>&1)" "$id"
sleep 7
assert_eq 'idle, but held' "$(sg_ssh -S "$tmp/master" sandbox hostname)" "$id"
ssh -S "$tmp/master" -O exit sandbox 2>/dev/null
assert_ends "$id"
