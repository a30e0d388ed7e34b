#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: what docs/clients/differences.md says is so, its lines of configuration
# word for word.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$here/lib-settings.sh"
needs_product 'what differs from sshd'
page=$top/docs/clients/differences.md

kex()
{
	status_of sg_ssh -o "KexAlgorithms=$1" sandbox true 2>/dev/null
}
for name in ecdh-sha2-nistp256 ecdh-sha2-nistp521 \
    diffie-hellman-group-exchange-sha256; do
	assert_eq "$name, refused" "$(kex $name)" 255
done
assert_eq 'raw sockets' "$(sg_ssh root python3 - 2>&1 <<'END' | tail -n 1
import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
END
)" 'PermissionError: [Errno 1] Operation not permitted'
assert_eq 'a ping' "$(status_of sg_ssh sandbox \
    'ping -c 1 -w 20 127.0.0.1 >/dev/null')" 0
assert_match 'an id above 65 535' "$(sg_ssh root 'touch /tmp/differs
    chown 65535 /tmp/differs && chown 65536 /tmp/differs; rm /tmp/differs' \
    2>&1)" 'Invalid argument'
assert_eq 'what tar does about it' "$(sg_ssh root 'cd /tmp && mkdir differs &&
    echo x >differs/f && tar --owner=100000 -cf differs.tar differs &&
    tar xf differs.tar --no-same-owner && cat differs/f
    rm -r differs differs.tar')" x
assert_match 'a quota' "$(sg_ssh root 'python3 -c "
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.quotactl(0, None, 0, None), ctypes.get_errno())"')" '^-1 1$'
assert_match 'the own limit' "$(sg get "$SG_SANDBOX")" 'disk 5G'

# The page's lines, as they are.
settings "$(sed -n '/^```ini/,/^```/p' "$page" | grep -v '^```\|^\[')" \
    'UseDNS no'
for name in ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 \
    diffie-hellman-group-exchange-sha256 curve25519-sha256; do
	assert_eq "$name, allowed" "$(kex $name)" 0
done
