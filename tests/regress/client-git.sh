#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: git pushes a project, fetches it, and has a submodule in a sandbox.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

sg_ssh sandbox 'command -v git' >/dev/null || skip 'no git in the template'
git config --global user.name t
git config --global user.email t@localhost
cd "$tmp"
at_exit 'sg_ssh sandbox "rm -rf $workspace/project $workspace/library"'
git init -q -b main project
make_tree project
git -C project add .
git -C project commit -qm first
run_page git 'Push a project into a sandbox'
assert_eq 'checked out there' \
    "$(sg_ssh sandbox "sha256sum <$workspace/project/big")" \
    "$(sha256sum <project/big)"
sg_ssh sandbox "cd $workspace/project && echo there >>nothing &&
    git -c user.name=s -c user.email=s@localhost commit -qam second"
run_page git 'Fetch what was committed there'
assert_eq 'committed there' "$(git -C copy log --format=%s | tr '\n' ' ')" \
    'second first '
assert_eq 'its content' "$(cat copy/nothing)" there
git -C copy commit -q --allow-empty -m third
timeout 300 git -C copy push -q
assert_eq 'pushed back' "$(sg_ssh sandbox \
    "git -C $workspace/project log -1 --format=%s")" third
git -C project pull -q "$SG_SANDBOX@127.0.0.1:$workspace/project" main

# A clone starts several transfers at once, over one connection.
sg_ssh sandbox "git init -q -b main $workspace/library &&
    cd $workspace/library && seq 100000 >numbers && git add . &&
    git -c user.name=s -c user.email=s@localhost commit -qm library"
run_page git Submodules
assert_eq 'submodule' "$(sha256sum <whole/library/numbers)" \
    "$(seq 100000 | sha256sum)"
ssh "$SG_SANDBOX@127.0.0.1" "git-upload-pack /none" 2>words </dev/null &&
    fail 'no repository: a success'
assert_match 'no repository' "$(cat words)" 'does not appear to be a git'
