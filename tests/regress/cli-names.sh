#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: a sandbox is called by its name wherever its id would do.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the command line'

name=called-$$
id=$(sg create --name "$name" 2>/dev/null)
at_exit 'sg destroy "$id" 2>/dev/null'
assert_eq 'get' "$(sg get "$name" --json | jq -r .id)" "$id"
assert_eq 'exec' "$(sg exec "$name" -- echo here)" here
process=$(sg exec "$name" -d -- echo behind)
sg wait "$name" "$process"
assert_eq 'logs' "$(sg logs "$name" "$process")" behind
echo content >"$tmp/file"
sg cp "$tmp/file" "$name:copied"
assert_eq 'cp' "$(sg exec "$id" -- cat copied)" content
assert_match 'events' "$(sg events "$name")" "$id"
sg pause "$name"
assert_eq 'paused' "$(sg get "$id" --json | jq -r .state)" paused
sg resume "$name"
! sg get "none-$$" >/dev/null 2>"$tmp/none" || fail 'found what is not there'
assert_match 'of none' "$(cat "$tmp/none")" "none-$$: no such sandbox"

# One of two is nobody's to choose, and those of others do not count.
second=$(sg create --name "$name" 2>/dev/null)
at_exit 'sg destroy "$second" 2>/dev/null'
! sg get "$name" >/dev/null 2>"$tmp/both" || fail 'chose one of two'
assert_match 'both' "$(cat "$tmp/both")" 'the name of several sandboxes'
assert_match 'one' "$(cat "$tmp/both")" "$id"
assert_match 'the other' "$(cat "$tmp/both")" "$second"
sg destroy "$second"
sg destroy "$name"
! sg get "$name" >/dev/null 2>&1 || fail 'found after its end'
