#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: npm e2b, its code interpreter and @computesdk/e2b, unmodified, with nothing
# but two URLs and a key.
# shellcheck source=tests/regress/lib-sdk.sh
. "$(dirname "$0")/lib-sdk.sh"

export E2B_API_URL=$api_url E2B_SANDBOX_URL=$api_url E2B_API_KEY=$token
export STEPS_METHODS=e2b STEPS_CALLED=$tmp/called
run_steps "$here/client-e2b.js"
run_steps "$here/client-e2b-more.js"
run_steps "$here/client-e2b-code.js"
has_called_all
unset STEPS_METHODS
run_steps "$here/client-computesdk.js"
