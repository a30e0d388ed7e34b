#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: whoever registers somebody else's public key in an organisation of their
# own gets neither what the other puts into a new sandbox nor their lobby.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'create on connect'

store()
{
	/usr/bin/python3 - "$SG_STATE/keys/keys.db" "$1" <<-'END'
	import sqlite3, sys
	store = sqlite3.connect(sys.argv[1], timeout=20)
	store.execute('PRAGMA foreign_keys = ON')
	store.executescript(sys.argv[2])
	END
}
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

# Users of the rival are the oldest there are, and as many as are looked at.
store "INSERT INTO org VALUES (-1, 'rival', 0, 0);
    INSERT INTO user SELECT -id, -1, 'u' || id, 0 FROM
	(WITH RECURSIVE n(id) AS (SELECT 1 UNION SELECT id + 1 FROM n LIMIT 20)
	SELECT id FROM n);
    INSERT INTO ssh_key (user_id, name, algorithm, blob, fingerprint, created_ms)
	SELECT user.id, k.name, algorithm, blob, fingerprint, 0 FROM ssh_key k, user
	WHERE k.name = 'shared@regress' AND user.id < 0"
at_exit 'store "DELETE FROM org WHERE id = -1"'
theirs()
{
	grep -c '"org":"rival"' "$SG_LOG/audit.log" || true
}
before=$(theirs)
assert_eq 'no sandbox' "$(as new true)" 255
assert_eq 'no lobby' "$(as ctl version)" 255
assert_eq 'no sandbox of theirs' "$(theirs)" "$before"
assert_eq 'its holder is not crowded out' "$(as "$SG_SANDBOX" true)" 0
