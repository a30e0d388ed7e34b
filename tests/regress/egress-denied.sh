#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: what a sandbox was refused is told, once: what, where to, by which rule.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'egress policies'
internet_begin

log_of()
{
	curl -sS --unix-socket "$SG_RUN/api.sock" \
	    "http://localhost/v1/sandboxes/$1/egress/log" |
	    jq -r '.denials[] | "\(.protocol) \(.destination) \(.port) \(
	    .rule) \(.why)"'
}
# told ID LINE: how often, and that it is there.
told()
{
	log_of "$1" | grep -cx -- "$2"
}
id=$(sg create --egress deny 2>/dev/null)
other=$(sg create --egress "allow:$SERVER" 2>/dev/null)
at_exit 'sg destroy "$id" "$other"'
sg egress set "$id" - >/dev/null <<RULES
{"default": "deny", "rules": [
  {"name": "web", "action": "allow", "cidrs": ["$SERVER", "$SERVER6"],
   "ports": [443]},
  {"name": "not \"that\"", "action": "deny", "cidrs": ["$SERVER2"],
   "ports": [8080]}]}
RULES
assert_eq 'at first' "$(log_of "$id")" ''
reaches "$id" tcp "$SERVER" 443
reaches "$id" tcp "$SERVER6" 443
refuses "$id" tcp "$SERVER2" 8080
refuses "$id" udp "$SERVER26" 443
refuses "$id" tcp 169.254.169.254 80
for line in "tcp $SERVER2 8080 not \"that\" null" \
    "udp $SERVER26 443 default null" \
    'tcp 169.254.169.254 80 always link-local is never allowed'; do
	sg_wait_for told "$id" "$line" || fail "not told: $line
$(log_of "$id")"
done

# Once, however often; another port is another, and what follows it comes last.
for _ in 1 2 3; do
	refuses "$id" tcp "$SERVER2" 8080
done
refuses "$id" tcp "$SERVER2" 8081
sg_wait_for told "$id" "tcp $SERVER2 8081 default null"
assert_eq 'told once' "$(told "$id" "tcp $SERVER2 8080 not \"that\" null")" 1
assert_eq 'what was reached' "$(log_of "$id" | grep -c " $SERVER ")" 0
assert_eq 'of another' "$(log_of "$other")" ''

# By the command line, which follows, and in the log of events.
assert_match shown "$(sg egress log "$id")" \
    "tcp +$SERVER2:8080 by rule not \"that\""
assert_match shown "$(sg egress log "$id")" \
    'tcp +169.254.169.254:80 by rule always: link-local is never allowed'
assert_match event "$(sg events "$id" --kind denied)" \
    "denied +host: udp \\[$SERVER26\\]:443 by rule \"default\""
timeout 60 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" egress log \
    "$other" -f >"$tmp/followed" &
at_exit "kill $! 2>/dev/null"
refuses "$other" tcp "$SERVER2" 443
sg_wait_for grep -q "tcp  $SERVER2:443 by rule default" "$tmp/followed" ||
    fail 'not followed'

# What is refused while sandboxd is away is told when it is back. The connect is
# begun before, as nobody can be asked for one then.
cat >"$tmp/later" <<EOF
exec 3<>/tmp/go; echo ready; read -r _ <&3
exec 2>/dev/null; : </dev/tcp/$SERVER2/25
touch /tmp/gone; sleep 60
EOF
sg exec "$other" -- sh -c 'mkfifo /tmp/go'
timeout 100 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec "$other" \
    -- bash -c "$(cat "$tmp/later")" >"$tmp/ready" 2>&1 &
at_exit "kill $! 2>/dev/null"
sg_wait_for grep -q ready "$tmp/ready"
root=/proc/$(init_of "$other")/root
kill_hard "$(sg_pid sandboxd)"
echo >"$root/tmp/go"
sg_wait_for test -e "$root/tmp/gone"
sg_start sandboxd
sg_wait_api
sg_wait_for told "$other" "tcp $SERVER2 25 always mail's port.*" ||
    fail "not told after a death: $(log_of "$other")"

# One with a policy changed goes on being told.
sg egress set "$other" deny >/dev/null
refuses "$other" tcp "$SERVER" 443
sg_wait_for told "$other" "tcp $SERVER 443 default null"

# What is over the bound is refused, and not told: 64 of a family.
sg exec "$other" -- bash -c 'for p in $(seq 1000 1099); do
	(: </dev/udp/'"$SERVER2"'/$p) 2>/dev/null; : >/dev/null
	(echo >/dev/udp/'"$SERVER2"'/$p) 2>/dev/null; done; true'
sg_wait_for told "$other" "udp $SERVER2 1000 default null"
refuses "$other" tcp "$SERVER26" 443
sg_wait_for told "$other" "tcp $SERVER26 443 default null"
n=$(curl -sS --unix-socket "$SG_RUN/api.sock" \
    "http://localhost/v1/sandboxes/$other/egress/log?limit=128" |
    jq "[.denials[] | select(.destination == \"$SERVER2\")] | length")
[ "$n" -le 66 ] || fail "$n were told"
