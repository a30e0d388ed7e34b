#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: destroy ends a sandbox, its sessions and all it had on the host.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

id=$(sg create 2>/dev/null)
sg_ssh -l "$id" sandbox 'echo ready; sleep 250' >"$tmp/out" 2>/dev/null &
session=$!
sg_wait_for grep -q ready "$tmp/out"
[ -n "$(sg_inventory | grep -F "$id")" ] || fail 'nothing of it is on the host'
sg destroy "$id"
sg_wait_for sg_is_dead "$session" || fail 'its session goes on'
assert_eq 'listed' "$(sg list --json | grep -c "$id")" 0
left=$(sg_inventory | grep -F "$id" || true)
assert_eq 'left on the host' "$left" ''
assert_eq 'login afterwards' "$(status_of sg_ssh -l "$id" sandbox true \
    2>/dev/null)" 255
assert_eq 'a second time' "$(sg destroy "$id" 2>&1)" ''
sg destroy sb_000000000000 2>"$tmp/err" && fail 'destroyed what never was'
assert_match 'words' "$(cat "$tmp/err")" 'sandgate: .*sb_000000000000'
# Several at once.
one=$(sg create 2>/dev/null)
two=$(sg create 2>/dev/null)
sg destroy "$one" "$two"
assert_eq 'both' "$(sg list --json | grep -c -e "$one" -e "$two")" 0
# Another organisation's is as unknown as one that never was.
sg destroy "$SG_FOREIGN" 2>/dev/null && fail "destroyed another organisation's"
"$BUILD/tests/sandboxd-client" "$SG_RUN/sandboxd.sock" get elsewhere \
    "$SG_FOREIGN" >/dev/null || fail 'it is gone all the same'
