#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a certificate of the organisation's CA lets in as sshd's would.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'certificate authorities'
# shellcheck source=tests/regress/lib-certificate.sh
. "$here/lib-certificate.sh"
certificate_start

# attempt HOST: its words, but for the user's name and the methods, and status.
attempt()
{
	status_of sg_ssh "$1" true 2>&1 | sed 's/[^ ]*@/USER@/; s/(.*)/()/'
}

# Both say the same to each certificate.
for case in '' '-n some@body' '-V -2m:-1m' '-V +1m:+2m' '-h' \
    '-O source-address=127.0.0.1' '-O source-address=10.0.0.0/8' \
    '-O critical:frob' '-O extension:frob' \
    "-n 'no principal'"; do
	certify "$case"
	assert_eq "certificate $case" "$(attempt sandbox)" "$(attempt ref)"
done
assert_eq 'accepted' "$(certify ''; status_of sg_ssh sandbox true)" 0
for type in ecdsa 'ecdsa -b 384' 'ecdsa -b 521' rsa; do
	certify '' "$type"
	same_as_sshd "a key of type $type" sg_ssh @ echo in
done
certify ''
ssh-keygen -q -t ed25519 -N '' -f "$tmp/other-ca"
ssh-keygen -q -s "$tmp/other-ca" -I x -n "ana,$REF_USER" "$tmp/key.pub"
assert_eq 'wrong CA' "$(status_of sg_ssh sandbox true 2>/dev/null)" 255

# No extension, no right.
certify '-O clear'
same_as_sshd 'no terminal' sg_ssh -tt @ echo in
certify '-O no-pty'
same_as_sshd 'no-pty' sg_ssh -tt @ echo in
certify '-O no-port-forwarding'
same_as_sshd 'no-port-forwarding' status_of sg_ssh -W localhost:22 @
same_as_sshd 'a shell all the same' sg_ssh @ echo in

# Whom it names.
certify "-n $SG_SANDBOX"
assert_eq 'its sandbox' "$(sg_ssh sandbox echo in)" in
assert_eq 'another' "$(status_of sg_ssh other true 2>/dev/null)" 255
certify '-n newcomer'
assert_eq 'a new user' "$(sg_ssh other echo in)" in
assert_match 'on record' "$(tail -n 3 "$SG_LOG/audit.log")" \
    '"user":"newcomer".*"certificate":"serial [0-9]+ id key of'
assert_eq 'a foreign sandbox' "$(status_of sg_ssh -l "$SG_FOREIGN" sandbox \
    true 2>/dev/null)" 255

# What is revoked is out at once, and back when that is undone.
certify ''
for what in "--serial $serial --ca $ca" "--key-id 'key of $serial'" \
    "--fingerprint $(ssh-keygen -lf "$tmp/key.pub" | cut -d' ' -f2)" \
    "--fingerprint $(ssh-keygen -lf "$tmp/ca.pub" | cut -d' ' -f2)"; do
	id=$(eval "sg revoke $what")
	assert_eq "revoke $what" "$(status_of sg_ssh sandbox true \
	    2>/dev/null)" 255
	sg revoke undo "$id"
	assert_eq "undo $what" "$(status_of sg_ssh sandbox true)" 0
done
assert_eq 'none left' "$(sg revoke list --json | jq '.ssh_revocations | length')" 0
sg ca rm "$ca"
assert_eq 'CA removed' "$(status_of sg_ssh sandbox true 2>/dev/null)" 255
