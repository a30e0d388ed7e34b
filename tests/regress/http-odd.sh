#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: expectations, chunks, bodies of nothing, encoded paths and slow clients;
# and how often one token may ask.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$here/lib-settings.sh"
needs_product 'the API'

token=$(sg token create odd 2>/dev/null)
other=$(sg token create odd-other 2>/dev/null)
# shellcheck disable=SC2034 # at the end
mapfile -t ids < <(sg token list --json | jq -r '.tokens[] |
    select(.name == "odd" or .name == "odd-other").id')
at_exit 'sg token revoke "${ids[@]}"'
timeout 300 /usr/bin/python3 "$here/http-odd.py" "$SG_RUN/api.sock" \
    "$SG_SANDBOX" "$token"

# ask [CURL-ARGUMENT...]: the status, and the head in $tmp/head.
ask()
{
	curl -sS -o "$tmp/answer" -D "$tmp/head" -w '%{http_code}\n' \
	    --unix-socket "$SG_RUN/api.sock" "$@" http://api/v1/status
}

cp "$SG_CONF" "$tmp/conf"
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_gateway'
printf '[http]\nmax_requests_per_second = 2\n' >>"$SG_CONF"
restart_gateway
# Of one process: there are machines that start fewer than two in a second.
often=()
for _ in {1..40}; do
	often+=(-o "$tmp/answer" http://api/v1/status)
done
for _ in {1..40}; do
	status=$(ask -H "Authorization: Bearer $token" "${often[@]}" |
	    tail -n 1)
	[ "$status" = 200 ] || break
done
assert_eq 'too often' "$status" 429
grep -qi '^retry-after: 1' "$tmp/head" || fail 'no Retry-After'
assert_match 'its words' "$(jq -r .error.message "$tmp/answer")" \
    '^max_requests_per_second: this token may ask 2 times a second'
assert_eq 'and when' "$(jq .error.retry_after "$tmp/answer")" 1
assert_eq 'another token' "$(ask -H "Authorization: Bearer $other")" 200
# Who is no token is not counted: the host's own, on its socket.
for _ in {1..10}; do
	assert_eq 'no token' "$(ask)" 200
done
answers_again()
{
	[ "$(ask -H "Authorization: Bearer $token")" = 200 ]
}
sg_wait_for answers_again || fail 'it is refused for good'
echo 'what is odd is answered, and what comes too often told when'
