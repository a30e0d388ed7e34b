#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh -A: the agent's socket is the user's, and goes with the connection.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$here/lib-session.sh"

eval "$(ssh-agent -s)" >/dev/null
at_exit "kill $SSH_AGENT_PID"
ssh-add -q "$SG_DIR/ecdsa" "$SG_DIR/user"
with=(-o IdentityAgent=SSH_AUTH_SOCK)
# What an agent answers to SSH_AGENTC_REQUEST_IDENTITIES: its length and count.
list='python3 -c "
import os, socket
s = socket.socket(socket.AF_UNIX); s.connect(os.environ[\"SSH_AUTH_SOCK\"])
s.sendall(bytes([0, 0, 0, 1, 11])); print(s.recv(9).hex())"'
same_as_sshd 'identities' sg_ssh "${with[@]}" -A @ "$list; $list"
same_as_sshd 'the socket' sg_ssh "${with[@]}" -A @ \
    'd=${SSH_AUTH_SOCK%/*}; echo ${#d} ${d%/*}; cd $d
    stat -c "%a %F" . agent.*; [ -O . ] && [ -O agent.* ] && echo own'
same_as_sshd 'with a terminal' bash -c "ssh -F '$SG_SSH_CONFIG' \
    -o IdentityAgent=SSH_AUTH_SOCK -A -tt @ 'test -S \$SSH_AUTH_SOCK &&
    echo there' </dev/null"
same_as_sshd 'without -A' sg_ssh "${with[@]}" -a @ \
    'echo "${SSH_AUTH_SOCK-unset}"'
# One socket a connection, known to whatever is started from then on.
control=(-S "$tmp/ctl" "${with[@]}")
sg_ssh "${control[@]}" -M -fN -A sandbox
at_exit 'ssh -F "$SG_SSH_CONFIG" -S "$tmp/ctl" -O exit sandbox'
for _ in 1 2 3; do
	sg_ssh "${control[@]}" -A sandbox 'echo $SSH_AUTH_SOCK' >>"$tmp/paths"
	sg_ssh "${control[@]}" -a sandbox 'echo $SSH_AUTH_SOCK' >>"$tmp/paths"
done
assert_eq 'one socket' "$(sort -u "$tmp/paths" | wc -l)" 1
path=$(head -n 1 "$tmp/paths")
assert_match 'its path' "$path" '^/tmp/ssh-.{10}/agent\.[0-9]+$'
sg_ssh sandbox "test -S $path"
ssh -F "$SG_SSH_CONFIG" -S "$tmp/ctl" -O exit sandbox 2>/dev/null
is_gone()
{
	! sg_ssh sandbox "test -e ${path%/*}"
}
sg_wait_for is_gone || fail "left behind: $path"
# Also when the session is killed.
needs_product 'killing sessions'
# shellcheck disable=SC2030
(
	printf '\tForwardAgent yes\n\tIdentityAgent %s\n' "$SSH_AUTH_SOCK" |
	    cat <(printf 'Host sandbox\n') - "$SG_SSH_CONFIG" >"$tmp/config"
)
SG_SSH_CONFIG=$tmp/config session_begin sandbox
path=$(sg_ssh root 'ls -d /tmp/ssh-*/agent.*')
kill -9 "$session"
sg_wait_for is_gone || fail "left by a killed session: $path"
# A neighbour of the sandbox: another user inside has no way to it.
sg_ssh "${with[@]}" -A root 'su -s /bin/sh sandbox -c \
    "ls ${SSH_AUTH_SOCK%/*}" 2>&1; true' >"$tmp/denied"
assert_match 'another user' "$(cat "$tmp/denied")" 'Permission denied'
