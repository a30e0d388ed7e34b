#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: a sandbox that one product's client made is entered with ssh, copied to
# with scp, used by the clients of all the others, and ended by one of them.
# shellcheck source=tests/regress/lib-sdk.sh
. "$(dirname "$0")/lib-sdk.sh"

export E2B_API_URL=$api_url E2B_SANDBOX_URL=$api_url E2B_API_KEY=$token
export API_URL=$api_url TOKEN=$token
ln -sfn "$sdk" "$tmp/node_modules"
cp "$here/sdks-together.js" "$tmp/"
by_node() { timeout 300 node "$tmp/sdks-together.js" "$@"; }
by_python() { timeout 300 /usr/bin/python3 "$here/sdks-together.py" "$@"; }

# zwrm METHOD PATH [BODY]
zwrm()
{
	curl -sS -f --max-time 120 -X "$1" -H "Authorization: Bearer $token" \
	    -H 'Content-Type: application/json' ${3:+-d "$3"} "$api_url$2"
}

{
	by_node make
	by_python make
	echo "zwrm $(zwrm POST /v1/sandboxes \
	    '{"mode": "ephemeral", "timeout": "10m"}' | jq -r .id)"
	echo "native $(sg create --ttl 10m 2>/dev/null)"
} >"$tmp/made"
assert_eq 'makers' "$(cut -d' ' -f1 "$tmp/made" | xargs)" \
    'e2b sandbox0 mcp sandbase acontext zwrm native'
mapfile -t ids < <(cut -d' ' -f2 "$tmp/made")
at_exit 'for id in "${ids[@]}"; do sg destroy "$id"; done'

text=$(head -c 12 /dev/urandom | base64)$'\n'
printf %s "$text" >"$tmp/copied"
ssh_options=(-F "$SG_SSH_CONFIG" -i "$SG_KEY")
while read -r maker id; do
	timeout 250 scp -q "${ssh_options[@]}" -o User="$id" "$tmp/copied" \
	    bare:copied || fail "$maker: scp"
	assert_eq "$maker: ssh" "$(timeout 250 ssh "${ssh_options[@]}" \
	    -l "$id" bare cat copied </dev/null)" "${text%$'\n'}"
done <"$tmp/made"
by_node use "$text" "${ids[@]}" || fail 'e2b, sandbox0 or mcp: see above'
by_python use "$text" "${ids[@]}" || fail 'sandbase or acontext: see above'
while read -r maker id; do
	assert_eq "$maker: zwrm" "$(zwrm POST "/v1/sandboxes/$id/execute" \
	    '{"command": "cat /tmp/from-sandbase"}' | jq -r .stdout)" sandbase
	assert_eq "$maker: native" "$(sg exec "$id" -- cat copied from-mcp \
	    </dev/null)" \
	    "${text}mcp"
	zwrm DELETE "/v1/sandboxes/$id" >/dev/null || fail "$maker: destroy"
	echo "$maker: made, entered, copied to, used by all, destroyed"
done <"$tmp/made"
assert_eq 'nothing is left' "$(sg list --json | jq -r '.sandboxes[].id' |
    grep -c -F -f <(printf '%s\n' "${ids[@]/#sb-/sb_}") || true)" 0
