#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: sandgate ssh-token: one sandbox, by SSH alone, for a while.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product tokens

token=$(sg ssh-token "$SG_SANDBOX" --ttl 10m --no-forward --name "guest-$$" \
    2>"$tmp/err")
assert_match 'the token alone' "$token" '^sg_[A-Za-z0-9_-]{40,}$'
assert_match 'how to use it' "$(cat "$tmp/err")" \
    "ssh -p $SG_PORT $SG_SANDBOX@localhost"
assert_match 'its scope' "$(cat "$tmp/err")" 'scope no-forward'
assert_eq 'password' "$(secret_login "$SG_SANDBOX" "$token")" $'\nexit 0'
assert_eq 'keyboard-interactive' "$(secret_login "$SG_SANDBOX" "$token" \
    -o PreferredAuthentications=keyboard-interactive)" $'\nexit 0'
assert_match 'another sandbox' "$(secret_login "$SG_OTHER" "$token")" \
    'Permission denied'
assert_match 'another organisation' "$(secret_login "$SG_FOREIGN" "$token")" \
    'Permission denied'
assert_eq 'not for the API' "$(curl -s -o /dev/null -w '%{http_code}' \
    --unix-socket "$SG_RUN/api.sock" -H "Authorization: Bearer $token" \
    http://localhost/v1/status)" 401
row=$(sg token list --json | jq -c --arg name "guest-$$" \
    '.tokens[] | select(.name == $name)')
assert_eq 'listed' "$(jq -r '.sandbox + " " + .scope' <<<"$row")" \
    "$SG_SANDBOX no-forward"
assert_match 'listed for people' "$(sg token list)" \
    "guest-$$ .* $SG_SANDBOX +no-forward"
grep -raqF "$token" "$SG_STATE/keys" "$SG_LOG" && fail 'kept in the clear'
grep -q '"event":"ssh_access".*"scope":"no-forward"' "$SG_LOG/audit.log" ||
    grep -q 'ssh_access.*no-forward' "$SG_LOG/audit.log" || fail 'not audited'
sg token revoke "$(jq -r .id <<<"$row")"
assert_match 'revoked' "$(secret_login "$SG_SANDBOX" "$token")" \
    'Permission denied'
# It ends by itself, and leaves the list.
token=$(sg ssh-token "$SG_SANDBOX" --ttl 30s --name brief 2>/dev/null)
assert_eq 'at once' "$(secret_login "$SG_SANDBOX" "$token")" $'\nexit 0'
sleep 31
assert_match 'later' "$(secret_login "$SG_SANDBOX" "$token")" \
    'Permission denied'
sg ssh-token "$SG_SANDBOX" --ttl 1m --name "again-$$" --json >"$tmp/json"
assert_eq 'gone from the list' "$(token_id brief)" ''
assert_eq 'as JSON' "$(jq -r '[.username, .scope, (.token | length),
    (.host_keys | length > 0)] | @json' "$tmp/json")" \
    "[\"$SG_SANDBOX\",null,46,true]"
# Bad input says what is allowed.
for bad in '--ttl 2d' '--ttl 0' '--ttl never'; do
	# shellcheck disable=SC2086
	sg ssh-token "$SG_SANDBOX" $bad >/dev/null 2>"$tmp/err" &&
	    fail "$bad was taken"
	assert_match "$bad" "$(cat "$tmp/err")" '--ttl: .*at most a day'
done
sg ssh-token "$SG_FOREIGN" >/dev/null 2>"$tmp/err" && fail 'a foreign sandbox'
assert_match 'a foreign sandbox' "$(cat "$tmp/err")" "another organisation's"
