#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: what the lobby's token is good for, and what is good without it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the lobby'

# Without a token the broker's own connections, as whose peer it is known, are
# nobody's: a command that was taken over is no administrator.
answer=$(setpriv --reuid sandgate --regid sandgate --clear-groups \
    curl -sS -w '%{http_code}' --unix-socket "$SG_RUN/api.sock" \
    http://localhost/v1/sandboxes)
assert_match 'as the broker' "$answer" 'without a token.*401$'
assert_eq 'a made-up token' "$(curl -sS -o /dev/null -w '%{http_code}' \
    --unix-socket "$SG_RUN/api.sock" -H \
    "Authorization: Bearer lobby_$(printf '%064d' 0)" \
    http://localhost/v1/sandboxes)" 401

# It is written nowhere; what was run is.
words=$RANDOM$RANDOM
sg_ssh -l ctl sandbox get "sb_$words" 2>/dev/null || true
if grep -rl 'lobby_[0-9a-f]\{16\}' "$SG_LOG" "$SG_STATE/keys"; then
	fail 'a token was written'
fi
grep -F "sb_$words" "$SG_LOG/audit.log" | jq -e --arg command "get sb_$words" \
    'select(.event == "lobby" and .command == $command and .user == "admin")' \
    >/dev/null || fail 'not in the audit log'

# Who came in with a token stays no longer than it is good.
name=lobby-$RANDOM$RANDOM
token=$(new_token "$name")
mkfifo "$tmp/in"
SSHPASS=$token timeout 300 sshpass -e ssh -F "$SG_SSH_CONFIG" -l ctl \
    -o PreferredAuthentications=password -o PubkeyAuthentication=no bare \
    <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
exec 7>"$tmp/in"
echo "get $SG_SANDBOX --json" >&7
sg_wait_for grep -q "$SG_SANDBOX" "$tmp/out" || fail 'not let in'
sg token revoke "$(token_id "$name")" >/dev/null
# Its connection ends at about this moment, and with it the reader.
(echo 'key list' >&7) 2>/dev/null || true
exec 7>&-
wait $! || true
assert_match 'revoked' "$(cat "$tmp/err")" 'token|revoked|permitted'
assert_eq 'and nothing told' "$(grep -c ssh-ed25519 "$tmp/out")" 0

# A token for one sandbox opens no lobby.
if sg help ssh-token >/dev/null 2>&1; then
	scoped=$(sg ssh-token "$SG_SANDBOX" --json | jq -r .token)
	assert_match 'scoped' "$(secret_login ctl "$scoped")" 'denied'
	assert_match 'nor makes one' "$(secret_login new "$scoped")" 'denied'
fi
