#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a certificate's command runs whatever is asked for, as with sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'certificate authorities'
# shellcheck source=tests/regress/lib-certificate.sh
. "$here/lib-certificate.sh"
certificate_start

forced='echo "did [$SSH_ORIGINAL_COMMAND]"; if [ -t 0 ]; then echo tty; else cat; fi; exit 7'
certify "-O force-command='$forced'"
same_as_sshd 'a command' sg_ssh @ 'rm -rf /tmp/x; echo "a  b"'
same_as_sshd 'an empty command' sg_ssh @ ''
same_as_sshd 'a shell' sg_ssh -T @
same_as_sshd 'a terminal' sg_ssh -tt @ ls
same_as_sshd 'a subsystem' sg_ssh -s @ sftp
same_as_sshd 'input' bash -c 'echo in | timeout 300 ssh -F "$0" @ x' \
    "$SG_SSH_CONFIG"
same_as_sshd 'a shell on a terminal' sg_ssh -tt @
assert_eq 'no sftp' "$(sg_sftp sandbox 2>/dev/null <<<pwd || echo refused)" \
    refused
# Which environment it gets is no way around it, nor are another user, a
# terminal that others share, or a new sandbox.
assert_match 'variables' "$(sg_ssh -o SetEnv='BASH_ENV=/etc/passwd LC_X=y' \
    sandbox id || true)" '^did \[id\]'
for user in "$SG_SANDBOX+root" "$SG_SANDBOX+main" new; do
	got=$(sg_ssh -l "$user" sandbox id 2>&1 || true)
	[[ $got != *uid=* && $got != *did* ]] || fail "as $user: $got"
done

certify '-O force-command=internal-sftp'
same_as_sshd 'sftp only' sg_ssh @ id
same_as_sshd 'sftp only, shell' sg_ssh -T @
assert_match 'sftp' "$(sg_sftp sandbox <<<'ls /etc/passwd')" /etc/passwd
echo text >"$tmp/file"
sg_scp "$tmp/file" sandbox:/tmp/forced-sftp
sg_scp sandbox:/tmp/forced-sftp "$tmp/back"
cmp "$tmp/file" "$tmp/back" || fail 'written by sftp'
certify "-O force-command='internal-sftp -R'"
sg_scp sandbox:/tmp/forced-sftp "$tmp/back" || fail 'cannot read'
sg_scp "$tmp/file" sandbox:/tmp/forced-sftp 2>/dev/null && fail 'written'
sg_sftp sandbox <<<'rm /tmp/forced-sftp' 2>/dev/null && fail 'removed'
exit 0
