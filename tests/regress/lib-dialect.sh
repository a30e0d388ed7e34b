# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# A product's client as far as it is HTTP: a row of what it asks for is a line
# of what the test says.

token=$(sg token create dialect 2>/dev/null)
# shellcheck disable=SC2034 # at the end
token_id=$(sg token list --json | jq -r '[.tokens[] |
    select(.name == "dialect")][-1].id')
at_exit 'sg token revoke "$token_id"'
base=${base:-http://api}

# ask METHOD PATH [CURL-ARGUMENT...]: the status; the answer in $tmp/answer and
# its head in $tmp/head.
ask()
{
	curl -sS -o "$tmp/answer" -D "$tmp/head" -w '%{http_code}' \
	    --max-time 120 --unix-socket "$SG_RUN/api.sock" -X "$1" \
	    -H "${key_header:-Authorization: Bearer} ${key:-$token}" \
	    "${@:3}" "$base$2"
}

# row WHAT STATUS METHOD PATH [BODY]
row()
{
	local got body=()

	[ -z "${5-}" ] || body=(-H 'Content-Type: application/json' -d "$5")
	got=$(ask "$3" "$4" "${body[@]}")
	[ "$got" = "$2" ] ||
	    fail "$1: $got, wanted $2: $(head -c 400 "$tmp/answer")"
	grep -qi '^x-request-id: req_' "$tmp/head" || fail "$1: no request id"
	echo "$1: $2"
}

# answer FILTER: of the last one
answer()
{
	jq -r "$1" "$tmp/answer"
}
