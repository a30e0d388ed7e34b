#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: events are posted to webhooks: signed, in order, each at least once
# whatever is killed meanwhile, to nobody's own network and to no stranger.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product webhooks
orgs_start

touch "$tmp/log" "$tmp/failing"
"$here/webhook-receiver.py" "$tmp" 2>"$tmp/receiver.err" &
receiver=$!
at_exit "kill $receiver"
sg_wait_for test -s "$tmp/port" || fail "no receiver: $(cat "$tmp/receiver.err")"
url=http://127.0.0.1:$(cat "$tmp/port")

id=$(sg_as ana create 2>/dev/null)
at_exit "sg destroy $id"
hook=$(sg_as ana webhook create "$url/ok" --secret s3cret --sandbox "$id")
all=$(sg_as ana webhook create "$url/all")
some=$(sg_as ana webhook create "$url/some" --event paused,resumed)

# got PATH FILTER: what came there, by jq.
got() { jq -r "select(.path == \"$1\") | $2" "$tmp/log"; }
types() { got "$1" '.body | fromjson | .event_type' | sed s/sandbox.// | xargs; }
is_types() { [ "$(types "$1")" = "$2" ]; }
comes() { sg_wait_for is_types "$1" "$2" || fail "$1: $(types "$1"), not $2: \
$(sg_as ana webhook list)"; }

sg_as ana pause "$id" && sg_as ana resume "$id"
comes /ok 'paused resumed'
comes /all 'paused resumed'
comes /some 'paused resumed'

# What it is, and that it is ours.
first=$(got /ok .body | head -1)
assert_eq 'of which' "$(jq -r .sandbox_id <<<"$first")" "$id"
assert_match 'by whom' "$(jq -r .data.actor <<<"$first")" '^ana@red-'
assert_eq 'the id' "$(jq -r .event_id <<<"$first")" \
    "$(sg_as ana events "$id" --json --kind paused | jq .id)"
mac=$(printf %s "$first" | openssl dgst -sha256 -hmac s3cret | sed 's/.*= //')
for name in sandgate-signature x-sandbox0-signature; do
	assert_eq "$name" "$(got /ok ".headers[\"$name\"]" | head -1)" "$mac"
done
assert_eq 'unsigned' "$(got /all '.headers["sandgate-signature"]' | uniq)" null
assert_eq 'nothing told' "$(sg_as ana webhook list --json | grep -c s3cret)" 0

# A test; what became of it.
sg_as ana webhook test "$hook" 2>/dev/null
tested() { sg_as ana webhook deliveries "$1" --json |
    jq -r '.deliveries[-1] | "\(.event_type) \(.status)"'; }
is_tested() { [ "$(tested "$1")" = "$2" ]; }
sg_wait_for is_tested "$hook" 'webhook.test 204' || fail "test: $(tested "$hook")"
sg_as ana webhook rm "$hook" "$some"

# Nobody's own network, no redirect; the words say why.
why() { sg_as ana webhook show "$1" --json | jq -r '.last_error // ""'; }
has_why() { [[ $(why "$1") =~ $2 ]]; }
refused()
{
	local refused

	refused=$(sg_as ana webhook create "$1" --event failed)
	sg_as ana webhook test "$refused" 2>/dev/null
	sg_wait_for has_why "$refused" "$2" || fail "$1: $(why "$refused")"
	sg_as ana webhook rm "$refused"
}
refused http://169.254.169.254/latest 'is not a public address'
refused "http://[::1]:$(cat "$tmp/port")/ok" 'is not a public address'
refused http://10.0.0.1/ 'is not a public address'
refused "$url/move" 'redirects are not followed'
refused http://127.0.0.1:1/ 'Connection refused'
assert_match 'a url' "$(sg_as ana webhook create "http://u@a/" 2>&1)" \
    'url: no user'
assert_match 'a kind' "$(sg_as ana webhook create "$url/" --event none 2>&1)" \
    'events: "none" is no kind'

# Whose they are.
assert_match 'of all' "$(sg_as max webhook create "$url/max" 2>&1)" \
    'needs the role admin'
own=$(sg_as max create 2>/dev/null)
at_exit "sg destroy $own"
maxs=$(sg_as max webhook create "$url/max" --sandbox "$own")
ids() { sg_as "$1" webhook list --json | jq -r '.webhooks[].id' | xargs; }
assert_eq 'an admin sees all' "$(ids ana)" "$all $maxs"
assert_eq 'a member his own' "$(ids max)" "$maxs"
assert_eq 'nobody else' "$(ids ben)$(ids nia)" ''
assert_match 'not his' "$(sg_as nia webhook rm "$maxs" 2>&1)" 'no webhook'
assert_match 'a foreign sandbox' "$(sg_as ben webhook create "$url/ben" \
    --sandbox "$id" 2>&1)" 'no such sandbox'
sg_as max webhook rm "$maxs"

# It fails, and everybody is killed while it does: each event comes, in order,
# and what comes twice has the same id.
fail_hook=$(sg_as ana webhook create "$url/fail" --sandbox "$id")
seen() { got /fail "select(.status == $1) | .body | fromjson | .event_id" |
    uniq | xargs; }
wanted() { sg_as ana events "$id" --json --since "$since" --kind paused,resumed |
    jq .id | xargs; }
since=$(sg_as ana events "$id" --json -n 1 | jq .id)
sg_as ana pause "$id" && sg_as ana resume "$id"
has_failed() { [ -n "$(seen 503)" ]; }
sg_wait_for has_failed || fail 'nothing was posted'
# By a token: who it is of only the broker knows.
answers() { sg_as ana list >/dev/null 2>&1; }
for victim in gateway-webhook gateway-broker gateway-http; do
	http=$(gateway_child gateway-http)
	kill_hard "$(gateway_child "$victim" | head -1)"
	# It ends with its broker, and answers until it has seen that.
	[ "$victim" = gateway-webhook ] ||
	    sg_wait_for another_gateway_child gateway-http "$http" ||
	    fail "no new gateway-http after $victim"
	sg_wait_for answers || fail "no API after $victim"
	sg_as ana pause "$id" && sg_as ana resume "$id"
done
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_for answers || fail 'no API'
sg_as ana pause "$id" && sg_as ana resume "$id"
assert_eq 'events' "$(wanted | wc -w)" 10
rm "$tmp/failing"
has_all() { [ "$(seen 204)" = "$(wanted)" ]; }
sg_wait_for has_all || fail "seen $(seen 204), wanted $(wanted): \
$(sg_as ana webhook deliveries "$fail_hook")"
bodies() { got /fail .body | sort -u | wc -l; }
assert_eq 'the same twice' "$(bodies)" 10

# It goes with the sandbox's end told, and with who made it.
sg_as ana destroy "$id"
comes_destroyed() { [[ $(types /fail) = *destroyed ]]; }
sg_wait_for comes_destroyed || fail "no end: $(types /fail)"
sg user add temp --org "$red" --role admin
token_of[temp]=$(sg token create t --org "$red" --user temp 2>/dev/null)
temp=$(sg_as temp webhook create "$url/temp")
sg user rm temp --org "$red"
[[ " $(ids ana) " != *" $temp "* ]] || fail 'it stays without its user'
