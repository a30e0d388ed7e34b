#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: each request of a token is as large, as long and as frequent as the token
# may be, by every kind of route; a refusal says which limit, its value and whose.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product token-limits
orgs_start

id=$(sg_as max create 2>/dev/null)
disk=$(sg_as max disk create)
process=$(sg_as max exec -d -i "$id" -- cat)
token_of[small]=$(sg_as max token create small --max-body 64K 2>/dev/null)
token_of[short]=$(sg_as max token create short --max-request-time 5s 2>/dev/null)
token_of[rare]=$(sg_as max token create rare --max-rate 1 2>/dev/null)
head -c 65536 /dev/zero >"$tmp/enough"
head -c 65537 /dev/zero >"$tmp/more"
words() { jq -r '.error.message' "$tmp/answer"; }

# row TOKEN METHOD PATH FILE WANTED WORDS [HEADER [HEADER]]
wrong=0
row()
{
	local got

	got=$(curl -sS -o "$tmp/answer" -w '%{http_code}' --max-time 120 \
	    --unix-socket "$SG_RUN/api.sock" -X "$2" \
	    -H "Authorization: Bearer ${token_of[$1]}" -H "${7:-X-None: 1}" \
	    -H "${8:-X-None: 1}" -H 'Expect:' ${4:+--data-binary @"$4"} \
	    "http://localhost$3" 2>/dev/null) || true
	[[ $got =~ ^($5)$ && ($6 = - || $(words) =~ $6) ]] ||
	    { wrong=$((wrong + 1)); echo "WRONG: $1 $2 $3 ${4##*/} $7: $got," \
		"not $5 $6: $(cat "$tmp/answer")" >&2; }
}
json='Content-Type: application/json'
parts='Content-Type: multipart/form-data; boundary=x'
chunks='Transfer-Encoding: chunked'
{ printf '{"command": "true", "env": {"A": "'; head -c 65536 /dev/zero |
    tr '\0' a; printf '"}}'; } >"$tmp/json"
{ printf -- '--x\r\nContent-Disposition: form-data; name="f"; '
printf 'filename="f"\r\n\r\n'; cat "$tmp/more"
printf -- '\r\n--x--\r\n'; } >"$tmp/parts"
tar -C "$tmp" -cf "$tmp/tar" more
size='^max_body: a request of this token may have 65536 bytes'
while IFS='|' read -r method path file header; do
	row small "$method" "$path" "$tmp/$file" 413 "$size" "$header"
	row small "$method" "$path" "$tmp/$file" 413 "$size" "$header" \
	    "$chunks"
done <<END
PUT|/v1/sandboxes/$id/files?path=/tmp/more|more|
POST|/v1/sandboxes/$id/files?path=/tmp|parts|$parts
PUT|/v1/sandboxes/$id/files/tar?path=/tmp|tar|
PUT|/v1/disks/$disk/artifacts?path=/more|more|
POST|/v1/sandboxes/$id/processes/$process/stdin|more|
END
row small POST "/v1/sandboxes/$id/exec" "$tmp/json" 413 "$size" "$json"
row small PUT "/v1/sandboxes/$id/files?path=/tmp/enough" "$tmp/enough" 200 -
row max PUT "/v1/sandboxes/$id/files?path=/tmp/most" "$tmp/more" 200 -
row small GET "/v1/sandboxes/$id/files/stat?path=/tmp/more" '' 404 -
row small GET "/v1/disks/$disk/artifacts/stat?path=/more" '' 404 -

# What waits for a program, what streams, and what the client does not send.
time='^max_request_time: a request of this token may take 5 s'
row short GET /v1/sandboxes '' 200 -
echo '{"command": "sleep 1000"}' >"$tmp/sleep"
row short POST "/v1/sandboxes/$id/exec" "$tmp/sleep" 504 "$time" "$json"
row short GET "/v1/sandboxes/$id/processes/$process/wait" '' 504 "$time"
row short GET "/v1/sandboxes/$id/events?follow=1" '' 200 -
assert_eq 'a stream is cut' "$(curl -sN -o /dev/null -w '%{exitcode}' \
    --max-time 120 --unix-socket "$SG_RUN/api.sock" \
    -H "Authorization: Bearer ${token_of[short]}" \
    "http://localhost/v1/sandboxes/$id/events?follow=1" || true)" 18
slow=$(python3 - "$SG_RUN/api.sock" "$id" "${token_of[short]}" <<'END'
import socket
import sys

path, sandbox, token = sys.argv[1:]
client = socket.socket(socket.AF_UNIX)
client.settimeout(120)
client.connect(path)
client.sendall((f'PUT /v1/sandboxes/{sandbox}/files?path=/tmp/slow HTTP/1.1\r\n'
                f'Host: localhost\r\nAuthorization: Bearer {token}\r\n'
                'Content-Length: 10\r\n\r\nhalf').encode())
while True:
    data = client.recv(65536)
    if not data:
        break
    sys.stdout.write(data.decode())
END
)
assert_match 'a body that does not come' "$slow" '^HTTP/1.1 408 '
assert_match 'says why' "$slow" 'max_request_time: a request of this token'

# As often as it may, and others as often as they like.
often() # TOKEN: the codes of twenty, one after the other on one connection
{
	curl -sS -o "$tmp/answer" -w '%{http_code} ' --max-time 120 \
	    --unix-socket "$SG_RUN/api.sock" \
	    -H "Authorization: Bearer ${token_of[$1]}" \
	    'http://localhost/v1/status?[1-20]'
}
got=
for _ in {1..20}; do # where this machine is so slow that a second goes by
	got=$(often rare)
	case $got in *'429 ') break ;; esac
done
assert_match 'one, and then no more for a second' "$got" '429 $'
assert_match 'says why' "$(words)" \
    '^max_rate: this token may ask 1 times a second'
got=$(often max)
assert_eq 'another token' "${got//200 /}" ''

# It makes none that may more, and one that says nothing has the same.
assert_eq 'no more' "$(api_as small POST /v1/tokens \
    '{"name": "n", "max_body": "1M"}')" 403
assert_match 'says why' "$(words)" '^max_body: more than that of the token'
assert_eq 'the same' "$(api_as small POST /v1/tokens '{"name": "n"}') $(
    jq .max_body_bytes "$tmp/answer")" '201 65536'
assert_match 'shown' "$(sg_as max token show "$(jq .id "$tmp/answer")")" \
    'a body +at most 64K'
assert_eq 'wrong cells' "$wrong" 0
