#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: an organisation has what the operator lets it have, and its admins less;
# a refusal says which limit, its value and whose it is.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product organisations
orgs_start
sg org set "$red" --max-sandboxes 2 --max-memory 1280M >/dev/null
assert_match 'above the ceiling' \
    "$(sg_as ana org set --max-sandboxes 3 2>&1 || true)" \
    'max_sandboxes: at most 2, as the operator'
assert_match 'without end' "$(sg_as ana org set --max-memory 0 2>&1 || true)" \
    'max_memory: at most 1342177280'
assert_eq 'not a member' "$(status_of sg_as max org set --max-sandboxes 1 \
    2>/dev/null)" 1
first=$(sg_as max create 2>/dev/null)
assert_match 'memory' "$(sg_as max create --memory 1G 2>&1 || true)" \
    "max_memory: organisation $red may have 1342177280 and has 536870912"
assert_eq 'as the API has it' "$(api_as max POST /v1/sandboxes \
    '{"memory": "1G"}') $(jq -r '.error | .code, .cause' "$tmp/answer")" \
    $'429 limit_exceeded\nmax_memory'
# What is shown is what refusals count by.
has() # USER NAME: used/limit
{
	sg_as "$1" quota --json | jq -r --arg name "$2" \
	    '.quotas[] | select(.name == $name) | "\(.used)/\(.limit)"'
}
assert_eq 'sandboxes it has' "$(has max max_sandboxes)" 1/2
assert_eq 'running' "$(has vic max_running)" 1/0
assert_eq 'memory it has' "$(has max max_memory)" 536870912/1342177280
assert_eq 'creates' "$(has max max_creates_per_minute)" 1/0
assert_eq 'users' "$(has max users)" 4/10000
assert_eq 'his own tokens' "$(has max tokens)" 1/10000
disk=$(sg_as max disk create)
printf words >"$tmp/words"
sg_as max disk put "$disk" "$tmp/words" /words >/dev/null
assert_eq 'artifacts' "$(has vic max_artifacts) $(has vic artifacts)" \
    '5/0 1/10000'
assert_eq 'disks' "$(has ana disks)" 1/1000
disk_before=$(has ana max_disk)
snapshot=$(sg_as max snapshot create "$first")
assert_eq 'snapshots' "$(has ana snapshots)" 1/256
disk_after=$(has ana max_disk)
((${disk_after%/*} > ${disk_before%/*})) || fail 'a snapshot counts as nothing'
sg_as max snapshot rm "$snapshot"
assert_match 'as people read it' "$(sg_as vic quota)" \
    'max_memory +512M +1.2G +organisation'
assert_eq 'of others nothing' "$(has ben max_sandboxes) $(has ben disks)" \
    '0/0 0/1000'
token_of[one]=$(sg_as max token create one --sandbox "$first" --ttl 1h \
    2>/dev/null)
assert_eq 'a token for one sandbox' "$(api_as one GET /v1/quotas)" 403
second=$(sg_as max create 2>/dev/null)
for made in "sg_as nia create" "ssh_as nia ctl create" "ssh_as nia new true" \
    "sg create --org $red"; do
	assert_match "a third by $made" "$($made 2>&1 || true)" \
	    "max_(sandboxes|memory): organisation $red may have"
done
sg_as max destroy "$second"
# An admin sets less, and a capability that is in use knows of it.
sg_as ana org set --max-sandboxes 1 >/dev/null
assert_match 'less' "$(sg_as max create 2>&1 || true)" \
    'max_sandboxes: .* may have 1 and has 1'
assert_match 'what holds' "$(sg_as vic org show)" 'sandboxes +at most 1'
assert_eq 'the ceilings' "$(sg org show "$red" --json |
    jq -r '.ceilings.sandboxes, .ceilings.memory_bytes')" $'2\n1342177280'
sg_as ana org set --max-sandboxes 2 >/dev/null
assert_eq 'enough again' "$(status_of sg_as max create 2>/dev/null |
    tail -n 1)" 0
# Others have theirs.
assert_eq 'another organisation' "$(status_of sg_as ben create --memory 1G \
    2>/dev/null | tail -n 1)" 0
sg_as nia get "$first" >/dev/null
