#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: rclone syncs both ways and its check agrees.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
mkdir -p "$HOME/.config/rclone"
page files rclone >"$HOME/.config/rclone/rclone.conf"
at_exit 'sg_ssh sandbox "rm -rf $workspace/tree"'
copy()
{
	timeout 300 rclone --retries 1 "$@"
}
copy sync --create-empty-src-dirs tree sandbox:"$workspace/tree"
same_tree sync tree "$workspace/tree"
copy check tree sandbox:"$workspace/tree" 2>said || fail "check: $(cat said)"
assert_match 'check compared sums' "$(cat said)" '3 matching files'
rm tree/nothing
echo changed >"tree/sub dir/run é"
assert_eq 'check sees it' \
    "$(status_of copy check tree sandbox:"$workspace/tree" 2>/dev/null)" 1
copy sync tree sandbox:"$workspace/tree"
same_tree 'sync again' tree "$workspace/tree"
copy copy --create-empty-src-dirs sandbox:"$workspace/tree" back
diff <(listing tree) <(listing back) || fail 'copy: differs'
assert_eq 'size' "$(copy size --json sandbox:"$workspace/tree" | jq .count)" 2
