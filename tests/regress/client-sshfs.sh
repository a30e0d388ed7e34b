#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a sandbox's files mounted by sshfs.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

[ -c /dev/fuse ] || modprobe fuse || skip 'the kernel has no FUSE'
cd "$tmp"
mkdir mnt
make_tree tree
at_exit 'sg_ssh sandbox "rm -rf $workspace/tree"'
run_page files sshfs
at_exit 'fusermount3 -u mnt || umount -l mnt'
at_exit "cd $tmp"
timeout 300 cp -a --no-preserve=ownership tree mnt/
same_tree 'cp -a there' tree "$workspace/tree" -p
timeout 300 cp -a --no-preserve=ownership mnt/tree back
diff <(listing tree -p) <(listing back -p) || fail 'cp -a back: differs'
cd mnt/tree
for where in . "$tmp/tree"; do
	echo more >>"$where/big"
	truncate -s 70000 "$where/big"
	printf xyz | dd of="$where/big" bs=1 seek=30000 conv=notrunc status=none
	mv "$where/nothing" "$where/sub dir/run é"
	ln -s big "$where/link"
	rmdir "$where/sub dir/empty"
	mkdir "$where/sub dir/ü"
done
assert_eq 'readlink' "$(readlink link)" big
assert_eq 'df' "$(($(stat -f -c %b .) > 0))" 1
for n in {1..200}; do
	echo "$n" >"sub dir/ü/$n"
	echo "$n" >"$tmp/tree/sub dir/ü/$n"
done
assert_eq 'listed' "$(printf '%s\n' "sub dir"/ü/* | wc -l)" 200
cd "$tmp"
timeout 300 fusermount3 -u mnt
same_tree 'changed through the mount' tree "$workspace/tree"
