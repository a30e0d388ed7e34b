#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: sftp resumes an interrupted get and put, and copies folders.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

random_file 8000000 "$tmp/whole"
head -c 3000000 "$tmp/whole" >"$tmp/partial"
at_exit 'sg_ssh sandbox rm -rf whole partial tree'
sg_sftp sandbox >/dev/null <<-END
	put $tmp/whole whole
	put $tmp/partial partial
	reput $tmp/whole partial
	reget whole $tmp/partial
END
cmp "$tmp/whole" "$tmp/partial" || fail 'reget did not complete the file'
assert_eq 'reput' "$(sg_ssh sandbox cat partial | sha)" "$(sha <"$tmp/whole")"

mkdir -p "$tmp/tree/a/b/c"
for n in {1..300}; do
	echo "$n" >"$tmp/tree/a/file$n"
done
random_file 100000 "$tmp/tree/a/b/c/deep"
sg_sftp sandbox >/dev/null <<-END
	mkdir tree
	put -r $tmp/tree/a tree
	get -r tree/a $tmp/copy
END
diff -r "$tmp/tree/a" "$tmp/copy" || fail 'the folder came back changed'
assert_eq 'a long listing' "$(echo 'ls -1 tree/a' | sg_sftp sandbox |
    grep -c 'tree/a/file')" 300
