#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a fork shares the blocks of its source, and what it shares counts for it:
# forks of forks come to no more than their limit. A gone source's blocks stay
# for as long as a fork has them.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product forks
grep -q " $SG_STATE/disks btrfs " /proc/mounts || skip 'needs disks on btrfs'

id=$(sg create --disk 64M 2>/dev/null)
at_exit "sg destroy $id"
inside() { SG_TIMEOUT=120 sg_ssh -l "$1" sandbox "${@:2}"; }
inside "$id" 'head -c 36M /dev/urandom >data && sync'
fork=$(sg fork "$id")
at_exit "sg destroy $fork"
read -r total exclusive < <(btrfs filesystem du --raw -s \
    "$SG_STATE/disks/$fork" | awk 'NR == 2 { print $1, $2 }')
[ "$total" -ge $((36 << 20)) ] || fail "only $total bytes in it"
[ "$exclusive" -lt $((2 << 20)) ] || fail "$exclusive bytes are its own"
assert_eq 'data' "$(inside "$fork" 'sha256sum <data')" \
    "$(inside "$id" 'sha256sum <data')"

# 36 of 64 are taken: 20 more fit, another 20 do not.
inside "$fork" 'head -c 20M /dev/urandom >more && sync' || fail 'it has no room'
second=$(sg fork "$fork")
at_exit "sg destroy $second"
! inside "$second" 'head -c 20M /dev/urandom >more2 && sync' 2>"$tmp/err" ||
    fail 'a fork of a fork has more than its limit'
grep -Eq 'quota exceeded|No space left' "$tmp/err" || fail "$(cat "$tmp/err")"
before=$(inside "$second" 'sha256sum <data')
sg destroy "$id" "$fork"
assert_eq 'data' "$(inside "$second" 'sha256sum <data')" "$before"
