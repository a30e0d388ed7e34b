#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: every kind of user key lets its owner in, and no other does.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

for key in user rsa ecdsa; do
	[ "$SG_MODE" = product ] || [ $key = user ] || continue
	assert_eq "$key" "$(login "$SG_SANDBOX" -i "$SG_DIR/$key")" \
	    $'\nexit 0'
done
assert_match 'wrong key' "$(login "$SG_SANDBOX" -i "$SG_DIR/wrong")" \
    'Permission denied.*exit 255'
assert_match 'no key' "$(login "$SG_SANDBOX")" 'Permission denied.*exit 255'
# The right one is found among wrong ones.
assert_eq 'second of two' "$(login "$SG_SANDBOX" -i "$SG_DIR/wrong" \
    -i "$SG_DIR/user")" $'\nexit 0'
# An RSA key signs with SHA-2 or not at all.
assert_match 'SHA-1' "$(login "$SG_SANDBOX" -i "$SG_DIR/rsa" -o \
    PubkeyAcceptedAlgorithms=ssh-rsa)" 'exit 255'
# Each host key can be asked for.
needs_product 'host keys'
for type in ssh-ed25519 rsa-sha2-512 rsa-sha2-256; do
	assert_eq "$type" "$(login "$SG_SANDBOX" -i "$SG_KEY" \
	    -o HostKeyAlgorithms=$type)" $'\nexit 0'
done
