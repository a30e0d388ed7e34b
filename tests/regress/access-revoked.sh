#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: who is in by a token that is revoked is thrown out, and only they.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product tokens

token=$(sg ssh-token "$SG_SANDBOX" --ttl 10m --name thrown-out 2>/dev/null)
SSHPASS=$token timeout 300 sshpass -e ssh -F "$SG_SSH_CONFIG" \
    -o PubkeyAuthentication=no -o PreferredAuthentications=password bare \
    'echo ready; sleep 50' >"$tmp/in" 2>"$tmp/in.err" &
sg_ssh sandbox 'echo ready; sleep 3; echo still' >"$tmp/other" &
other=$!
sg_wait_for grep -q ready "$tmp/in" || fail 'not in'
sg_wait_for grep -q ready "$tmp/other" || fail 'not in, the other one'
sg token revoke "$(token_id thrown-out)"
wait "$other" || fail 'another session was ended too'
assert_eq 'another session' "$(cat "$tmp/other")" $'ready\nstill'
assert_match 'with words' "$(cat "$tmp/in.err")" 'The token was revoked'
# One that has expired ends nothing, as with sshd.
token=$(sg ssh-token "$SG_SANDBOX" --ttl 6s 2>/dev/null)
SSHPASS=$token timeout 300 sshpass -e ssh -F "$SG_SSH_CONFIG" \
    -o PubkeyAuthentication=no -o PreferredAuthentications=password bare \
    'sleep 7; echo still' >"$tmp/in"
assert_eq 'expired' "$(cat "$tmp/in")" still
