#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a session that was taken over has no more than the scope of its login:
# the sandbox's init refuses, not only the session.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product scopes

tool=$BUILD/tests/stolen-sockets
[ -x "$tool" ] || skip "no $tool"
zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
sessions()
{
	ps -o pid= --ppid "$zygote" | tr -d ' ' | sort
}
is_new()
{
	session=$(sessions | comm -13 "$tmp/before" - | head -n 1)
	[ -n "$session" ] && grep -q 'sftp> $' "$tmp/client"
}
# ask SCOPE REQUEST [ARGUMENT]: of the sockets of a session with that scope.
ask()
{
	local scope=$1

	shift
	SSHPASS=$(sg ssh-token "$SG_SANDBOX" --ttl 5m --$scope 2>/dev/null)
	export SSHPASS
	sessions >"$tmp/before"
	: >"$tmp/client"
	with_pty "$tmp/client" >/dev/null 2>&1 <<-'END' &
	client = pexpect.spawn('sshpass -e sftp' + ssh[3:] +
	    ' -o PubkeyAuthentication=no -o PreferredAuthentications=password'
	    ' bare', timeout=120, logfile=open(sys.argv[1], 'wb', buffering=0))
	client.expect('sftp> ')
	client.expect(pexpect.EOF, timeout=50)
	END
	sg_wait_for is_new || fail "no session: $(cat "$tmp/client")"
	timeout 300 "$tool" "$session" "$@" >"$tmp/answers" 2>&1
	kill $! || true
	wait $! || true
	tail -n 1 "$tmp/answers"
}
# That the tool can ask, and that what is permitted is granted.
assert_eq 'sftp' "$(ask sftp-only spawn-sftp)" worked
assert_eq 'a shell without forwards' "$(ask no-forward spawn-shell)" worked
assert_eq 'a shell' "$(ask sftp-only spawn-shell)" refused
cat "$tmp/answers"
assert_eq 'a shell, read-only' "$(ask read-only spawn-shell)" refused
assert_eq 'another user' "$(ask sftp-only spawn-sftp root)" refused
assert_eq 'a port inside' "$(ask no-forward dial-tcp)" refused
assert_eq 'the gateway is well' "$(sg_ssh sandbox echo alive)" alive
