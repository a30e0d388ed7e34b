#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: each route answers, well and not, as docs/openapi.yaml says: no member
# more, none less, and no route that is not asked.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product openapi
/usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null ||
    skip 'no python3-jsonschema, or no python3-yaml'

# What is printed is what is served.
"$BUILD/bin/gateway-http" -o | cmp - "$here/../../docs/openapi.yaml" ||
    fail 'docs/openapi.yaml is not what gateway-http -o prints'
timeout 1000 /usr/bin/python3 "$here/openapi_replies.py" "$SG_RUN/api.sock" \
    "$here/../../docs/openapi.yaml" "$tmp"
