#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a snapshot is a disk as it was, by a name, for a time; its sandbox need
# not outlive it, and sandboxes are made from it. Nobody else's is to be seen.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product snapshots

id=$(sg create --disk 64M --memory 200M 2>/dev/null)
at_exit "sg destroy $id"
inside() { SG_TIMEOUT=120 sg_ssh -l "$1" sandbox "${@:2}"; }
show() { sg snapshot show "$1" --json | jq -r "$2"; }
gone() { ! sg snapshot show "$1" >/dev/null 2>&1; }

inside "$id" 'echo first >file; echo t >/tmp/file; head -c 8M /dev/urandom >big'
name=first-$RANDOM
first=$(sg snapshot create "$id" --name "$name" --description 'before it all')
at_exit "sg snapshot rm $first"
assert_match 'id' "$first" '^sn_[0-9a-z]{12}$'
inside "$id" 'echo second >file'
assert_eq 'by name' "$(show "$name" .id)" "$first"
assert_eq 'facts' "$(show "$first" '"\(.description) \(.sandbox) \(.template)
 \(.disk_bytes) \(.expires_at)"' | tr -d '\n')" \
    "before it all $id base 67108864 null"
[ "$(show "$first" .size_bytes)" -ge $((8 << 20)) ] || fail 'no size'
echo "stood still for $(show "$first" .frozen_us) us"
assert_match 'list' "$(sg snapshot list "$id")" "$name"

# The source is gone, sandboxd was started anew, and it is as it was.
sg destroy "$id"
sg_stop sandboxd
sg_start sandboxd
sg_wait_api || fail 'no API'
made=$(sg create --snapshot "$name" 2>/dev/null)
at_exit "sg destroy $made"
assert_eq 'file' "$(inside "$made" cat file /tmp/file | tr '\n' ' ')" 'first t '
assert_eq 'from' "$(sg get "$made" --json | jq -r '"\(.forked_from)
 \(.limits.disk_bytes)"' | tr -d '\n')" "$first 67108864"
second=$(sg snapshot create "$made" --ttl 1h)
assert_match 'expires' "$(show "$second" .expires_at)" '^20'
sg snapshot rm "$second"
gone "$second" || fail 'it is there'
assert_eq 'disks' "$(find "$SG_STATE/disks/.snapshots" -name "$second")" ''

# Its time: no earlier, and then it goes.
short=$(sg snapshot create "$made" --ttl 10s)
sg snapshot show "$short" >/dev/null || fail 'it went at once'
sg_wait_for gone "$short" || fail 'it stays'

# What cannot be.
refused() { ! sg "$@" >/dev/null 2>"$tmp/words" || fail "done: $*"
	cat "$tmp/words"; }
refused snapshot create "$made" --name "$name"
refused snapshot create "$made" --name "$first"
refused snapshot create "$id"
refused create --snapshot none-such
refused create --snapshot "$name" --template base
refused create --snapshot "$name" --disk 32M
orgs_start
red_id=$(sg_as max create 2>/dev/null)
red_snapshot=$(sg_as max snapshot create "$red_id" --name mine)
for words in "snapshot show $red_snapshot" "snapshot rm $red_snapshot" \
    "snapshot create $red_id" "create --snapshot $red_snapshot" \
    "create --snapshot mine" "snapshot show $first" "fork $red_id"; do
	# shellcheck disable=SC2086
	! sg_as ben $words >/dev/null 2>"$tmp/words" || fail "ben: $words"
	grep -Eq "no such snapshot|another organisation's" "$tmp/words" ||
	    fail "$words: $(cat "$tmp/words")"
done
assert_eq 'lists' "$(sg_as ben snapshot list --json | jq '.snapshots | length')" 0

# Counted: the organisation's disks and snapshots together have a limit.
sg org set "$red" --max-disk $((5 << 30)) >/dev/null
! sg_as max snapshot create "$red_id" 2>"$tmp/words" || fail 'over the quota'
assert_match 'quota' "$(cat "$tmp/words")" 'max_disk: organisation red'
assert_eq 'lists' "$(sg_as max snapshot list --json | jq '.snapshots | length')" 1
sg org rm "$red" --force
red=$blue
sg_wait_for test ! -e "$SG_STATE/disks/.snapshots/$red_snapshot" ||
    fail 'a snapshot outlives its organisation'
