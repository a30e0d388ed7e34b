#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: ss works, and shows the sandbox's own sockets alone.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product sockets

sg_ssh other 'nohup python3 -c "
import socket, time
s = socket.create_server((\"\", 8765)); time.sleep(600)" >/dev/null 2>&1 &
    echo $!' >"$tmp/other"
at_exit 'sg_ssh other "kill $(cat "$tmp/other")"'
heard()
{
	sg_ssh other 'ss -Htln' | grep -q ':8765 '
}
sg_wait_for heard || fail 'its own listener is not shown'

assert_eq 'no word of complaint' "$(sg_ssh sandbox \
    'ss -tulpn >/dev/null; ss -s >/dev/null; ss -xp >/dev/null' 2>&1)" ''
ss -Htln | grep ":$SG_PORT " >/dev/null ||
    fail 'the host does not show the gateway'
[ "$(ss -Hxl | wc -l)" -gt 0 ] || fail 'the host shows no Unix socket'
# In one that nobody has used, so that all there is would be others'.
fresh=$(sg create 2>/dev/null)
at_exit 'sg destroy "$fresh"'
shown=$(sg exec --root "$fresh" -- sh -c 'ss -Htuxwnl; ss -Hn --packet')
assert_eq 'of the host and of others' "$shown" ''
# Ending a socket by it takes a capability over the network namespace.
assert_match 'destroy' "$(sg_ssh root 'python3 - 2>&1' <<'END'
import socket, struct
listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
port = client.getsockname()[1]
ask = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 4)
address = socket.inet_aton('127.0.0.1') + bytes(12)
body = struct.pack('=BBBBI', 2, 6, 0, 0, 0xffffffff) + struct.pack('!HH', port,
    listener.getsockname()[1]) + address * 2 + bytes(4) + b'\xff' * 8
ask.send(struct.pack('=IHHII', 16 + len(body), 21, 5, 1, 0) + body)
reply = ask.recv(8192)
print('error', struct.unpack_from('=i', reply, 16)[0])
client.send(b'alive')
END
)" '^error -1$'

# What the kernel is told of its network, by its own /proc/sys; nobody inside
# changes it.
words=$(sg_ssh root 'cd /proc/sys/net; cat ipv4/ip_unprivileged_port_start
    cat ipv6/conf/eth0/{accept_ra,accept_dad,dad_transmits} 2>/dev/null
    ip -6 -o addr show scope link
    (echo 1024 >ipv4/ip_unprivileged_port_start) 2>/dev/null; true')
assert_match 'its network' "$words" $'^0(\n0\n0\n0)?$'
assert_eq 'its namespaces' "$(sg_ssh root 'cat /proc/sys/user/max_*_namespaces |
    sort -u')" 0
