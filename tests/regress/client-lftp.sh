#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: lftp mirrors both ways and puts by pattern.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
chmod 0700 tree
at_exit 'sg_ssh sandbox "rm -rf $workspace/tree $workspace/big"'
run_page files lftp >/dev/null
same_tree 'mirror -R' tree "$workspace/tree" -p
diff <(listing tree -p) <(listing back -p) || fail 'mirror: differs'
cmp tree/big got || fail 'mput, get: differs'
status=0
timeout 300 lftp -c "open -u $SG_SANDBOX, sftp://127.0.0.1 && cat none" \
    2>refused || status=$?
assert_eq 'status of a failure' "$status" 1
assert_match 'words of a failure' "$(cat refused)" 'No such file'
