#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the other clients forward too: plink and dbclient.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"

cd "$tmp"
inside=$(free_port) port=$(free_port)
target=$SG_SANDBOX@127.0.0.1
serve sandbox "$inside"
random_file 300000 words
# through WHAT: 300 kB there and back, the port then closed.
through()
{
	sg_wait_for peer_at local ask "$port" hi || fail "$1: no port"
	assert_eq "$1" "$(peer_at local copy "$port" <words | sha)" \
	    "$(sha <words)"
}
puttygen "$HOME/.ssh/id_ed25519" -o key.ppk
cp "$SG_STATE"/hostkeys/*ed25519*.pub gateway.pub 2>/dev/null ||
    cp "$SG_STATE"/hostkeys/host_key.pub gateway.pub
timeout 300 plink -batch -N -i key.ppk -P "$SG_PORT" -L \
    "$port:127.0.0.1:$inside" -hostkey \
    "$(ssh-keygen -l -f gateway.pub | cut -d' ' -f2)" "$target" 2>/dev/null &
plink=$!
at_exit "kill $plink"
through 'plink -L'
# It may have ended by itself, with its last connection.
kill "$plink" 2>/dev/null || true
port=$(free_port)
dropbearconvert openssh dropbear "$HOME/.ssh/id_ed25519" key 2>/dev/null
timeout 300 dbclient -y -y -N -i key -p "$SG_PORT" \
    -L "$port:127.0.0.1:$inside" "$target" 2>/dev/null &
dbclient=$!
at_exit "kill $dbclient"
through 'dbclient -L'
kill "$dbclient" 2>/dev/null || true
