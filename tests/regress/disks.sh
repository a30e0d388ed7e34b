#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: disks outlive sandboxes: bytes come back as they were or not at all, are
# nobody else's, are counted, and whoever is killed leaves nothing half-done.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product disks
orgs_start
store=$SG_STATE/disks.store
content=$store/content/$red

disk=$(sg_as max disk create reports --for alice)
assert_match 'its id' "$disk" '^dk_[0-9a-z]{16}$'
random_file $((16 << 20)) "$tmp/big"
put() { sg_as max disk put "$disk" "$@"; }
get() { sg_as max disk get "$disk" "$@"; }
assert_eq 'its hash' "$(put "$tmp/big" /in/big.bin)" \
    "$(sha <"$tmp/big" | cut -d' ' -f1)  /in/big.bin"
get /in/big.bin "$tmp/back"
cmp "$tmp/big" "$tmp/back" || fail 'other bytes came back'
: >"$tmp/empty"
put "$tmp/empty" /empty >/dev/null
assert_eq 'an empty one' "$(get /empty | wc -c)" 0

# A part of one, as of any file.
# part RANGE OFFSET BYTES HEADER...: is 206, and those bytes.
ask()
{
	curl -sS -o "$tmp/part" -w '%{http_code}' --max-time 120 \
	    --unix-socket "$SG_RUN/api.sock" "$@" -H \
	    "Authorization: Bearer ${token_of[max]}" \
	    "http://localhost/v1/disks/$disk/artifacts?path=/in/big.bin"
}
part()
{
	assert_eq "$1" "$(ask -r "$1" "${@:4}")" 206
	assert_eq "bytes of $1" "$(stat -c %s "$tmp/part")" "$3"
	cmp -i "$2:0" -n "$3" "$tmp/big" "$tmp/part" ||
		fail "$1: other bytes"
}
etag=\"$(sha <"$tmp/big" | cut -d' ' -f1)\"
part 10-19 10 10
part 1000000-9999999 1000000 9000000 -H "If-Range: $etag"
part 16777000- 16777000 216
part -7 16777209 7
part 16777215-99999999 16777215 1
part 0-99999999 0 16777216
assert_eq beyond "$(ask -r 16777216-)" 416
assert_match 'how many' "$(cat "$tmp/part")" 'there are 16777216 bytes'
assert_eq 'of another' "$(ask -r 0-0 -H 'If-Range: "old"')" 200
assert_eq 'the same still' "$(ask -H "If-None-Match: $etag")" 304
head=$(ask -I -r 10-19)
assert_eq 'its head' "$head" 206
assert_match 'its head' "$(cat "$tmp/part")" \
    'Content-Range: bytes 10-19/16777216'

# A byte too many, known before or found on the way, and of whoever says less.
printf x >>"$tmp/big"
assert_match 'by the command' "$(put "$tmp/big" /x 2>&1 || true)" '16 MiB'
send()
{
	curl -sS -o "$tmp/answer" -w '%{http_code}' --max-time 120 -T "$1" \
	    --unix-socket "$SG_RUN/api.sock" "${@:2}" -H \
	    "Authorization: Bearer ${token_of[max]}" \
	    "http://localhost/v1/disks/$disk/artifacts?path=/x"
}
assert_eq 'by its length' "$(send "$tmp/big")" 413
assert_eq 'in chunks' "$(send "$tmp/big" -H 'Transfer-Encoding: chunked')" 413
assert_eq 'no such disk' "$(disk=dk_0000000000000000 send "$tmp/empty")" 404
assert_eq 'nothing of them' "$(api_as max GET \
    "/v1/disks/$disk/artifacts/stat?path=/x")" 404
for path in x /x/ /../x //x; do
	assert_eq "$path" "$(api_as max GET \
	    "/v1/disks/$disk/artifacts?path=$path")" 400
done

# What they are, where they are, what is in them.
printf 'name,count\nneedle,1\n' >"$tmp/t.csv"
put "$tmp/t.csv" /out/t.csv --metadata '{"by":"max"}' >/dev/null
printf '{"a":"needle"}' >"$tmp/t.json"
put "$tmp/t.json" /out/deep/t.json >/dev/null
printf 'a\nb\n print("needle")\n' >"$tmp/t.py"
put "$tmp/t.py" /out/t.py >/dev/null
printf 'needle\0' >"$tmp/t.txt"
put "$tmp/t.txt" /out/t.txt >/dev/null
kinds() { sg_as max disk ls "$disk" /out --json |
    jq -r '.artifacts[] | "\(.path) \(.kind) \(.mime)"'; }
assert_eq kinds "$(kinds)" '/out/t.csv csv text/csv
/out/t.py code text/x-python
/out/t.txt binary text/plain'
assert_eq folders "$(sg_as max disk ls "$disk" /out --json |
    jq -c .folders)" '["deep"]'
assert_eq grep "$(sg_as max disk grep "$disk" needle)" '/out/t.csv:2:needle,1
/out/t.py:3: print("needle")
/out/deep/t.json:1:{"a":"needle"}'
assert_eq glob "$(sg_as max disk glob "$disk" '/out/*t.?s*')" '/out/t.csv
/out/deep/t.json'
meta() { api_as max GET "/v1/disks/$disk/artifacts/stat?path=/out/t.csv" \
    >/dev/null; jq -c .metadata "$tmp/answer"; }
assert_eq meta "$(meta)" '{"by":"max"}'
api_as max PATCH "/v1/disks/$disk/artifacts?path=/out/t.csv" \
    '{"metadata": {"a": "b"}}' >/dev/null
assert_eq 'another meta' "$(meta)" '{"a":"b"}'
page() { api_as max GET "/v1/disks/$disk/artifacts/list?path=/out&limit=2&after=$1" \
    >/dev/null; jq -r '[.artifacts[].path, .next] | join(" ")' "$tmp/answer"; }
assert_eq 'a page' "$(page '')" '/out/t.csv /out/t.py t.py'
assert_eq 'the next' "$(page t.py)" '/out/t.txt '

# Nobody else's, by any way, and not by a token for one sandbox.
for way in "disk ls $disk" "disk get $disk /out/t.csv" "disk rm $disk" \
    "disk put $disk $tmp/t.py /x" "disk grep $disk needle"; do
	# shellcheck disable=SC2086
	assert_match "ben: $way" "$(sg_as ben $way 2>&1 || true)" 'no such disk'
done
assert_eq "ben's list" "$(sg_as ben disk list --json | jq -c .disks)" '[]'
assert_eq "nia's list" "$(sg_as nia disk list --json | jq '.disks | length')" 1
sg org set "$red" --member-reach own >/dev/null
assert_eq "hers alone" "$(sg_as nia disk list --json | jq '.disks | length')" 0
assert_match 'nor by its id' "$(sg_as nia disk ls "$disk" 2>&1 || true)" \
    'no such disk'
assert_eq 'an admin' "$(sg_as ana disk list --json | jq '.disks | length')" 1
sg org set "$red" --member-reach shared >/dev/null

# What there is, is counted, and the refusal says whose and how much.
sg org set "$red" --max-artifacts 17M >/dev/null
random_file $((1 << 20)) "$tmp/more"
assert_match 'too much' "$(put "$tmp/more" /more 2>&1 || true)" \
    "max_artifacts: organisation $red may have 17825792 bytes and has 167772"
assert_eq 'its status' "$(send "$tmp/more")" 429
put "$tmp/more" /in/big.bin >/dev/null # in place of what is larger
sg org set "$red" --max-artifacts 0 >/dev/null

# The same bytes are there once, and go with the last who names them.
files() { find "$content" -type f | wc -l; }
n=$(files)
put "$tmp/t.py" /copy.py >/dev/null
assert_eq 'one copy' "$(files)" "$n"
sg_as max disk rm "$disk" /copy.py
assert_eq 'still named' "$(get /out/t.py | sha)" "$(sha <"$tmp/t.py")"
sg_as max disk rm "$disk" /out/t.py
assert_eq 'gone' "$(files)" $((n - 1))

# Bytes that are not those that were written do not come back as them.
at=$(find "$content" -name "$(sha <"$tmp/more" | cut -d' ' -f1)")
printf 'damaged!' | dd of="$at" bs=1 seek=5000 conv=notrunc status=none
get /in/big.bin "$tmp/back" 2>/dev/null && fail 'damage was not found'
[ ! -e "$tmp/back" ] || fail 'damage was left'
ask -r 0-9 >"$tmp/status" 2>/dev/null && fail 'a part of it came'
truncate -s 100 "$at"
assert_eq 'of another size' "$(api_as max GET \
    "/v1/disks/$disk/artifacts?path=/in/big.bin")" 500
put "$tmp/more" /in/big.bin >/dev/null # repairs it
assert_eq 'repaired' "$(get /in/big.bin | sha)" "$(sha <"$tmp/more")"

# Whoever is killed in the middle leaves nothing that is half there.
mkfifo "$tmp/slow"
send "$tmp/slow" >"$tmp/status" 2>/dev/null &
sender=$!
exec 8>"$tmp/slow"
head -c 300000 "$tmp/big" >&8
is_coming() { [ -n "$(find "$store/incoming" -type f -size +200k)" ]; }
sg_wait_for is_coming || fail 'nothing is coming in'
depot=$(gateway_child gateway-depot)
kill_hard "$depot"
exec 8>&-
wait "$sender" || true
sg_wait_for another_gateway_child gateway-depot "$depot" || fail 'no other one'
assert_match 'the one under way' "$(cat "$tmp/status")" '^(503|000|500)$'
answers() { [ "$(api_as max GET "/v1/disks/$disk/artifacts/stat?path=$1")" = \
    "$2" ]; }
sg_wait_for answers /x 404 || fail "after: $(cat "$tmp/answer")"
assert_eq 'incoming' "$(find "$store/incoming" -type f)" ''
assert_eq 'all else' "$(get /in/big.bin | sha)" "$(sha <"$tmp/more")"
stray=$content/ab/ab$(printf '%062d' 0)
mkdir -p "$content/ab"
: >"$stray"
chown -R --reference="$store" "$content/ab"
depot=$(gateway_child gateway-depot)
kill_hard "$depot"
sg_wait_for test ! -e "$stray" || fail 'what nobody names stays'
sg_wait_for answers /in/big.bin 200 || fail 'the store is not back'

# They outlive who made them, and go with the organisation.
sg_as max disk rm "$disk"
sg_wait_for test ! -e "$content" || fail "left: $(find "$content")"
disk=$(sg_as max disk create)
put "$tmp/t.py" /a.py >/dev/null
sg org rm "$red" --force
sg_wait_for test ! -e "$content" || fail "left of $red: $(find "$content")"
