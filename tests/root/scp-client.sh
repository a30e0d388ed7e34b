#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The stock `scp -O` against our scp: the same files, modes, times and errors
# as against OpenSSH's.
# usage: scp-client.sh sandbox-init
set -eu
command -v scp > /dev/null || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/in"
ln -s "$(realpath "$1")" "$dir/bin/scp"
# Stands in for ssh: runs the command here, where `scp` is ours (or theirs).
cat > "$dir/ssh" <<END
#!/bin/sh
for command; do :; done
[ "\${SCP_OURS:-}" = 1 ] && PATH=$dir/bin:\$PATH
exec sh -c "\$command"
END
chmod +x "$dir/ssh"
cd "$dir/in"
head -c 3000000 /dev/urandom > random
printf x > 'a name  with spaces'
printf y > 'ünïcödé 名前'
: > empty
mkdir -p tree/deep/er
cp random tree/deep/er/file
chmod 2750 tree/deep
chmod 0555 tree/deep/er
chmod 0400 empty
touch -d '2001-02-03 04:05:06' random tree/deep

copy() {
	timeout 20 scp -q -O -S "$dir/ssh" "$@" || echo "exit $?: $*"
}
session() {
	export SCP_OURS="$1"
	rm -rf "$dir/there" "$dir/back"
	mkdir "$dir/there" "$dir/back" "$dir/there/sub"
	cd "$dir/there"
	(
		copy -p "$dir/in/random" host:
		copy "$dir/in/empty" "$dir/in/a name  with spaces" \
		    "$dir/in/ünïcödé 名前" host:sub
		copy -r "$dir/in/tree" host:
		copy -rp "$dir/in/tree" host:sub/kept
		copy "$dir/in/random" host:sub/renamed
		copy "$dir/in/empty" "$dir/in/random" host:not-there
		copy "$dir/in/tree" host:
		copy "$dir/in/random" host:no/such/place
		copy -p host:random "$dir/back"
		copy 'host:sub/*name*' "$dir/back"
		copy -rp host:sub "$dir/back/all"
		copy host:missing "$dir/back"
		copy host:sub "$dir/back"
		copy "host:~/no-such-file" "$dir/back"
	) > "$dir/log.$1" 2>&1
	cd "$dir"
	find there back ! -type d -printf '%P %m %s %y\n' > list
	find there back -type d -printf '%P %m %y\n' >> list
	find there back -newermt 2001-01-01 ! -newermt 2002-01-01 \
	    -printf '%P %t\n' >> list
	find there back -type f -exec sha256sum {} + >> list
	sort list >> "$dir/log.$1"
}
session 0
session 1
[ "${SHOW_LOG:-}" = '' ] || cat "$dir/log.1"
diff -u "$dir/log.0" "$dir/log.1"
# A hostile peer cannot leave the directory.
cd "$dir/there"
for name in ../x /x . .. '' a/b; do
	! printf 'C0644 1 %s\nx\0' "$name" |
	    timeout 5 "$dir/bin/scp" -t . > "$dir/reply"
	grep -q 'unexpected filename' "$dir/reply"
done
[ ! -e "$dir/x" ] && [ ! -e /x ]
