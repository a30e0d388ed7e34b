#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a banner comes before authentication and the message of the day on
# terminals, as with sshd, and neither is ever among a command's output.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$(dirname "$0")/lib-settings.sh"

printf 'Authorised use only.\nÜber \001\033[31mred\n' >"$tmp/banner"
motd='echo "the message of the day" >/etc/motd'
needs_product 'a root that writes /etc/motd'
cp /etc/motd "$tmp/motd"
at_exit 'cp "$tmp/motd" /etc/motd'
at_exit "sg_ssh root 'echo -n >/etc/motd'"
sg_ssh root "$motd"
sh -c "$motd"
chmod 0755 "$tmp"
shell()
{
	same_as_sshd "$1" bash -c "printf 'PS1=\nexit\n' |
	    timeout 300 ssh -F '$SG_SSH_CONFIG' $2 @ 2>&1 | grep -a message"
}

same_as_sshd 'no banner' sg_ssh -o LogLevel=INFO @ 'echo out; echo err >&2'
shell 'a shell' -tt
assert_match 'motd' "$(cat "$tmp/sandbox.out")" 'the message'
shell 'a shell without a terminal' -T
same_as_sshd 'a command on a terminal' sg_ssh -tt @ 'echo out'
same_as_sshd 'a command' sg_ssh @ 'echo out'
for host in sandbox ref; do
	sg_ssh $host 'touch .hushlogin'
	at_exit "sg_ssh $host rm -f .hushlogin"
done
shell 'hushed' -tt
for host in sandbox ref; do
	sg_ssh $host 'rm .hushlogin'
done
settings $'print_motd = no\nbanner = '"$tmp/banner" PrintMotd=no \
    "Banner=$tmp/banner"
shell 'switched off' -tt
same_as_sshd 'the banner' sg_ssh -o LogLevel=INFO @ 'echo out; echo err >&2'
assert_match 'the banner' "$(cat "$tmp/sandbox.err")" 'Authorised use only'
same_as_sshd 'the banner, quietly' sg_ssh -q @ 'echo out'
same_as_sshd 'the banner when refused' sg_ssh -o LogLevel=INFO \
    -o IdentityFile=none @ true
same_as_sshd 'sftp' bash -c "echo pwd | timeout 300 sftp -q -b - \
    -F '$SG_SSH_CONFIG' @ | grep -c Remote"
