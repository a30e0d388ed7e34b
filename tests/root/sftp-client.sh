#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The stock sftp client against our sftp-server: what goes in comes out, and
# every listing and error is what OpenSSH's server gives.
# usage: sftp-client.sh sandbox-init
set -eu
command -v sftp > /dev/null || exit 77
[ -x /usr/lib/openssh/sftp-server ] || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
ln -s "$(realpath "$1")" "$dir/sftp-server"
mkdir "$dir/in"
head -c 3000000 /dev/urandom > "$dir/in/random"
printf x > "$dir/in/a name  with spaces"
printf y > "$dir/in/ünïcödé 名前"
: > "$dir/in/empty"
mkdir -p "$dir/in/tree/deep/er"
cp "$dir/in/random" "$dir/in/tree/deep/er/file"
chmod 750 "$dir/in/tree/deep"
touch -d '2001-02-03 04:05:06' "$dir/in/random"

# One session with each server, in a directory of the same name.
session() {
	rm -rf "$dir/work" "$dir/out"
	mkdir "$dir/work" "$dir/out"
	(cd "$dir/work" && timeout 60 sftp -q -D "$1" > "$dir/$2.log" 2>&1 <<-END
		version
		put "$dir/in/a name  with spaces"
		put "$dir/in/ünïcödé 名前"
		put -p $dir/in/random
		put $dir/in/empty
		put -r $dir/in/tree
		ls -l
		ls -la tree/deep
		mkdir made
		mkdir made
		rename random moved
		rename -l empty moved
		rename nothing moved
		ln -s moved symbolic
		ln moved hard
		chmod 600 moved
		ls -l moved symbolic hard
		chmod 600 missing
		df -h missing
		get -p moved $dir/out/random
		get "ünïcödé 名前" $dir/out/
		get -r tree $dir/out/
		cd made
		pwd
		cd ..
		cp moved copied
		rm symbolic
		rmdir made
		rmdir tree
		rm missing
		get missing
		ls missing
		cd moved
	END
	) || :
	(cd "$dir/work" && find . -printf '%P %m %s %y %n\n' | sort) >> "$dir/$2.log"
	cmp "$dir/in/random" "$dir/out/random"
	cmp "$dir/in/random" "$dir/work/copied"
	cmp "$dir/in/random" "$dir/out/tree/deep/er/file"
	cmp "$dir/in/ünïcödé 名前" "$dir/out/ünïcödé 名前"
	[ "$(stat -c %Y "$dir/out/random")" = "$(stat -c %Y "$dir/in/random")" ]
}
session /usr/lib/openssh/sftp-server theirs
session "$dir/sftp-server" ours
diff -u "$dir/theirs.log" "$dir/ours.log"
