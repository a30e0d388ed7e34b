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
    '{"memory": "1G"}') $(jq -r .error.code "$tmp/answer")" '429 limit_exceeded'
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
