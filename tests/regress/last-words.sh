#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Clients that are still sending when their connections are ended read why.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product tokens

CLIENTS=8
name=last-words-$$

token=$(sg ssh-token "$SG_SANDBOX" --ttl 10m --name "$name" 2>/dev/null)
clients=()
for ((n = 0; n < CLIENTS; n++)); do
	SSHPASS=$token timeout 300 sshpass -e ssh -F "$SG_SSH_CONFIG" \
	    -o PubkeyAuthentication=no -o PreferredAuthentications=password \
	    bare 'echo begins; cat >/dev/null' </dev/zero >"$tmp/out.$n" \
	    2>"$tmp/err.$n" &
	clients+=($!)
done
for ((n = 0; n < CLIENTS; n++)); do
	sg_wait_for grep -q begins "$tmp/out.$n" || fail "client $n is not in"
done
sg token revoke "$(token_id "$name")"
for ((n = 0; n < CLIENTS; n++)); do
	sg_wait_for sg_is_dead "${clients[n]}" || fail "client $n goes on"
	assert_match "client $n" "$(cat "$tmp/err.$n")" 'The token was revoked'
done
