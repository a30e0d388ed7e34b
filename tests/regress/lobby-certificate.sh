#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: what a certificate is bound to, its holder cannot shed in the lobby by
# making a key or a token there.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'certificate authorities'
# shellcheck source=tests/regress/lib-certificate.sh
. "$here/lib-certificate.sh"
certificate_start

certify ''
assert_eq 'unbound' "$(sg_ssh -l ctl sandbox version)" "$(sg version)"
for bound in '-O source-address=127.0.0.1' '-O force-command=true' \
    '-O no-pty' "-n $SG_SANDBOX"; do
	certify "$bound"
	assert_eq "$bound: its sandbox" "$(status_of sg_ssh sandbox true)" 0
	assert_eq "$bound: the lobby" \
	    "$(status_of sg_ssh -l ctl sandbox version 2>/dev/null)" 255
done
