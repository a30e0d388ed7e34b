#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh -J through a sandbox, to an sshd that is reached from inside it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
needs_product 'a machine between'

# The sshd is on this machine; a remote forward makes it one of the sandbox's.
forward_begin behind sandbox
inside=$(forward_control behind -O forward -R "0:127.0.0.1:$REF_PORT")
jump()
{
	sg_ssh -J sandbox -o "HostKeyAlias=ref" -o "User=$REF_USER" \
	    -o "IdentityFile=$SG_KEY" -p "$inside" "$@"
}
assert_eq 'jump' "$(jump 127.0.0.1 'id -un; hostname')" \
    "$(sg_ssh ref 'id -un; hostname')"
assert_eq 'by name' "$(jump localhost 'echo hi')" hi
assert_eq 'status' "$(status_of jump 127.0.0.1 'exit 42')" 42
random_file $((16 << 20)) "$tmp/data"
assert_eq '16 MiB through' "$(jump 127.0.0.1 cat <"$tmp/data" | sha)" \
    "$(sha <"$tmp/data")"
# Twice through: the sandbox, the sshd, and the sshd again.
assert_eq 'two jumps' "$(sg_ssh -o ProxyCommand="ssh -F $SG_SSH_CONFIG \
    -o ProxyCommand='ssh -F $SG_SSH_CONFIG -W 127.0.0.1:$inside sandbox' \
    -W 127.0.0.1:$REF_PORT ref" ref 'echo there')" there
assert_eq 'nobody there' "$(status_of sg_ssh -J sandbox -p 1 127.0.0.1 true \
    2>"$tmp/err")" 255
assert_match 'its words' "$(cat "$tmp/err")" 'stdio forwarding failed'
