#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: who may use what a sandbox serves: private by default, each by what it
# takes to open it, which the program inside does not see.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-service.sh
. "$here/lib-service.sh"
needs_product 'services'
service_serve 8000
at_exit 'for name in web open key head post; do
    sg unexpose "$SG_SANDBOX" "$name" 2>/dev/null || true; done'

# Private by default: the URL that is printed opens it, nothing else does.
url=$(expose 8000 --name web)
assert_match 'its URL' "$url" \
    "^http://web--$host_id.sandgate.test:$SG_PROXY_PORT/\?sandgate_preview=sg_"
assert_match 'in the list' "$(sg services "$SG_SANDBOX")" 'web *8000 *preview'
token=${url##*=}
bare=${url%%\?*}
assert_eq 'with its token' "$(get "$url")" 200
assert_match 'is kept' "$(cat "$tmp/head")" \
    'Set-Cookie: sandgate_preview=sg_.*; Path=/; HttpOnly; SameSite=Lax'
assert_eq 'what it saw of that' "$(seen 'it["path"]')" /
assert_eq 'in a query with others' "$(get \
    "${bare}a/b?x=1&sandgate_preview=$token&y=%26")" 200
assert_eq 'the others' "$(seen 'it["path"]')" '/a/b?x=1&y=%26'
assert_eq 'without' "$(get "$bare")" 401
cp "$tmp/body" "$tmp/refusal"
for wrong in sg_x "${token%?}" "${token}x" ''; do
	assert_eq "shows '$wrong'" "$(get -H "Sandgate-Preview: $wrong" \
	    "$bare")" 401
done
# By each way, of each spelling of the place.
for place in "$bare" "http://8000-$host_id.sandgate.test/" \
    "$proxy/p/$host_id/8000/" "$proxy/p/$SG_SANDBOX/8000/" \
    "$proxy/p/$host_id/web/"; do
	assert_eq "$place: nothing" "$(get "$place")" 401
	assert_eq "$place: header" "$(get -H "Sandgate-Preview: $token" \
	    "${place}x")" 200
	assert_eq "$place: its path" "$(seen 'it["path"]')" /x
	assert_eq "$place: not seen" "$(seen '"sandgate" in str(it).replace(
	    "sandgate.test", "").replace("sandgate-x", "")')" False
	assert_eq "$place: cookie" "$(get \
	    -b "a=1; sandgate_preview=$token; b=2" "${place}")" 200
	assert_match "$place: other cookies" "$(seen 'it["headers"]')" \
	    'Cookie: a=1; b=2'
done
# What is not there, and what is another's, is refused as what is closed.
for place in "http://none--$host_id.sandgate.test/" \
    http://web--sb-000000000000.sandgate.test/ \
    "http://web--sb-${SG_OTHER#sb_}.sandgate.test/" \
    "http://8000-sb-${SG_FOREIGN#sb_}.sandgate.test/" \
    "$proxy/p/$host_id/none/" "$proxy/p/sb-${SG_FOREIGN#sb_}/8000/" \
    "$proxy/p/$host_id/8001/"; do
	assert_eq "$place" "$(get -H "Sandgate-Preview: $token" "$place")" 401
	cmp "$tmp/body" "$tmp/refusal" || fail "$place is told apart"
done
assert_eq 'no place' "$(get "$proxy/")" 404
assert_eq 'no id' "$(get "$proxy/p/x/8000/")" 404

# One that has expired, and one that was removed.
short=$(preview 8000 10s)
assert_eq 'not yet' "$(get -H "Sandgate-Preview: $short" "$bare")" 200
is_over() { [ "$(get -H "Sandgate-Preview: $short" "$bare")" = 401 ]; }
sg_wait_for is_over || fail 'it does not expire'
api=(curl -sS -m 60 --unix-socket "$SG_RUN/api.sock" -H
    'Content-Type: application/json')
number=$("${api[@]}" -d '{"port": 8000}' \
    "http://x/v1/sandboxes/$SG_SANDBOX/previews" | /usr/bin/python3 -c \
    'import json, sys; it = json.load(sys.stdin); print(it["id"], it["token"])')
assert_eq 'made' "$(get -H "Sandgate-Preview: ${number#* }" "$bare")" 200
assert_eq 'removed' "$("${api[@]}" -o /dev/null -w '%{http_code}' -X DELETE \
    "http://x/v1/sandboxes/$SG_SANDBOX/previews/${number% *}")" 204
assert_eq 'at once' "$(get -H "Sandgate-Preview: ${number#* }" "$bare")" 401

# The other kinds.
url=$(expose 8000 --name open --public --method GET --method HEAD \
    --path-prefix /pub)
assert_eq 'public' "$(get "${url}pub/x")" 200
assert_eq 'told as it is' "$(seen 'it["path"]')" /pub/x
assert_eq 'another method' "$(get -X POST "${url}pub/x")" 405
assert_match 'which' "$(cat "$tmp/head")" 'Allow: GET,HEAD'
for path in '' publish pub/../x pub/%2e%2e/x pub//x 'pub/..;/x'; do
	assert_eq "/$path" "$(get --path-as-is "$url$path")" 404
done
url=$(expose 8000 --name key --token 'correct horse battery')
assert_eq 'bearer' "$(get -H 'Authorization: Bearer correct horse battery' \
    "$url")" 200
assert_eq 'not seen' "$(seen '"authorization" in names')" False
assert_eq 'a wrong one' "$(get -H 'Authorization: Bearer correct horse' \
    "$url")" 401
assert_eq 'none' "$(get "$url")" 401
assert_eq 'a preview opens it too' "$(get -H "Sandgate-Preview: $token" \
    -H 'Authorization: Basic eA==' "$url")" 200
assert_eq 'its own is passed' "$(seen '"authorization" in names')" True
url=$(expose 8000 --name head --header X-Key)
secret=$(sed -n 's/^  X-Key: //p' "$tmp/expose.err")
assert_eq 'header' "$(get -H "x-key: $secret" "$url")" 200
assert_eq 'not seen' "$(seen '"x-key" in names')" False
assert_eq 'a wrong one' "$(get -H "X-Key: x$secret" "$url")" 401
assert_eq 'none' "$(get "$url")" 401
assert_eq 'again' "$(get -H "X-Key: $secret" "$url")" 200
# Another of the same name, and none.
url=$(expose 8000 --name head --public)
assert_eq 'public now' "$(get "$url")" 200
sg unexpose "$SG_SANDBOX" head
assert_eq 'gone' "$(get "$url")" 401
url=$(expose 8000 --name post --public --rate 1)
assert_eq 'the first' "$(get "$url")" 200
got=
for _ in {1..20}; do # where this machine is so slow that a second goes by
	got=$(get "${url}?[1-20]")
	case $got in *429*) break ;; esac
done
assert_match 'more than one a second' "$got" 429
# What cannot be.
for wrong in '0 --public' '65536 --public' '8000 --name A' \
    '8000 --name a--b' '8000 --public --bearer' '8000 --path-prefix x' \
    '8000 --header Host --token 0123456789abcdef' '8000 --token short'; do
	# shellcheck disable=SC2086
	expose $wrong >/dev/null && fail "expose $wrong"
done
exit 0
