#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: list, get and --json tell the same of every sandbox.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

# One that nobody uses: of others last_activity may change in between.
fresh=$(sg create 2>/dev/null)
at_exit 'sg destroy "$fresh"'
sg list --json | jq -e . >"$tmp/list" || fail 'list --json is not JSON'
sg get "$fresh" --json | jq -e . >"$tmp/get" || fail 'get --json is not JSON'
assert_eq 'same object' "$(jq -cS --arg id "$fresh" \
    '(.sandboxes? // .)[] | select(.id == $id)' "$tmp/list")" \
    "$(jq -cS . "$tmp/get")"
for field in id status template name created_at limits ssh address; do
	jq -e "has(\"$field\")" "$tmp/get" >/dev/null || fail "no $field"
done
assert_match 'time' "$(jq -r .created_at "$tmp/get")" \
    '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}\.[0-9]{3}Z$'
table=$(sg list)
for id in "$SG_SANDBOX" "$SG_OTHER"; do
	assert_eq "$id in the table" "$(grep -c "$id" <<<"$table")" 1
done
assert_eq 'no colours into a pipe' "$(grep -c $'\e' <<<"$table")" 0
assert_eq 'another organisation' "$(sg list --json | grep -c "$SG_FOREIGN")" 0
assert_match 'get, for people' "$(sg get "$SG_SANDBOX")" "$SG_SANDBOX"
sg get "$SG_FOREIGN" >/dev/null 2>"$tmp/foreign" && fail 'foreign: shown'
sg get sb_000000000000000 >/dev/null 2>"$tmp/unknown" && fail 'unknown: shown'
assert_eq 'all that is told of a foreign one' "$(cat "$tmp/foreign")" \
    "sandgate: $SG_FOREIGN: is another organisation's"
assert_eq 'of an unknown one' "$(cat "$tmp/unknown")" \
    'sandgate: sb_000000000000000: no such sandbox'
