#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: how long a sandbox ran, with which memory, told page by page, also after
# it is gone.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

id=$(sg create --memory 256M 2>/dev/null)
at_exit 'sg destroy "$id"'
sg pause "$id" >/dev/null
sg resume "$id" >/dev/null
sg set "$id" --memory 128M >/dev/null
assert_eq 'what still runs is not over' \
    "$(sg --json usage | jq "[.[] | select(.sandbox == \"$id\")] | length")" 2
sg destroy "$id" >/dev/null

api() { curl -sS --unix-socket "$SG_RUN/api.sock" "http://x/v1/usage$1"; }
# Whoever else's ends meanwhile comes after ours.
all=$(api '?limit=1000')
while [ "$(jq .more <<<"$all")" = true ]; do
	last=$(jq .next <<<"$all")
	all=$(api "?limit=1000&since=$last")
done
ours=$(jq -c "[.usage[] | select(.sandbox == \"$id\")]" <<<"$all")
assert_eq 'what it might have, each time' \
    "$(jq -c '[.[].memory_bytes / 1048576]' <<<"$ours")" '[256,256,128]'
assert_eq 'times that follow each other' "$(jq '. as $w | all(range(length);
    $w[.].from <= $w[.].to and (. == 0 or $w[. - 1].to <= $w[.].from))' \
    <<<"$ours")" true

before=$(($(jq '.[0].id' <<<"$ours") - 1))
next=$before
pages=
while [ "$(jq -n "$next < $(jq '.[-1].id' <<<"$ours")")" = true ]; do
	page=$(api "?limit=1&since=$next")
	assert_eq 'of one' "$(jq '.usage | length' <<<"$page")" 1
	next=$(jq .next <<<"$page")
	pages+=$(jq -c ".usage[] | select(.sandbox == \"$id\")" <<<"$page")
done
assert_eq 'page by page the same' "$(jq -cs . <<<"$pages")" "$ours"
end=$(api "?since=999999999999")
assert_eq 'nothing comes after the last' "$(jq -c . <<<"$end")" \
    '{"usage":[],"next":999999999999,"more":false}'
for limit in 0 1001 x; do
	assert_match "limit=$limit" "$(api "?limit=$limit")" \
	    '"limit: must be from 1 to 1000"'
done
assert_match 'since' "$(api '?since=yesterday')" \
    '"since: must be the next of an answer"'
table=$(sg usage)
assert_match 'as people read it' "$table" "$id +20[^ ]+Z +20[^ ]+Z +0\.0"
assert_match 'and all together' "$table" \
    $'\nall +- +- +[0-9.]+ +- +[0-9.]+ *$'
