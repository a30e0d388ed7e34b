#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: npm sandbox0, unmodified, with nothing but a URL and a key; in an
# organisation of its own, whose sandboxes are counted.
# shellcheck source=tests/regress/lib-sdk.sh
. "$(dirname "$0")/lib-sdk.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"

orgs_start
export SANDBOX0_BASE_URL=$api_url SANDBOX0_TOKEN=${token_of[ana]}
export STEPS_METHODS=sandbox0 STEPS_CALLED=$tmp/called
run_steps "$here/client-sandbox0.js"
run_steps "$here/client-sandbox0-inside.js"
run_steps "$here/client-sandbox0-sessions.js"
ssh-keygen -q -t ed25519 -N '' -C '' -f "$tmp/laptop"
SSH_KEY=$(cat "$tmp/laptop.pub")
export SSH_KEY SSH_KEY_FILE=$tmp/laptop PROXY_PORT=$SG_PROXY_PORT
run_steps "$here/client-sandbox0-more.js"
has_called_all

# What is promised to sandboxes is more than there is, but not without end.
restart() { sg_stop sandboxd && sg_start sandboxd && sg_wait_api; }
cp "$SG_CONF" "$tmp/conf"
at_exit 'cat "$tmp/conf" >"$SG_CONF"; restart'
sed '/^.sandboxd.$/a memory_overcommit = 200' "$tmp/conf" >"$SG_CONF"
restart || fail 'sandboxd did not come back'
export OPERATOR="$BUILD/bin/sandgate --socket $SG_RUN/api.sock" ORG=$red
run_steps "$here/client-sandbox0-limits.js"
