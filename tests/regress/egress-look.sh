#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: a rule of tls or http lets a connection go on that names, in its first
# bytes, what led the sandbox there, and no other; real clients, each refusal
# beside what is let through.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-names.sh
. "$here/lib-names.sh"
needs_product 'egress policies'
internet_begin
names_begin
cat >"$zone" <<-END
	git.example A 3600 $SERVER
	git.example AAAA 3600 $SERVER6
	www.git.example A 3600 $SERVER
	web.example A 3600 $SERVER
	other.example A 3600 $SERVER2
END
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=git.example -keyout "$tmp/key" -out "$tmp/cert" 2>/dev/null
timeout 1150 ip netns exec "$internet" /usr/bin/python3 \
    "$here/egress_look.py" serve "$SERVER,$SERVER2,$SERVER6" "$tmp/cert" \
    "$tmp/key" >"$tmp/looked" 2>&1 &
at_exit "kill $!"
sg_wait_for grep -q ready "$tmp/looked" || fail 'no servers'

cat >"$tmp/policy" <<-END
	{"default": "deny", "rules": [
	  {"action": "allow", "domains": ["git.example", "*.git.example"],
	   "ports": [4443], "protocols": ["tls"], "name": "git"},
	  {"action": "allow", "domains": ["web.example"], "ports": [8000],
	   "protocols": ["http"]},
	  {"action": "allow", "domains": ["git.example"], "protocols": ["udp"]},
	  {"action": "allow", "domains": ["other.example"]}]}
END
id=$(sg create --egress "$tmp/policy" 2>/dev/null)
at_exit 'sg destroy "$id"'
assert_match shown "$(sg egress show "$id")" 'git\.example.* 4443 +tls'

# look ARGUMENT...: egress_look.py in the sandbox.
look()
{
	timeout 600 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec \
	    "$id" -- python3 - "$@" <"$here/egress_look.py"
}
look resolve git.example www.git.example web.example other.example >/dev/null

# By a name: both families, the name below it, and in as many pieces as one
# likes.
assert_eq tls "$(look tls git.example "$SERVER" 4443)" 'hello git.example'
assert_eq 'over IPv6' "$(look tls git.example "$SERVER6" 4443)" \
    'hello git.example'
assert_eq below "$(look tls www.git.example "$SERVER" 4443)" \
    'hello www.git.example'
assert_eq 'a byte at a time' "$(look slowly git.example "$SERVER" 4443 1)" \
    'hello git.example'
assert_eq 'large' "$(look large git.example "$SERVER" 4443)" 4194304
# Another name, none, one hidden, an address that is another's, no TLS at all.
assert_match 'another name' "$(look tls evil.example "$SERVER" 4443)" '^cut'
assert_match 'no name' "$(look tls - "$SERVER" 4443)" '^cut'
assert_match 'hidden' "$(look ech git.example "$SERVER" 4443)" '^cut'
assert_match 'no TLS' "$(look raw 'SSH-2.0-x' "$SERVER" 4443)" '^cut'
assert_match 'HTTP' "$(look http git.example "$SERVER" 4443)" '^cut'
assert_match 'elsewhere' "$(look tls git.example "$SERVER" 8000)" '^cut'
for loopback in 127.0.0.1 ::1; do
	assert_match "by itself, $loopback" \
	    "$(look tls git.example $loopback 61853)" '^cut'
done
# A rule before it is of that name; here it looks, and QUIC is not looked at.
assert_match 'QUIC' "$(inside "$id" ask udp "$SERVER" 4443)" '^refused'
assert_eq 'other ports of UDP' "$(inside "$id" ask udp "$SERVER" 8081)" reached
assert_eq 'no rule that looks' "$(inside "$id" ask tcp "$SERVER2" 443)" reached

# HTTP: each connection is one request, whose Host is the name.
assert_eq http "$(look http web.example "$SERVER" 8000)" 'host web.example'
assert_match 'another host' "$(look http evil.example "$SERVER" 8000)" '^cut'
assert_eq 'one request' "$(look twice web.example evil.example "$SERVER" \
    8000)" 'host web.example'
assert_eq 'no other was asked for' "$(grep -c 'evil' "$tmp/looked")" 0

# It is told, and explained.
is_told()
{
	sg egress log "$id" | grep -qF "$1"
}
sg_wait_for is_told \
    "$SERVER:4443 (git.example) by rule git: its TLS names evil.example" ||
    fail "not told: $(sg egress log "$id")"
sg_wait_for is_told 'its TLS names nothing that can be seen' || fail 'not told'
assert_eq check "$(sg egress check "$id" "$SERVER" 4443)" \
    'allowed by rule git: git.example has led there, if its TLS names it'
assert_match 'check by name' "$(sg egress check "$id" git.example 4443)" \
    'allowed by rule git: it leads to .*, if its TLS names it'
assert_match 'check of UDP' "$(sg egress check "$id" "$SERVER" 4443 -p udp)" \
    '^denied by rule git: that rule is of TLS and HTTP alone'

# Where nobody looks nothing passes; what is under way goes on without sandboxd.
look hold git.example "$SERVER" 4443 "$tmp/looked.hold" >"$tmp/held" 2>&1 &
held=$!
sg_wait_for grep -q 'hello git.example' "$tmp/held" || fail 'not held'
sg_stop sandboxd
sg_start sandboxd
sg_wait_api
answers()
{
	[ "$(look tls git.example "$SERVER" 4443)" = 'hello git.example' ]
}
sg_wait_for answers || fail 'not looked at by the next sandboxd'
kill -0 "$held" || fail 'what was under way was cut'
kill -9 "$(sg_children "$(sg_pid gateway)" gateway-resolve)"
sg_wait_for answers || fail 'not looked at by the next resolver'
end_job "$held"
wait "$held" || :
# A policy without the name ends what is under way, and lets nothing begin.
sg egress set "$id" deny >/dev/null
assert_match 'revoked' "$(look tls git.example "$SERVER" 4443)" '^cut'
sg egress set "$id" "allow:$SERVER" >/dev/null
assert_eq 'by address' "$(look tls evil.example "$SERVER" 4443)" \
    'hello evil.example'
for wrong in '{"cidrs": ["192.0.2.1"], "protocols": ["tls"]}' \
    '{"domains": ["a.example"], "protocols": ["tls", "udp"]}'; do
	echo "{\"default\": \"deny\", \"rules\": [$(jq -c \
	    '. + {action: "allow"}' <<<"$wrong")]}" >"$tmp/wrong"
	if sg egress set "$id" "$tmp/wrong" >/dev/null 2>"$tmp/err"; then
		fail "$wrong was taken"
	fi
	assert_match "$wrong" "$(cat "$tmp/err")" 'rules\[0\].protocols: tls'
done
