#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: cp copies both ways, and folders with -r.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

random_file 300000 "$tmp/file"
at_exit 'sg_ssh sandbox rm -rf cp-file cp-tree "cp ü"'
sg cp "$tmp/file" "$SG_SANDBOX:cp-file"
sg cp "$SG_SANDBOX:cp-file" "$tmp/back"
cmp "$tmp/file" "$tmp/back"
mkdir -p "$tmp/tree/a/b"
cp "$tmp/file" "$tmp/tree/a/b/"
sg cp -r "$tmp/tree" "$SG_SANDBOX:cp-tree"
sg cp -r "$SG_SANDBOX:cp-tree" "$tmp/tree-back"
diff -r "$tmp/tree" "$tmp/tree-back"
sg cp "$tmp/file" "$SG_SANDBOX:cp ü"
sg cp "$SG_SANDBOX:cp ü" "$tmp/named"
cmp "$tmp/file" "$tmp/named"
assert_eq 'missing file' "$(status_of sg cp "$SG_SANDBOX:none" "$tmp/none" \
    2>/dev/null)" 1
assert_eq 'no sandbox on either side' "$(status_of sg cp "$tmp/file" \
    "$tmp/none" 2>"$tmp/err")" 2
