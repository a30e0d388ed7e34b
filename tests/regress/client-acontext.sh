#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: npm @acontext/acontext, unmodified, with nothing but a URL and a key, and
# the requests of its successors; in an organisation of its own.
# shellcheck source=tests/regress/lib-sdk.sh
. "$(dirname "$0")/lib-sdk.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"

orgs_start
export ACONTEXT_BASE_URL=$api_url/api/v1 ACONTEXT_API_KEY=${token_of[ana]} \
    FOREIGN_KEY=${token_of[ben]}
run_steps "$here/client-acontext.js"
