#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: git clones from and pushes to a repository in a sandbox.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

sg_ssh sandbox 'command -v git' >/dev/null || skip 'no git in the template'
export GIT_SSH_COMMAND="ssh -F $SG_SSH_CONFIG" GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@localhost
export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@localhost
at_exit 'sg_ssh sandbox rm -rf repo.git'
sg_ssh sandbox 'git init -q --bare -b main repo.git'
git init -q -b main "$tmp/one"
cd "$tmp/one"
random_file 4000000 data
git add data
git commit -qm first
timeout 300 git push -q sandbox:repo.git main
timeout 300 git clone -q sandbox:repo.git "$tmp/two"
cmp data "$tmp/two/data"
echo more >"$tmp/two/more"
git -C "$tmp/two" add more
git -C "$tmp/two" commit -qm second
timeout 300 git -C "$tmp/two" push -q origin main
timeout 300 git pull -q sandbox:repo.git main
assert_eq 'pulled' "$(cat more)" more
assert_eq 'history' "$(git log --format=%s | tr '\n' ' ')" 'second first '
cd /
