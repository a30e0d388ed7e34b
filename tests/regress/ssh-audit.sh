#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh-audit fails none of the algorithms, and warns of none it knows.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product algorithms
command -v ssh-audit >/dev/null || skip 'no ssh-audit'

# Its status is that of what it found; what it found is looked at below.
timeout 300 ssh-audit -n -p "$SG_PORT" 127.0.0.1 >"$tmp/audit" || true
grep -q '^(kex) curve25519-sha256' "$tmp/audit" || fail "$(cat "$tmp/audit")"
assert_eq 'failures' "$(grep -F '[fail]' "$tmp/audit")" ''
# A marker of strict key exchange (CVE-2023-48795), newer than some ssh-audits,
# is no algorithm; hmac-sha2-256 is there for curl's libssh2 1.10.
assert_eq 'warnings' "$(grep -F '[warn]' "$tmp/audit" | grep -Ev \
    -e 'kex-strict-s-v00@openssh.com.* unknown algorithm' \
    -e '^\(mac\) hmac-sha2-256 .*encrypt-and-MAC')" ''
assert_eq 'to be removed or changed' "$(grep -E '^\(rec\) [-!]' \
    "$tmp/audit" | grep -v '^(rec) -hmac-sha2-256 ')" ''
grep -q 'kex-strict-s-v00@openssh.com' "$tmp/audit" ||
    fail 'no strict key exchange'
grep '^(\(kex\|key\|enc\|mac\))' "$tmp/audit"
