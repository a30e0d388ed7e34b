#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: every SFTP request and extension is answered as OpenSSH's server does.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

folder=/tmp/sftp-protocol.$$
client=(timeout 300 /usr/bin/python3 "$here/sftp_client.py")
for host in sandbox ref; do
	at_exit "sg_ssh $host rm -rf $folder"
done
same_as_sshd 'requests' "${client[@]}" transcript @ "$folder"
echo "$(grep -c : "$tmp/sandbox.out") replies are the same"
same_as_sshd 'packets that are none' "${client[@]}" malformed @
needs_product 'a limit of handles'
assert_eq 'handles' "$("${client[@]}" handles sandbox "$folder.x")" \
    'handles 1019 1019 status failure "Failure" lang=b'"''"'
status ok "Success" lang=b'"''"'
handle of a string'
