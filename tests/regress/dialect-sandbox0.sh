#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: the examples of Sandbox0's own page, by the requests that its clients for
# Go and Python send; npm's is client-sandbox0.sh's.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'a dialect'

# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"

SANDBOX0_BASE_URL=http://127.0.0.1:$SG_API_PORT
SANDBOX0_TOKEN=$token
export SANDBOX0_BASE_URL SANDBOX0_TOKEN
timeout 200 /usr/bin/python3 "$here/sandbox0_examples.py" | tee "$tmp/steps"
assert_match 'all of them' "$(tail -1 "$tmp/steps")" '^[0-9]+ steps$'
