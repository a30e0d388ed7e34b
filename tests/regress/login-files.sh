#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the files sshd looks at before a shell or command: ~/.ssh/rc,
# /etc/ssh/sshrc and /etc/nologin.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

for host in sandbox ref; do
	at_exit "sg_ssh $host 'rm -f .ssh/rc'"
done
# with_rc SCRIPT: it is both users' ~/.ssh/rc.
with_rc()
{
	for host in sandbox ref; do
		sg_ssh $host 'mkdir -p .ssh; cat >.ssh/rc' <<<"$1" \
		    >/dev/null 2>&1
	done
}
with_rc 'echo "rc ${0##*/} $# $SHELL $-"; cat; echo errors >&2; exit 3'
same_as_sshd 'a command' sg_ssh @ 'echo command; exit 4'
same_as_sshd 'its input' bash -c \
    "echo input | ssh -F '$SG_SSH_CONFIG' @ 'cat; echo end'"
same_as_sshd 'a shell' bash -c \
    "echo 'echo \$0 \$SHLVL' | ssh -F '$SG_SSH_CONFIG' @"
same_as_sshd 'a terminal' sg_ssh -tt @ 'test -t 0 && echo command'
same_as_sshd 'sftp has none' bash -c "echo 'get /etc/hostname /dev/null' |
    timeout 300 sftp -q -b - -F '$SG_SSH_CONFIG' @"
with_rc '[ "$PPID" != 1 ] && [ -z "${PATH##*bin*}" ] && pwd | grep -c /'
same_as_sshd 'its surroundings' sg_ssh @ 'ls /proc/self/fd'
with_rc 'kill -9 $$'
same_as_sshd 'killed' sg_ssh @ 'echo command'

needs_product 'root of the far side'
sg_ssh sandbox 'rm .ssh/rc'
sg_ssh root 'mkdir -p /etc/ssh; echo "echo sshrc \$0; cat" >/etc/ssh/sshrc'
at_exit "sg_ssh root 'rm -f /etc/ssh/sshrc /etc/nologin'"
assert_eq 'of the image' "$(echo input | sg_ssh sandbox 'cat; exit')" \
    $'sshrc /etc/ssh/sshrc\ninput'
sg_ssh sandbox 'echo "echo mine" >.ssh/rc' >/dev/null
assert_eq 'the own one instead' "$(sg_ssh sandbox 'echo command')" \
    $'mine\ncommand'
sg_ssh root 'rm /etc/ssh/sshrc' >/dev/null

sg_ssh root 'echo "Closed for repairs." >/etc/nologin'
for options in -T -tt; do
	status=0
	sg_ssh $options sandbox true >"$tmp/out" 2>"$tmp/err" || status=$?
	assert_eq "$options: status" "$status" 254
	assert_match "$options: why" "$(cat "$tmp/out" "$tmp/err")" \
	    'Closed for repairs\.'
done
status=0
sg_sftp sandbox <<<pwd >/dev/null 2>&1 || status=$?
assert_eq 'sftp' "$status" 255
assert_eq 'root may' "$(sg_ssh root 'rm /etc/nologin; id -un')" root
# More than a terminal holds, and a home that is not there: init goes on.
sg_ssh root 'cp -p /etc/motd /etc/motd.kept; seq 200000 >/etc/motd
    sed -i "s|/home/sandbox|/none|" /etc/passwd'
at_exit "sg_ssh root 'mv /etc/motd.kept /etc/motd
    sed -i \"s|/none|/home/sandbox|\" /etc/passwd'"
assert_match 'a long /etc/motd' "$(echo 'pwd; exit' | sg_ssh -tt sandbox |
    sed -n 1p)" '^1'
assert_eq 'sftp is not told of the home' "$(sg_sftp sandbox <<<pwd 2>&1 |
    tail -n 1)" 'Remote working directory: /'
