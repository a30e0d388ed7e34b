#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: an organisation's ceiling narrows the policy of each of its sandboxes, in
# whatever state they are, and of no other's; and never widens one.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product 'egress policies'
needs_product organisations
internet_begin
orgs_start

# may USER ID PROTOCOL ADDRESS PORT, and its opposite
may()
{
	SANDGATE_TOKEN=${token_of[$1]} reaches "${@:2}"
}
may_not()
{
	SANDGATE_TOKEN=${token_of[$1]} refuses "${@:2}"
}

assert_eq 'none' "$(sg_as ana org egress show)" \
    'default: allow (there is no ceiling)'
open=$(sg_as max create --egress allow 2>/dev/null)
narrow=$(sg_as max create --egress "allow:$SERVER:443,$SERVER2:443" \
    2>/dev/null)
resting=$(sg_as max create 2>/dev/null)
other=$(sg_as ben create 2>/dev/null)
may max "$open" tcp "$SERVER2" 8080
may max "$open" tcp "$SERVER6" 443
sg_as max stop "$resting"

# A connection that answers each line written to fd 7.
sg_as max exec "$open" -- sh -c 'cat >peer.py' <"$here/egress_peer.py"
mkfifo "$tmp/to"
SANDGATE_TOKEN=${token_of[max]} timeout 1150 "$BUILD/bin/sandgate" \
    --socket "$SG_RUN/api.sock" exec "$open" -- python3 peer.py hold \
    "$SERVER2" 443 <"$tmp/to" >"$tmp/from" 2>&1 &
at_exit "end_job $!"
exec 7>"$tmp/to"
sg_wait_for grep -q ready "$tmp/from" || fail 'no connection'

sg_as ana org egress set "allow:$SERVER,[$SERVER6]:8080" >/dev/null
assert_match shown "$(sg_as vic org egress show)" "$SERVER"
echo two >&7
sg_wait_for grep -q 'cut: ' "$tmp/from" || fail 'a forbidden flow goes on'
for id in "$open" "$resting"; do
	may max "$id" tcp "$SERVER" 443
	may max "$id" udp "$SERVER" 8080
	may max "$id" tcp "$SERVER6" 8080
	may_not max "$id" tcp "$SERVER6" 443
	may_not max "$id" tcp "$SERVER2" 443
done
# Both have to allow it.
may max "$narrow" tcp "$SERVER" 443
may_not max "$narrow" tcp "$SERVER" 8080
may_not max "$narrow" tcp "$SERVER2" 443
may_not max "$narrow" tcp "$SERVER6" 8080
may ben "$other" tcp "$SERVER2" 8080
checks()
{
	assert_eq "check $*" "$(sg_as max egress check "$1" "$2" "$3" 2>&1)" "$4"
}
checks "$open" "$SERVER2" 443 \
    "denied by rule default: the organisation's ceiling has that rule"
is_told()
{
	sg_as max egress log "$open" | grep -qF \
	    "tcp  $SERVER2:443 by rule default: of the organisation's ceiling"
}
sg_wait_for is_told || fail "not told: $(sg_as max egress log "$open")"
checks "$narrow" "$SERVER" 8080 'denied by rule default'
checks "$narrow" "$SERVER" 443 'allowed by rule 1'

# One made under it, whatever it asks for, and a change of a policy.
made=$(sg_as max create --egress allow 2>/dev/null)
plain=$(sg_as max create 2>/dev/null)
for id in "$made" "$plain"; do
	may_not max "$id" tcp "$SERVER2" 443
	may max "$id" tcp "$SERVER" 443
done
sg_as max egress set "$narrow" "allow:$SERVER2:443,$SERVER:8080" >/dev/null
may_not max "$narrow" tcp "$SERVER2" 443
may max "$narrow" tcp "$SERVER" 8080

# It is what sandboxd begins with, too.
sg_stop sandboxd
sg_start sandboxd
sg_wait_api
may_not max "$open" tcp "$SERVER2" 443
may max "$open" tcp "$SERVER" 443

# What is denied in it is, whatever else allows it.
sg_as ana org egress deny "$SERVER:443" >/dev/null
may_not max "$open" tcp "$SERVER" 443
may max "$open" tcp "$SERVER" 8080

# What cannot be is refused by name; who may not is told so.
words=$(sg_as ana org egress set - 2>&1 <<<'{"default": "deny", "rules":
    [{"action": "allow", "domains": ["git.example"], "protocols": ["tls"]}]}') &&
    fail 'taken: tls'
assert_match tls "$words" 'rules\[0\].protocols: not enforced here'
words=$(sg_as ana org egress set allow:169.254.169.254 2>&1) &&
    fail 'taken: link-local'
assert_match link-local "$words" 'link-local is never allowed'
words=$(sg_as max org egress reset 2>&1) && fail 'a member may'
assert_match member "$words" 'ermission denied|may not'

# Its limits hold beside those of a policy: the lower of both.
held()
{
	SANDGATE_TOKEN=${token_of[max]} timeout 100 "$BUILD/bin/sandgate" \
	    --socket "$SG_RUN/api.sock" exec "$1" -- python3 - hold "$SERVER" \
	    8080 9 <"$here/egress_limits.py"
}
is_limited()
{
	sg_as max events "$open" --kind limited |
	    grep -qF "connections at once, of the organisation's ceiling"
}
assert_eq 'without' "$(held "$open")" 9
sg_as ana org egress limit connections=3 >/dev/null
sg_as max egress limit "$open" connections=5 >/dev/null
sg_as max egress limit "$narrow" connections=2 >/dev/null
assert_eq 'of the ceiling' "$(held "$open") $(held "$narrow")" '3 2'
sg_wait_for is_limited || fail "not told: $(sg_as max events "$open")"
may_not max "$open" tcp "$SERVER" 443
sg_as ana org egress limit connections=none >/dev/null
assert_eq 'of the policy' "$(held "$open")" 5

# The operator's is the operator's to change.
sg --org "$red" org egress set "allow:$SERVER:8080" >/dev/null
words=$(sg_as ana org egress reset 2>&1) && fail "the operator's is taken back"
assert_match operator "$words" 'set by the operator'
may_not max "$open" tcp "$SERVER6" 8080
sg --org "$red" org egress reset
assert_eq 'gone' "$(sg_as ana org egress show)" \
    'default: allow (there is no ceiling)'
may max "$open" tcp "$SERVER2" 8080
may max "$narrow" tcp "$SERVER2" 443
may_not max "$narrow" tcp "$SERVER6" 443
