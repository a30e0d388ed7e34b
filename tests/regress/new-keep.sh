#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh new+keep@host makes a sandbox that stays, also over restarts.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-new.sh
. "$here/lib-new.sh"
needs_product 'create on connect'

sg_ssh -l new+keep sandbox 'echo kept >note' 2>"$tmp/err"
id=$(new_id "$tmp/err" 'stays until it is destroyed')
at_exit 'sg destroy "$id"'
assert_eq 'as JSON' "$(sg get "$id" --json | jq .ephemeral)" false
sleep 8
assert_eq 'still there' "$(sg_ssh -l "$id" sandbox cat note)" kept
sg_stop sandboxd
sg_start sandboxd
sleep 8
assert_eq 'after a restart' "$(sg_ssh -l "$id" sandbox cat note)" kept
sg destroy "$id"
is_gone "$id" || fail 'it is not destroyed'

# By the API one that nobody comes to ends by itself.
id=$(sg create --ephemeral 2>/dev/null)
is_listed "$id" || fail 'not made'
assert_ends "$id"
