#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: logs of sandboxes that are gone are kept up to ended_logs, of which the
# oldest go, and no longer than their tombstones.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product logs

cp "$SG_CONF" "$tmp/conf"
at_exit 'cp "$tmp/conf" "$SG_CONF"; again'
# again [LINE]: sandboxd with that among its settings.
again()
{
	cp "$tmp/conf" "$SG_CONF"
	printf '[sandboxd]\n%s\n' "${1:-}" >>"$SG_CONF"
	sg_stop sandboxd
	sg_start sandboxd
	sg_wait_api || fail 'sandboxd did not come back'
}
log() { sg logs "$1" -n 1; }
is_gone() { ! log "$1" 2>/dev/null | grep -q .; }

# Four, each with some 100 KB to tell.
ids=()
for n in 1 2 3 4; do
	id=$(sg create 2>/dev/null)
	at_exit "sg destroy $id"
	sg wait "$id" "$(sg exec -d "$id" -- sh -c \
	    "yes 0123456789 | head -c 100000; echo; echo last-$n")"
	sg_wait_for eval "log $id | grep -qx last-$n" || fail "$id: no log"
	ids+=("$id")
done
for id in "${ids[@]}"; do
	sg destroy "$id"
done
for n in 1 2 3 4; do
	assert_eq "$n, gone" "$(log "${ids[n - 1]}")" "last-$n"
done
size=$(stat -c %s "$SG_STATE/disks/.logs/${ids[3]}")
echo "a log of $size bytes"

# Room for the last two of them.
again "ended_logs = $((size * 5 / 2))"
for n in 1 2; do
	sg_wait_for is_gone "${ids[n - 1]}" || fail "$n is there"
done
for n in 3 4; do
	assert_eq "$n, with less room" "$(log "${ids[n - 1]}")" "last-$n"
done
bytes=$(cat "$SG_STATE/disks/.logs/"* | wc -c)
[ "$bytes" -le $((size * 5 / 2)) ] || fail "$bytes bytes are kept"
assert_eq 'its tombstone stays' "$(sg get "${ids[0]}" --json |
    jq -r .state)" destroyed

# And no longer than that.
sleep 2
again 'tombstone_keep = 1s'
for id in "${ids[@]:2}"; do
	sg_wait_for is_gone "$id" || fail "$id is told, and has no tombstone"
done
is_forgotten() { [[ $(sg get "$1" 2>&1) == *'no such sandbox' ]]; }
sg_wait_for is_forgotten "${ids[3]}" || fail 'a tombstone stays'
