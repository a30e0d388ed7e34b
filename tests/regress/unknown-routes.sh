#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: who asks for what is not served is told whose API it is and as of when,
# and who is refused while he still sends hears why.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"

# pinned NAME: the version that the tests drive.
pinned()
{
	/usr/bin/python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["dependencies"][sys.argv[2]])' \
	    "$here/npm/sdk/package.json" "$1"
}
row 'ours' 404 GET /v1/none
assert_match 'its words' "$(cat "$tmp/answer")" "path of Sandgate's API, v1"
row 'of E2B' 404 POST /v2/none
assert_match 'its words' "$(cat "$tmp/answer")" \
    "path of E2B's API, as npm e2b $(pinned e2b) asks"
for path in v3/templates volumes secrets templates/base/tags; do
	row "of E2B: $path" 404 GET "/$path"
	assert_match "its words of $path" "$(cat "$tmp/answer")" \
	    "path of E2B's API"
done
row 'of its data' 404 GET /files/none
assert_match 'its words' "$(cat "$tmp/answer")" "npm e2b $(pinned e2b) asks"
row 'of Sandbox0' 404 GET /api/v1/sandboxes/none/of/these
assert_match 'its words' "$(cat "$tmp/answer")" \
    "path of Sandbox0's API, as npm sandbox0 $(pinned sandbox0) asks"
for path in credential-sources registry/x usage/x sandboxvolumes; do
	row "of Sandbox0: $path" 404 GET "/api/v1/$path"
	assert_match "its words of $path" "$(cat "$tmp/answer")" \
	    "path of Sandbox0's API"
done
row 'of Acontext' 404 GET /api/v1/space
assert_match 'its words' "$(cat "$tmp/answer")" \
    "API, as npm @acontext/acontext $(pinned @acontext/acontext) asks"
row 'of MCP' 404 GET /mcp/none
assert_match 'its words' "$(cat "$tmp/answer")" \
    "Model Context Protocol's, 2025-11-25"
row 'of Sandbase' 404 GET /default/v1/none
assert_match 'its words' "$(cat "$tmp/answer")" "path of Sandbase's API"

# In chunks, of which nobody knows how many come; all of them at once, without
# asking whether they are wanted.
head -c 20000000 /dev/zero >"$tmp/zeros"
for n in 1 2 3 4 5 6 7 8 9 10; do
	for shown in none "$token"; do
		curl -sS -m 60 -H Expect: -H 'Transfer-Encoding: chunked' \
		    -H "X-API-Key: $shown" -T "$tmp/zeros" -o "$tmp/answer" \
		    "http://127.0.0.1:$SG_API_PORT/v1/sandboxes/$SG_SANDBOX/files?path=/tmp" ||
		    fail "$n: nothing was said"
		assert_match "$n" "$(cat "$tmp/answer")" \
		    'is a folder|no such token'
	done
done
