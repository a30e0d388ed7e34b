#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: the operator sees what waits in the pool, says how many are to, and has a
# template's go; it outlives sandboxd, and is nobody else's.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product 'the pool'
orgs_start

# row [FIELD]: base's; "" where there is none.
row()
{
	sg pool list --json | python3 -c '
import json, sys
for row in json.load(sys.stdin)["templates"]:
    if row["template"] == "base":
        print(*(row[name] for name in sys.argv[1:]))' "$@"
}
waits() { [ "$(row waiting)" = "$1" ]; }

at_exit 'sg pool reset base'
sg pool set base 2 || fail 'no pool'
sg_wait_for waits 2 || fail "never filled: $(row size set_by waiting making)"
assert_eq 'who said so' "$(row size set_by)" '2 operator'
assert_match 'the table' "$(sg pool)" \
    'TEMPLATE +SIZE +SET BY +WAITING.*base +2 +operator +2 +0 +0 +0'

# A claim is counted, and what it took is made again.
id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
assert_match claimed "$(sg events "$id")" claimed
assert_eq 'counted' "$(row claimed missed)" '1 0'
sg_wait_for waits 2 || fail 'not filled again'

# It is kept.
sg_stop sandboxd
sg_start sandboxd
sg_wait_api || fail 'sandboxd did not come back'
sg_wait_for waits 2 || fail 'forgotten by a restart'
assert_eq 'kept' "$(row size set_by claimed)" '2 operator 0'

# Fewer, and none: those that wait go, and a create is made as ever.
sg pool set base 1
sg_wait_for waits 1 || fail 'one too many stays'
sg pool drain base
sg_wait_for waits 0 || fail "not drained: $(row waiting making)"
other=$(sg create 2>/dev/null) || fail 'no create without a pool'
sg destroy "$other"
assert_eq 'nothing is missed that nobody wants' "$(row size missed)" '0 0'

# Refused, in words that say what is allowed; another's is not told.
got=$(sg pool set base 1025 2>&1) && fail 'more than may be'
assert_match 'too many' "$got" 'size.*1024'
got=$(sg pool set base many 2>&1) && fail 'no number'
assert_match 'no number' "$got" '"many" is no number'
got=$(sg pool set nosuch 1 2>&1) && fail 'no such template'
assert_match 'no template' "$got" 'there is no "nosuch"'
got=$(sg_as ana pool list 2>&1) && fail 'an admin sees it'
assert_match 'an admin' "$got" 'permission denied'
got=$(sg_as ana pool drain base 2>&1) && fail 'an admin drains it'
sg pool reset base
assert_eq 'of nobody again' "$(row set_by)" ''
