#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: 180 commands at once in one sandbox, 50 streams of 1 MB/s, and a reader
# that is stuck: nothing waits for anything else. The times are for who reads
# them; what is asserted is that all of it comes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'
command -v node >/dev/null || skip 'node is missing'

SANDBOX=$(sg create --name "crowd-$$" --pids 1024 2>/dev/null)
at_exit 'sg destroy "$SANDBOX"'
export SANDBOX SG_RUN
timeout "${SG_TIMEOUT:-600}" node "$here/http-crowd.js" | tee "$tmp/steps"
! grep -q '^FAIL' "$tmp/steps" || fail 'see above'
assert_eq 'all of it' "$(tail -1 "$tmp/steps")" '2 steps'
