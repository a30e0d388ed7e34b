#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: the operator is a role apart, of no organisation: root and the group at
# the socket, and whoever has a token that the operator gave for it, for as long
# as it lasts. Nobody else gives one, and what is done by it has its holder's
# name.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product organisations
orgs_start
made=made-$RANDOM$RANDOM
at_exit 'sg org rm "$made" --force'
audited()
{
	tail -n 50 "$SG_LOG/audit.log" | grep "\"event\":\"$1\"" | tail -n 1
}

# given USER NAME WORDS...: a token of red's vic, who by himself only looks.
given()
{
	token_of[$1]=$(sg token create "$1" --org "$red" --user vic \
	    --scope operator "${@:2}" 2>/dev/null) || fail "no token for $1"
}
given op
given gone
assert_eq 'of a user alone' "$(status_of sg_as vic org list 2>/dev/null)" 1

# All that the operator does at the socket.
sg_as op org create "$made"
assert_match 'by whom' "$(audited org_add)" "\"vic\".*\"name\":\"$made\""
sg_as op org set "$made" --max-sandboxes 1
sg_as op user add eve --org "$made" --role admin
assert_match 'as whom' "$(audited user_add)" \
    "\"org\":\"$made\".*\"by\":\"vic@$red\".*\"name\":\"eve\""
token_of[eve]=$(sg_as op token create eve --org "$made" --user eve 2>/dev/null)
id=$(sg_as op create --org "$made" --user eve 2>/dev/null)
assert_eq 'whose it is' "$(sg_as eve get "$id" --json | jq -r .owner)" eve
assert_eq 'within the ceiling' "$(api_as eve POST /v1/sandboxes '{}')" 429
sg_as op list --org "$blue" >/dev/null
for path in /v1/organisations "/v1/organisations/$made" /v1/pool; do
	assert_eq "$path" "$(api_as op GET "$path")" 200
done

# Nobody else is one, or makes one: no admin, nor the one that the operator acts
# for, by a token without a scope or by a key.
token_of[admin]=$(sg token create "$made" 2>/dev/null)
at_exit 'sg token revoke "$(token_id "$made")"'
for user in ana eve admin; do
	assert_eq "$user" "$(api_as "$user" GET /v1/organisations)" 403
	assert_eq "$user gives one" "$(api_as "$user" POST /v1/tokens \
	    '{"name": "own", "scope": "operator"}')" 403
	assert_match "$user" "$(cat "$tmp/answer")" "operator's to give"
done
assert_match 'by a key' "$(sg_ssh -l ctl sandbox 'org list' 2>&1 || true)" \
    'operator|denied'

# And it ends: when it is revoked, when its time is over, and with its user.
sg token revoke --org "$red" --user vic "$(sg token list --org "$red" \
    --user vic --json | jq '.tokens[] | select(.name == "op").id')"
assert_match 'by whom' "$(audited token_revoke)" '"by":"uid 0"'
assert_eq 'revoked' "$(api_as op GET /v1/organisations)" 401
given short --ttl 3s
is_over()
{
	[ "$(api_as short GET /v1/organisations)" = 401 ]
}
sg_wait_for is_over || fail 'it does not expire'
assert_eq 'another of his' "$(api_as gone GET /v1/organisations)" 200
sg user rm vic --org "$red"
assert_eq 'its user is removed' "$(api_as gone GET /v1/organisations)" 401
