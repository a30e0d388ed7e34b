#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: every route of every dialect, without a token, with none of ours, with
# one that has expired and with one that was revoked: 401 in its own words.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

expired=$(sg token create everywhere --ttl 1s 2>/dev/null)
revoked=$(sg token create everywhere 2>/dev/null)
good=$(sg token create everywhere 2>/dev/null)
for id in $(sg token list --json | jq '[.tokens[] |
    select(.name == "everywhere")][-2:][].id'); do
	ids+=("$id")
done
sg token revoke "${ids[0]}"
at_exit 'sg token revoke "${ids[1]}"'
sleep 1.5
"$BUILD/bin/gateway-http" -r >"$tmp/routes"
timeout 600 /usr/bin/python3 "$here/tokens_everywhere.py" "$SG_API_PORT" \
    "$good" "$expired" "$revoked" <"$tmp/routes"
