#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: a credential that ends while its login waits for sandboxd lets nobody in.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-certificate.sh
. "$here/lib-certificate.sh"
needs_product 'waiting for sandboxd'

pause()
{
	kill -STOP "$(sg_pid sandboxd)"
}
go_on()
{
	kill -CONT "$(sg_pid sandboxd)"
}
at_exit go_on
store()
{
	/usr/bin/python3 - "$SG_STATE/keys/keys.db" "$1" <<-'END'
	import sqlite3, sys
	store = sqlite3.connect(sys.argv[1], timeout=20)
	store.execute('PRAGMA foreign_keys = ON')
	store.executescript(sys.argv[2])
	END
}
refusals()
{
	grep -c '"event":"login_refused"' "$SG_LOG/audit.log" || true
}
# Those that did not wait for sandboxd in vain.
endings()
{
	grep -c 'credential ended during its login' "$SG_LOG/gateway.log" || true
}
# until_ms TIME: of now_ms.
until_ms()
{
	while [ "$(now_ms)" -lt "$1" ]; do
		sleep 0.1
	done
}
# late WHAT LOGIN END-OF-CREDENTIAL [TIME]: the login is under way when that
# happens; it does not begin before TIME, and hears of it only at last.
late()
{
	local before ended

	assert_eq "$1, good" "$($2)" $'\nexit 0'
	[ -z "${4:-}" ] || until_ms "$4"
	before=$(refusals)
	ended=$(endings)
	pause
	$2 >"$tmp/late" &
	login=$!
	sleep 1
	sg_is_alive "$login" || fail "$1: did not wait: $(cat "$tmp/late")"
	eval "$3" >/dev/null
	[ -n "${4:-}" ] || sg_wait_for sg_is_dead "$login" ||
	    fail "$1: not refused as soon as it ended"
	go_on
	wait "$login"
	assert_match "$1, at last" "$(cat "$tmp/late")" 'denied.*exit (255|5)$'
	assert_eq "$1, in the audit log" "$(refusals)" $((before + 1))
	assert_eq "$1, and why" "$(endings)" $((ended + 1))
}
by_token()
{
	secret_login "$SG_SANDBOX" "$token"
}
by_key()
{
	login "$SG_SANDBOX" -i "$tmp/key"
}

# Names of this run alone: what was revoked stays listed.
n=$RANDOM$RANDOM
key_id()
{
	sg key list --json | jq -r --arg name "$1" \
	    '.ssh_keys[] | select(.name == $name) | .id'
}

token=$(new_token "revoked-$n")
at_exit 'sg token revoke "$(token_id "revoked-$n")"'
late 'a revoked token' by_token 'sg token revoke "$(token_id "revoked-$n")"'
# It ends 7 s after the login begins, which waits for 10 s at most.
token=$(new_token "expired-$n" --ttl 20s)
ends=$(($(now_ms) + 20000))
late 'an expired token' by_token 'until_ms $((ends + 200))' $((ends - 7000))
ssh-keygen -q -t ed25519 -N '' -C "late-$n" -f "$tmp/key"
sg key add "$tmp/key.pub" >/dev/null
at_exit 'sg key rm "$(key_id "late-$n")"'
late 'a removed key' by_key 'sg key rm "$(key_id "late-$n")"'

# With a user goes what let them in.
sg user add "late-$n"
token=$(sg token create "user-$n" --user "late-$n" 2>/dev/null)
late 'a removed user' by_token 'sg user rm "late-$n"'
sg user add "less-$n"
token=$(sg token create "user-$n" --user "less-$n" 2>/dev/null)
late 'a changed role' by_token 'sg user set "less-$n" --role viewer'
at_exit 'sg user rm "less-$n"'

certificate_start
by_certificate()
{
	login "$SG_SANDBOX" -i "$tmp/key"
}
certify ''
late 'a revoked certificate' by_certificate \
    'revoked=$(sg revoke --serial "$serial" --ca "$ca")'
at_exit 'sg revoke undo "$revoked"'
certify ''
late 'a removed CA' by_certificate 'sg ca rm "$ca"'

# And a request of the API, which waits as well.
token=$(new_token "api-$n")
request()
{
	curl -sS -o /dev/null -w '%{http_code}' --unix-socket \
	    "$SG_RUN/api.sock" -H "Authorization: Bearer $token" \
	    http://localhost/v1/ssh-keys
}
assert_eq 'the API' "$(request)" 200
pause
request >"$tmp/code" &
login=$!
sleep 0.5
store "UPDATE token SET revoked_ms = 1 WHERE name = 'api-$n'"
go_on
wait "$login"
assert_eq 'the API, late' "$(cat "$tmp/code")" 401
