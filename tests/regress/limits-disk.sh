#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a full disk is full for its own sandbox alone.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --disk 64M 2>/dev/null)
at_exit 'sg destroy "$id"'
case $(sg status --json | jq -r .sandboxd.disk_backend) in
plain) skip 'the disks of this host have no limit' ;;
esac
fill='dd if=/dev/urandom bs=1M count=300'
# Without the limit: 300 MiB is nothing special.
$fill of="$tmp/fill" status=none
assert_eq 'without the limit' "$(stat -c %s "$tmp/fill")" $((300 << 20))
rm "$tmp/fill"
before=$(exec_ms other)
for folder in /workspace /var/tmp /root; do
	words=$(sg_ssh -l "$id+root" sandbox "$fill of=$folder/fill 2>&1; sync;
	    stat -c 'size %s' $folder/fill; rm $folder/fill; sync")
	assert_match "$folder" "$words" 'No space left|quota exceeded'
	size=$(sed -n 's/^size //p' <<<"$words")
	[ "$size" -le $((66 << 20)) ] || fail "$folder: $size bytes written"
done
# Many small files too, and then there is room again.
sg_ssh -l "$id+root" sandbox 'cd /var/tmp; for n in $(seq 200000); do
	echo "some words to fill an inode with, and then more $n" >f$n || break
    done 2>/dev/null; rm -rf f*' || true
sg_within 100 sg_ssh -l "$id" sandbox 'echo room >/workspace/room' ||
    fail 'no room after removing what filled the disk'
# Nothing that is on the disk counts for nobody.
cat >"$tmp/subvolume.py" <<'END'
import fcntl, os, struct
for what, request in ("a subvolume", 0x5000940e), \
        ("one by v2", 0x50009418):
    try:
        fcntl.ioctl(os.open("/tmp", os.O_RDONLY), request,
            bytearray(struct.pack("q4088s", 0, b"x")))
        print(what)
    except OSError:
        pass
END
sg cp "$tmp/subvolume.py" "$id:/tmp/subvolume.py" 2>/dev/null
assert_eq 'no subvolumes' "$(sg exec "$id" -- 'python3 /tmp/subvolume.py; ls -d \
    /tmp/x; echo a >/tmp/a; cp --reflink=always /tmp/a /tmp/b; cat /tmp/b' \
    </dev/null 2>/dev/null)" a
assert_eq 'neighbour' "$(sg_ssh other 'dd if=/dev/zero of=fill bs=1M count=100 \
    status=none; stat -c %s fill; rm fill')" $((100 << 20))
assert_unharmed 'full disk' "$before"
