#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a file of 1 GiB goes there and back over sftp, and over scp -O.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

export SG_TIMEOUT=1000
[ "$(df --output=avail -B1M "$tmp" | tail -1)" -gt 4096 ] ||
    skip 'less than 4 GiB free'
# Random but quick: a counter enciphered.
head -c $((1 << 30)) /dev/zero | openssl enc -aes-128-ctr -nosalt \
    -K 00112233445566778899aabbccddeeff -iv 0 -out "$tmp/1gib" 2>/dev/null
wanted=$(sha <"$tmp/1gib")
at_exit 'sg_ssh sandbox rm -f 1gib'
echo "put $tmp/1gib 1gib" | sg_sftp sandbox >/dev/null
rm "$tmp/1gib"
assert_eq 'there' "$(sg_ssh sandbox 'sha256sum <1gib | cut -d" " -f1')" \
    "$wanted"
echo "get 1gib $tmp/back" | sg_sftp sandbox >/dev/null
assert_eq 'and back' "$(sha <"$tmp/back")" "$wanted"
rm "$tmp/back"
sg_scp -O sandbox:1gib "$tmp/back"
assert_eq 'scp -O' "$(sha <"$tmp/back")" "$wanted"
