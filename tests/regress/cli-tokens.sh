#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: tokens are shown once, listed, revoked, and serve the API.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

sg token create cli-token --ttl 1h >"$tmp/out" 2>"$tmp/err"
token=$(grep -o 'sg_[A-Za-z0-9_-]*' "$tmp/out")
assert_eq 'the token alone on stdout' "$(cat "$tmp/out")" "$token"
assert_match 'listed' "$(sg token list)" cli-token
row=$(sg token list --json | jq -c \
    '(.tokens? // .)[] | select(.name == "cli-token")')
assert_eq 'not revoked' "$(jq .revoked <<<"$row")" false
assert_match 'expires' "$(jq -r .expires_at <<<"$row")" '^20'
status()
{
	curl -s -o /dev/null -w '%{http_code}' --unix-socket "$SG_RUN/api.sock" \
	    -H "Authorization: Bearer $1" http://localhost/v1/status
}
assert_eq 'over the API' "$(status "$token")" 200
assert_eq 'a wrong one wins over the socket too' "$(status sg_nonsense)" 401
sg token revoke "$(jq -r .id <<<"$row")" >/dev/null
assert_eq 'revoked' "$(status "$token")" 401
assert_eq 'revoked, as listed' "$(sg token list --json | jq \
    '(.tokens? // .)[] | select(.name == "cli-token") | .revoked')" true
for ttl in 0 -1 forever 1y ''; do
	sg token create bad --ttl "$ttl" >/dev/null 2>"$tmp/err" &&
	    fail "--ttl '$ttl' was taken"
	assert_match "--ttl '$ttl'" "$(cat "$tmp/err")" 'ttl'
done
