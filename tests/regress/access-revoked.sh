#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: who is in by a token that is revoked is thrown out, and only they.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product tokens

token=$(sg ssh-token "$SG_SANDBOX" --ttl 10m --name thrown-out 2>/dev/null)
SSHPASS=$token timeout 300 sshpass -e ssh -F "$SG_SSH_CONFIG" \
    -o PubkeyAuthentication=no -o PreferredAuthentications=password bare \
    'echo ready; sleep 250' >"$tmp/in" 2>"$tmp/in.err" &
mkfifo "$tmp/keys"
sg_ssh sandbox 'echo ready; read line; echo still' <"$tmp/keys" \
    >"$tmp/other" &
other=$!
exec 7>"$tmp/keys"
sg_wait_for grep -q ready "$tmp/in" || fail 'not in'
sg_wait_for grep -q ready "$tmp/other" || fail 'not in, the other one'
sg token revoke "$(token_id thrown-out)"
sg_wait_for grep -q 'The token was revoked' "$tmp/in.err" ||
    fail "without words: $(cat "$tmp/in.err")"
echo >&7
wait "$other" || fail 'another session was ended too'
assert_eq 'another session' "$(cat "$tmp/other")" $'ready\nstill'
# One that has expired ends nothing, as with sshd.
token=$(sg ssh-token "$SG_SANDBOX" --ttl 30s 2>/dev/null)
SSHPASS=$token timeout 300 sshpass -e ssh -F "$SG_SSH_CONFIG" \
    -o PubkeyAuthentication=no -o PreferredAuthentications=password bare \
    'sleep 31; echo still' >"$tmp/in"
assert_eq 'expired' "$(cat "$tmp/in")" still
