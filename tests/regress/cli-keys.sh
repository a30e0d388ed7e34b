#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: keys are added, listed by fingerprint and removed.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

ssh-keygen -q -t ed25519 -N '' -C 'a comment' -f "$tmp/key"
sg key add "$tmp/key.pub" >/dev/null
print=$(ssh-keygen -lf "$tmp/key.pub" | cut -d' ' -f2)
assert_eq 'listed' "$(sg key list | grep -cF "$print")" 1
assert_eq 'lets in' "$(login "$SG_SANDBOX" -i "$tmp/key")" $'\nexit 0'
id=$(sg key list --json | jq -r --arg print "$print" \
    '(.ssh_keys? // .)[] | select(.fingerprint == $print) | .id')
sg key add "$tmp/key.pub" >/dev/null 2>"$tmp/err" && fail 'added twice'
assert_match 'words' "$(cat "$tmp/err")" '^sandgate: '
sg key rm "$id" >/dev/null
assert_eq 'after removal' "$(sg key list | grep -cF "$print")" 0
assert_match 'keeps out' "$(login "$SG_SANDBOX" -i "$tmp/key")" 'exit 255'
sg key add - <"$tmp/key.pub" >/dev/null
sg key rm "$(sg key list --json | jq -r --arg print "$print" \
    '(.ssh_keys? // .)[] | select(.fingerprint == $print) | .id')" >/dev/null
ssh-keygen -q -t rsa -b 1024 -N '' -f "$tmp/short" 2>/dev/null || true
for bad in 'nonsense' 'ssh-ed25519 AAAA' 'ssh-dss AAAAB3NzaC1kc3MAAACB x' \
    "command=\"x\" $(cat "$tmp/key.pub")" "$(cat "$tmp/short.pub" 2>/dev/null)"; do
	printf '%s\n' "$bad" | sg key add - >/dev/null 2>"$tmp/err" &&
	    fail "taken as a key: $bad"
	assert_match "words for '${bad:0:20}'" "$(cat "$tmp/err")" '^sandgate: .*key'
done
