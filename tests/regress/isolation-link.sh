#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: root of a sandbox has no raw socket, and cannot change its link or rules.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

defended packet-socket
defended raw-socket 6
defended raw-socket 255
defended nft-dump
for change in 'link set eth0 down' 'addr add 198.51.100.9/32 dev eth0' \
    'route del default' 'neigh add 198.51.100.1 lladdr 02:00:00:00:00:01 dev eth0' 'link add d0 type dummy'; do
	sg_ssh root "ip $change" 2>/dev/null && fail "ip $change: allowed"
done
assert_eq 'interfaces' "$(sg_ssh root 'ls /sys/class/net' | tr '\n' ' ')" \
    'eth0 lo '
