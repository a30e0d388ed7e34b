#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: sandgate file: what is in a sandbox, found, changed, and whole folders out
# and in.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the command line'

inside() { sg_ssh sandbox "$@"; }
at_exit 'inside "rm -rf cli-file cli-copy"'
inside 'rm -rf cli-file cli-copy'
cd "$tmp"

mkdir -p in/deep
printf 'one\nTwo\n' >in/a.txt
printf 'three\n' >in/deep/b.c
tar -C in -cf - . | sg file unpack "$SG_SANDBOX" cli-file >told
assert_eq 'what is told' "$(cat told)" '2 files, 1 folders, 0 links'
assert_eq 'find' "$(sg file find "$SG_SANDBOX" cli-file '*.c')" \
    cli-file/deep/b.c
assert_eq 'grep' "$(sg file grep "$SG_SANDBOX" cli-file -i 'tw?o$' -E \
    --name '*.txt')" cli-file/a.txt:2:Two
sg file chmod "$SG_SANDBOX" 600 cli-file/a.txt
sg file mkdir "$SG_SANDBOX" cli-file/new
sg file mv "$SG_SANDBOX" cli-file/a.txt cli-file/new/a.txt
assert_eq 'ls' "$(sg file ls "$SG_SANDBOX" cli-file/new --json |
    jq -r '.entries[] | .mode + .name')" 0600a.txt
! sg file rm "$SG_SANDBOX" cli-file/new 2>words || fail 'a full one is removed'
sg file pack "$SG_SANDBOX" cli-file out.tgz -z
mkdir out && tar -C out -xzf out.tgz
assert_eq 'there' "$(cat out/new/a.txt out/deep/b.c)" "$(cat in/a.txt in/deep/b.c)"
sg file unpack "$SG_SANDBOX" cli-copy out.tgz >told
assert_eq 'and back' "$(inside cat cli-copy/deep/b.c)" three
sg file rm -R "$SG_SANDBOX" cli-file/new
assert_eq 'gone' "$(inside ls cli-file)" deep
! sg file pack "$SG_SANDBOX" cli-none none.tar 2>words || fail 'none is packed'
[ ! -e none.tar ] || fail 'a file of none stays'
