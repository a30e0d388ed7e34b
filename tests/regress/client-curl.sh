#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: curl puts, resumes, lists and renames by sftp.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

cd "$tmp"
make_tree tree
head -c 1000000 tree/big >part
at_exit 'sg_ssh sandbox "rm -f $workspace/put $workspace/new"'
# The first path of a URL's is the root's.
run_page files curl >list
cmp tree/big part || fail 'resumed: differs'
assert_eq 'put, chmod, rename' \
    "$(sg_ssh sandbox "sha256sum <$workspace/new; stat -c %a $workspace/new")" \
    "$(sha256sum <tree/big)"$'\n600'
grep -q '^-rw-------.* 3000000 .* new$' list || fail "listed: $(cat list)"
url=sftp://$SG_SANDBOX@127.0.0.1:$SG_PORT
assert_eq 'no such file' "$(status_of timeout 300 curl -s \
    --key "$HOME/.ssh/id_ed25519" "$url/none")" 78
assert_eq 'wrong key' "$(status_of timeout 300 curl -s \
    --key "$SG_DIR/wrong" "$url/none")" 67
: >"$HOME/.ssh/known_hosts"
assert_eq 'unknown host' "$(status_of timeout 300 curl -s \
    --key "$HOME/.ssh/id_ed25519" "$url/none")" 60
