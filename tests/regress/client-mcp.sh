#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: npm @modelcontextprotocol/sdk over HTTP and over `sandgate mcp`, the
# inspector's command line, and what a client may not do.
# shellcheck source=tests/regress/lib-sdk.sh
. "$(dirname "$0")/lib-sdk.sh"

export MCP_URL=$api_url/mcp MCP_TOKEN=$token
export STEPS_METHODS=mcp STEPS_CALLED=$tmp/called
run_steps "$here/client-mcp.js"
has_called_all
unset STEPS_METHODS

# The same by a program of ours, over the API's socket and over its address.
export MCP_COMMAND="$BUILD/bin/sandgate --socket $SG_RUN/api.sock mcp"
run_steps "$here/client-mcp.js"

# By address, and where nobody answers.
line='{"jsonrpc":"2.0","id":7,"method":"ping"}'
assert_eq 'by address' "$(echo "$line" | SANDGATE_TOKEN=$token \
    "$BUILD/bin/sandgate" --api "$api_url" mcp | jq -c '[.id, .result]')" '[7,{}]'
assert_match 'no token' "$(echo "$line" | SANDGATE_TOKEN=sg_no \
    "$BUILD/bin/sandgate" --api "$api_url" mcp | jq -c '[.id, .error.message]')" \
    '^\[7,".*token'
assert_match 'no API' "$(echo "$line" | "$BUILD/bin/sandgate" \
    --socket "$tmp/nothing" mcp | jq -c '[.id, .error.message]')" \
    '^\[7,"cannot reach the API'
assert_eq 'no JSON' "$(echo nonsense | sg mcp | jq -c '[.id, .error.code]')" \
    '[null,-32700]'

# post EXPECTED BODY [HEADER...]: the status, then the error's number.
post()
{
	local expected=$1 body=$2 got
	shift 2
	got=$(curl -s -o "$tmp/body" -w '%{http_code}' "$MCP_URL" \
	    -H "Authorization: Bearer $token" -H "$(
	    )Content-Type: application/json" "$@" -d "$body")
	assert_eq "$body $*" "$got $(jq -r '.error.code // "-"' "$tmp/body" \
	    2>/dev/null)" "$expected"
}
post '200 -' "$line"
post '403 -32000' "$line" -H 'Origin: https://evil.example'
assert_match 'Origin' "$(jq -r .error.message "$tmp/body")" mcp_origins
post '400 -32000' "$line" -H 'MCP-Protocol-Version: 1999-01-01'
post '200 -' "$line" -H 'MCP-Protocol-Version: 2025-06-18'
post '400 -32000' "[$line]"
post '200 -32600' '{"id":1,"method":"ping"}'
post '200 -32600' '{"jsonrpc":"2.0","id":null,"method":"ping"}'
post '200 -32600' '{"jsonrpc":"2.0","id":1,"method":3}'
post '200 -32601' '{"jsonrpc":"2.0","id":"a","method":"fly"}'
post '202 ' '{"jsonrpc":"2.0","method":"notifications/initialized"}'
post '202 ' '{"jsonrpc":"2.0","id":1,"result":{}}'
assert_eq 'GET' "$(curl -s -o "$tmp/body" -w '%{http_code}' "$MCP_URL" \
    -H "Authorization: Bearer $token")" 405
assert_eq 'nobody' "$(curl -s -o "$tmp/body" -w '%{http_code}' "$MCP_URL" \
    -H 'Content-Type: application/json' -d "$line")" 401
post '200 -' '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
    "name":"sandbox_exec","arguments":{"sandbox_id":"'"$SG_FOREIGN"'",
    "command":"true"}}}'
assert_eq "another organisation's" "$(jq .result.isError "$tmp/body")" true
for pair in 2025-06-18:2025-06-18 2025-11-25:2025-11-25 1999:2025-11-25; do
	assert_eq "asked for ${pair%%:*}" "$(curl -s "$MCP_URL" \
	    -H "Authorization: Bearer $token" \
	    -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,
	    "method":"initialize","params":{"protocolVersion":"'"${pair%%:*}"'",
	    "capabilities":{},"clientInfo":{"name":"c","version":"1"}}}' |
	    jq -r .result.protocolVersion)" "${pair##*:}"
done

# The inspector's own command line, over either.
inspect()
{
	HOME=$tmp timeout 120 "$sdk/.bin/mcp-inspector" --cli "$@" \
	    2>"$tmp/err" || { cat "$tmp/err" >&2; fail 'inspector'; }
}
assert_eq 'inspector: list' "$(inspect "$MCP_URL" --transport http --header \
    "Authorization: Bearer $token" --method tools/list |
    jq -r '.tools[].name' | grep -c '^sandbox_')" 9
assert_eq 'inspector: call' "$(inspect "$BUILD/bin/sandgate" --socket \
    "$SG_RUN/api.sock" mcp --method tools/call --tool-name sandbox_exec \
    --tool-arg sandbox_id="$SG_SANDBOX" 'command=echo seen' |
    jq -r .structuredContent.stdout)" seen
