#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: of the flows that the host tracks, all in one table, a sandbox has its
# share and no more; one of another organisation makes flows as before.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product isolation

internet_begin
id=$(sg --org elsewhere --user stranger create 2>/dev/null)
at_exit 'sg --org elsewhere --user stranger destroy "$id"'
share=$(sg status --json | jq '.sandboxd.resources[] |
    select(.name == "connections") | .share')
tracked() { cat /proc/sys/net/netfilter/nf_conntrack_count; }
# None is forgotten before the last is sent, however long that takes.
nsenter -t "$(init_of "$id")" -n sh -c \
    'echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout'
send="import errno, socket
sent = refused = 0
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range($share + 1000):
    try:
        client.sendto(b'x', ('$SERVER', 1000 + n))
        sent += 1
    except OSError as error:
        assert error.errno in (errno.EPERM, errno.ECONNREFUSED), error
        refused += 1
print(sent, refused)"
before=$(tracked)
read -r sent refused < <(sg --org elsewhere --user stranger exec "$id" -- \
    python3 -c "$send")
inside=$(sg --org elsewhere --user stranger exec "$id" -- cat \
    /proc/sys/net/netfilter/nf_conntrack_count)
echo "sent $sent, refused $refused; tracked inside $inside," \
    "by the host $(($(tracked) - before)) more; share $share"
[ "$inside" -le $((share + 100)) ] || fail "tracked inside: $inside of $share"
[ "$refused" -gt 0 ] || fail 'none was refused'
# The host tracks those that came out, and no more of them.
[ $(($(tracked) - before)) -le $((share * 2 + 2000)) ] ||
    fail "of the host: $(($(tracked) - before))"
reaches "$SG_OTHER" udp "$SERVER" 443
