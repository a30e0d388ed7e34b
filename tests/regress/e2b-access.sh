#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: what the E2B dialect calls an access token opens its one sandbox, for
# commands and files, as long as that and the key that it comes of are there.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'access tokens'

# ask TOKEN-HEADER METHOD PATH [ARGUMENT...]: the status; the body in $tmp/body.
ask()
{
	curl -sS -o "$tmp/body" -w '%{http_code}' --max-time 120 -X "$2" \
	    -H "$1" -H 'Content-Type: application/json' "${@:4}" \
	    "http://127.0.0.1:$SG_API_PORT$3"
}
new_token()
{
	sg token create "$1" "${@:2}" 2>/dev/null
}
id_of()
{
	sg token list --json |
	    jq -r --arg name "$1" '.tokens[] | select(.name == $name).id'
}
token=$(new_token "e2b-$$")
at_exit 'sg token revoke "$(id_of "e2b-$$")"'
key="X-API-Key: $token"
assert_eq 'create' "$(ask "$key" POST /v2/sandboxes -d '{"templateID":"base"}')" \
    201
sandbox=$(jq -r .sandboxID "$tmp/body") access=$(jq -r .envdAccessToken "$tmp/body")
at_exit 'sg destroy "$sandbox"'
assert_match 'an access token' "$access" '^sga_[0-9a-z]+_[0-9]+_[A-Za-z0-9_-]{43}$'
here=(-H "E2b-Sandbox-Id: $sandbox")
other=(-H "E2b-Sandbox-Id: $SG_SANDBOX")
by="X-Access-Token: $access"
list='/filesystem.Filesystem/ListDir'
assert_eq 'files' "$(ask "$by" POST "$list" "${here[@]}" -d '{"path":"/"}')" 200
assert_eq 'the same one, by the name of the host' "$(ask "$by" POST "$list" \
    -H "Host: 49983-$sandbox.example" -d '{"path":"/"}')" 200
assert_eq 'health' "$(ask "$by" GET /health "${here[@]}")" 204
assert_eq 'another sandbox' "$(ask "$by" POST "$list" "${other[@]}" \
    -d '{"path":"/"}')" 404
assert_eq 'another sandbox, health' "$(ask "$by" GET /health "${other[@]}")" 502
assert_eq 'no sandbox' "$(ask "$by" GET /health)" 502
assert_eq 'itself' "$(ask "$by" GET "/sandboxes/$sandbox")" 200
assert_eq 'a create' "$(ask "$by" POST /v2/sandboxes -d '{"templateID":"base"}')" \
    403
assert_eq 'its end' "$(ask "$by" DELETE "/sandboxes/$sandbox")" 403
assert_eq 'tokens' "$(ask "$by" POST /v1/tokens -d '{"name":"x"}')" 403
assert_eq 'SSH' "$(ask "$by" POST "/v1/sandboxes/$sandbox/ssh-access" -d '{}')" 403
assert_eq 'changed' "$(ask "${by%?}_" GET /health "${here[@]}")" 401
assert_eq 'for another sandbox' "$(ask "${by/${sandbox#sb-}/${SG_SANDBOX#sb_}}" \
    GET /health "${other[@]}")" 401
assert_eq 'none' "$(ask 'X-Nothing: x' GET /health "${here[@]}")" 401
# A name is none of its claims, and whoever claims more has to show it.
assert_eq 'with a user' "$(ask "$by" POST "$list" "${here[@]}" \
    -H "Authorization: Basic $(printf root: | base64)" -d '{"path":"/root"}')" 200
assert_eq 'a name alone' "$(ask "Authorization: Basic cm9vdDo=" GET /health \
    "${here[@]}")" 401
grep -raqF "$access" "$SG_STATE/keys" "$SG_LOG" && fail 'kept in the clear'

# One of less is worth less.
reading=$(new_token "e2b-read-$$" --scope read)
at_exit 'sg token revoke "$(id_of "e2b-read-$$")"'
assert_eq 'read: get' "$(ask "X-API-Key: $reading" GET "/sandboxes/$sandbox")" 200
assert_eq 'read: files' "$(ask "X-Access-Token: $(jq -r .envdAccessToken \
    "$tmp/body")" POST "$list" "${here[@]}" -d '{"path":"/"}')" 403

# It ends with what it came of: what goes on is cut, and nothing begins.
brief=$(new_token "e2b-brief-$$")
assert_eq 'get' "$(ask "X-API-Key: $brief" GET "/sandboxes/$sandbox")" 200
by_brief="X-Access-Token: $(jq -r .envdAccessToken "$tmp/body")"
python3 - "$tmp/start" <<'END'
import json, struct, sys
text = json.dumps({"process": {"cmd": "/bin/sh",
    "args": ["-c", "echo begun; exec sleep 600"]}}).encode()
open(sys.argv[1], "wb").write(struct.pack(">BI", 0, len(text)) + text)
END
status=0
curl -sS -N --max-time 250 -o "$tmp/stream" -H "$by_brief" "${here[@]}" \
    -H 'Content-Type: application/connect+json' --data-binary "@$tmp/start" \
    "http://127.0.0.1:$SG_API_PORT/process.Process/Start" 2>"$tmp/err" &
client=$!
for _ in $(seq 300); do
	grep -qs data "$tmp/stream" && break
	sleep 0.1
done
grep -q data "$tmp/stream" || fail 'no stream'
sg token revoke "$(id_of "e2b-brief-$$")"
wait "$client" || status=$?
[ "$status" != 28 ] && [ "$status" != 0 ] || fail "the stream goes on: $status"
assert_eq 'revoked' "$(ask "$by_brief" GET /health "${here[@]}")" 401
assert_eq 'the other is as it was' "$(ask "$by" GET /health "${here[@]}")" 204

sg destroy "$sandbox"
assert_eq 'destroyed' "$(ask "$by" GET /health "${here[@]}")" 502
