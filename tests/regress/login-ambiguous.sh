#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: whoever registers somebody else's public key in an organisation of their
# own gets neither what the other puts into a new sandbox nor their lobby.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'create on connect'

org=rival-$RANDOM$RANDOM
ssh-keygen -q -t ed25519 -N '' -C shared@regress -f "$tmp/key"
sg key add "$tmp/key.pub" >/dev/null
at_exit 'sg key rm "$(sg key list --json | jq -r \
    ".ssh_keys[] | select(.name == \"shared@regress\") | .id")" >/dev/null'
as()
{
	status_of timeout 300 ssh -F "$SG_SSH_CONFIG" -i "$tmp/key" -l "$1" bare \
	    "$2" 2>/dev/null </dev/null
}
assert_eq 'a sandbox' "$(as new true)" 0
assert_eq 'the lobby' "$(as ctl version)" "$(sg version)"$'\n0'

# One holder of an organisation counts, so that nobody is crowded out.
sg org create "$org"
at_exit 'sg org rm "$org" --force'
sg user add u1 --org "$org"
sg user add u2 --org "$org"
sg key add "$tmp/key.pub" --org "$org" --user u1 >/dev/null 2>&1
assert_match 'a second holder' "$(sg key add "$tmp/key.pub" --org "$org" \
    --user u2 2>&1 || true)" "another user's of the same organisation"
theirs()
{
	grep '"event":"login"' "$SG_LOG/audit.log" | grep -c "\"org\":\"$org\"" ||
	    true
}
before=$(theirs)
assert_eq 'no sandbox' "$(as new true)" 255
assert_eq 'no lobby' "$(as ctl version)" 255
assert_eq 'no sandbox of theirs' "$(theirs)" "$before"
assert_eq 'its holder is not crowded out' "$(as "$SG_SANDBOX" true)" 0
