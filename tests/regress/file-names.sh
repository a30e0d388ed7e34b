#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: names with spaces, quotes and UTF-8 survive scp and sftp.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

names=('with space' 'ünïcödé ✓ 日本' "it's" 'a"b' 'semi;colon' '$HOME' '-dash'
    'back\slash' '*star*' '[x]' '(paren) &' 'trailing ')
mkdir "$tmp/names"
for name in "${names[@]}"; do
	echo "content of $name" >"$tmp/names/$name"
done
at_exit 'sg_ssh sandbox rm -rf names names-O'

sg_scp -s -r "$tmp/names" sandbox:names
sg_scp -O -r "$tmp/names" sandbox:names-O
for folder in names names-O; do
	assert_eq "$folder" \
	    "$(sg_ssh sandbox "cd $folder; printf '%s\n' * | LC_ALL=C sort")" \
	    "$(cd "$tmp/names"; printf '%s\n' * | LC_ALL=C sort)"
done
sg_scp -s -r sandbox:names "$tmp/back"
sg_scp -O -r sandbox:names-O "$tmp/back-O"
diff -r "$tmp/names" "$tmp/back" || fail 'scp changed something'
diff -r "$tmp/names" "$tmp/back-O" || fail 'scp -O changed something'

sg_sftp sandbox <<-'END' >"$tmp/out"
	cd names
	rename "with space" "two  spaces"
	rename "ünïcödé ✓ 日本" "naïve"
	rm "it's"
	get "two  spaces" /dev/null
	mkdir "new ordner ö"
END
assert_eq 'after sftp' "$(sg_ssh sandbox 'cd names; ls -d naïve two* new*')" \
    $'naïve\nnew ordner ö\ntwo  spaces'
# A tilde and a pattern are the far shell's with -O and the client's without.
sg_scp -O sandbox:'~/names/na*' "$tmp/tilde-O"
sg_scp -s sandbox:'~/names/na*' "$tmp/tilde"
cmp "$tmp/tilde" "$tmp/tilde-O"
