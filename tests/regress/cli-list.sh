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

# For people: what it is and is to be, and what it was made with; of variables
# their names alone.
made=$(sg create --env SECRET_ONE=hush --env TWO=2 --nesting 2>/dev/null)
at_exit 'sg destroy "$made"'
line() { sg get "$made" | grep "^$1  *" | sed "s/^$1  *//"; }
assert_match 'power' "$(line power)" '^active, stable, generation [0-9]+$'
sg pause "$made"
assert_match 'power, paused' "$(line power)" '^paused, stable, generation [0-9]+$'
assert_match 'env' "$(line env)" '(^|, )SECRET_ONE, TWO(, |$)'
! sg get "$made" | grep -q hush || fail 'a variable is told'
assert_match 'egress' "$(line egress)" "^(allow|deny), the host's default$"
assert_eq 'nesting' "$(line nesting)" yes
sg egress set "$made" allow:192.0.2.0/24:443,198.51.100.0/24 >/dev/null
n=$(sg get "$made" --json | jq .egress.rules)
assert_eq 'its own' "$(line egress)" "deny, but for $n rules of its own"
assert_eq 'as JSON' "$(sg get "$made" --json | jq -c .egress)" \
    "{\"default\":\"deny\",\"rules\":$n,\"own\":true}"
assert_eq 'as its policy has it' "$n" "$(curl -sS --unix-socket \
    "$SG_RUN/api.sock" "http://host/v1/sandboxes/$made/egress" |
    jq '.rules | length')"
assert_eq 'variables' "$(curl -sS --unix-socket "$SG_RUN/api.sock" \
    "http://host/v1/sandboxes/$made/env" | jq -c '.env | [.SECRET_ONE, .TWO]')" \
    '["hush","2"]'
assert_match 'and it sleeps on' "$(line power)" '^paused, '
