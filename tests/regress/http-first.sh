#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: the lines that docs/API.md begins with make a sandbox, run a command in it,
# and move a file, word for word; each answer is the one that is shown.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

name=first-$RANDOM$RANDOM
cd "$tmp"
awk '/^## In five minutes/ { on = 1 } on && /^```/ { if (n++) exit; next }
    on && n' "$top/docs/API.md" |
	sed "s,/run/sandgate/,$SG_RUN/,; s/\<first\>/$name/g" >lines
assert_eq 'commands' "$(grep -c '^\$ ' lines)" 6
at_exit 'sg destroy "$name" 2>/dev/null || true'

# What is shown, as a pattern: "..." is anything, ids and numbers are others.
pattern()
{
	sed -E 's/[][\^$.*+?(){}|]/\\&/g; s/\\\.\\\.\\\./.*/g
	    s/sb_[a-z0-9]{12}/sb_[a-z0-9]{12}/g; s/"pid":[0-9]+/"pid":[0-9]+/'
}
command='' n_shown=0
while IFS= read -r line; do
	if [[ $line == '$ '* ]]; then
		command=${line#??}
		eval "$command" >said 2>&1 || fail "$command: $(cat said)"
		continue
	fi
	n_shown=$((n_shown + 1))
	assert_match "$command" "$(cat said)" "^$(pattern <<<"$line")\$"
done <lines
assert_eq 'answers' "$n_shown" 4
assert_eq 'it is gone' "$(sg list --json | jq -r '.sandboxes[].name' |
    grep -cx "$name" || true)" 0
