#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: whoever takes a session process over gets nothing from the kernel.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$here/lib-session.sh"
needs_product sessions

inject=$BUILD/tests/inject
[ -x "$inject" ] || skip "no $inject"
take_over()
{
	timeout 300 "$inject" "$session" "$@" 2>&1
}
# The same on a process of root that nothing confines.
undefended()
{
	local pid status=0

	sleep 60 &
	pid=$!
	sleep 0.2
	timeout 300 "$inject" "$pid" "$@" 2>&1 || status=$?
	kill -KILL "$pid" 2>/dev/null || true
	return $status
}
attack()
{
	local control

	control=$(undefended "$@")
	[ "$control" = worked ] || echo "cannot be shown here: $*: $control"
	session_begin sandbox
	got=$(take_over "$@")
	echo "$*: $got"
	assert_match "session: $*" "$got" '^refused'
}
[ "$(undefended open /etc/hostname)" != '' ] || skip 'not on this machine'
zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
keys=$SG_STATE/keys/keys.db
[ -e "$keys" ] || fail "no $keys: this test attacks what is not there"
attack open /etc/hostname
attack open "$keys"
attack open "$SG_STATE/hostkeys/ssh_host_ed25519_key"
attack open-old /etc/passwd
attack open /proc/self/environ
attack stat /etc/passwd
for name in socket-inet socket-unix socket-netlink fork clone setuid-root \
    unshare-user memfd userfaultfd keyctl; do
	attack $name
done
# What AddressSanitizer needs is allowed where it is built in.
[[ $(ldd "$BUILD/bin/gateway-session") == *libasan* ]] || attack dumpable
attack execve /bin/true
attack chroot /
attack ptrace "$zygote"
attack kill "$zygote"
attack kill 1
attack pidfd-open "$zygote"
