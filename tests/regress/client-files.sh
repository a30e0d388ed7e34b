#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: scp, sftp and rsync as docs/clients/files.md has them.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
at_exit 'sg_ssh sandbox "cd $workspace && rm -rf tree again put"'
run_page files 'scp and sftp'
same_tree scp tree "$workspace/tree" -p
same_tree 'scp -O' tree "$workspace/again" -p
assert_eq 'sftp' "$(ssh "$SG_SANDBOX@127.0.0.1" "sha256sum <$workspace/put
    stat -c '%a %Y' $workspace/put")" \
    "$(sha256sum <tree/big; stat -c '%a %Y' tree/big)"
rm tree/nothing
echo new >tree/new
run_page files rsync
same_tree rsync tree "$workspace/tree" -p
