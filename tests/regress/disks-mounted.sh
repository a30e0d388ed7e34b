#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: a disk is mounted into sandboxes: one that writes or many that read, for
# as long as they are there, whatever is paused, started anew or killed.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product disks
orgs_start
kept=$SG_STATE/disks/.kept/$red

disk=$(sg_as max disk create data)
sg_as max disk create more >/dev/null
make() { sg_as max create "$@" 2>"$tmp/err"; }
run() { sg_as max exec "$1" -- "${@:2}" </dev/null; }
refused()
{
	make --mount "$2" >/dev/null && fail "$1: made"
	assert_match "$1" "$(cat "$tmp/err")" "$3"
}
writer=$(make --mount "$disk:/mnt/data") || fail "$(cat "$tmp/err")"
at_exit 'sg destroy "$writer"'
run "$writer" 'echo kept >/mnt/data/file; mkdir /mnt/data/sub; id -u >/mnt/data/uid'
assert_eq 'told' "$(sg_as max get "$writer" --json | jq -r .disks)" \
    "$disk:/mnt/data"

# One writer, and whose it is not; what cannot be.
refused 'a second writer' data:/a "mounted in $writer, which may write"
refused 'a reader beside it' data:/a:ro "mounted in $writer, which may write"
refused 'no such disk' dk_0000000000000000:/a 'no such disk'
refused 'no such name' none:/a 'no such disk'
for words in data data:a data:/ data:/proc/a data:/a/../b 'data:/a b' \
    data:/a:rw data:/a,data:/b; do
	refused "$words" "$words" 'disks: '
done
sg_as ben create --mount "$disk:/a" >/dev/null 2>"$tmp/err" && fail "ben's"
assert_match "ben's" "$(cat "$tmp/err")" 'no such disk'
assert_match 'it stays' "$(sg_as max disk rm "$disk" 2>&1)" "mounted in $writer"

# Nobody's who may not work on files, though he may make sandboxes and run
# commands in them; nor by another member where each reaches but his own.
token_of[max-exec]=$(sg_as max token create exec --scope read,create,exec \
    2>/dev/null)
for mode in '' :ro; do
	sg_as max-exec create --mount "more:/b$mode" >"$tmp/err" 2>&1 &&
		fail "without files$mode: made"
	assert_match "without files$mode" "$(cat "$tmp/err")" \
	    'disks: permission denied'
done
sg org set "$red" --member-reach own >/dev/null
for words in "disk rm more" "create --mount more:/b"; do
	# shellcheck disable=SC2086
	assert_match "nia: $words" "$(sg_as nia $words 2>&1 || true)" \
	    'no such disk'
done
sg org set "$red" --member-reach shared >/dev/null

# It is there after all that a sandbox may go through, and so is the lock.
is_there()
{
	assert_eq "$1" "$(run "$writer" cat /mnt/data/file)" kept
	run "$writer" touch /mnt/data/again || fail "$1: not writable"
	refused "$1: taken" data:/a "mounted in $writer"
}
sg_as max pause "$writer"
refused 'while it is paused' data:/a "mounted in $writer"
sg_as max resume "$writer"
is_there 'after a pause'
sg_as max stop "$writer"
refused 'while it is suspended' data:/a "mounted in $writer"
is_there 'after a start'
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api || fail 'no API'
is_there 'after kill -9 of sandboxd'
sg_as max stop "$writer"
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api || fail 'no API'
is_there 'and of one that is suspended'
fork=$(sg_as max fork "$writer" 2>/dev/null)
at_exit 'sg destroy "$fork"'
assert_eq 'a fork is without it' "$(sg_as max get "$fork" --json |
    jq -r .disks)$(run "$fork" ls /mnt/data)" null

# It is no way out: no devices, no setuid, nothing of btrfs, no bytes that count
# for nobody; and no link leads it elsewhere.
assert_match 'its mount' "$(run "$writer" grep ' /mnt/data ' /proc/mounts)" \
    'overlay.*rw,nosuid,nodev'
cat >"$tmp/try.py" <<'END'
import errno, fcntl, os, struct
def no(what, call, *codes):
    try:
        call()
        print(what, "went well")
    except OSError as error:
        if error.errno not in codes:
            print(what, error)
folder = os.open("/mnt/data", os.O_RDONLY)
no("subvolume", lambda: fcntl.ioctl(folder, 0x5000940e,
    bytearray(struct.pack("q4088s", 0, b"x"))), errno.ENOTTY, errno.ENOSYS)
open("/tmp/a", "wb").write(b"a" * 65536)
a, b = open("/tmp/a", "rb"), open("/mnt/data/b", "wb")
no("clone", lambda: fcntl.ioctl(b, 0x40049409, a.fileno()), errno.EXDEV,
    errno.EOPNOTSUPP)
no("device", lambda: os.mknod("/mnt/data/dev", 0o60666, os.makedev(7, 0)),
    errno.EPERM)
END
sg_as max cp "$tmp/try.py" "$writer:/tmp/try.py" 2>/dev/null
assert_eq 'no way out' "$(sg_as max exec "$writer" --root -- python3 \
    /tmp/try.py </dev/null 2>&1)" ''
sg_as max exec "$writer" --root -- 'mv /mnt /was; ln -s /etc /mnt' </dev/null
sg_as max stop "$writer"
assert_match 'a link is not followed' "$(run "$writer" true 2>&1)" \
    '/mnt/data is no place'

# Many readers, and they only read.
sg_as max destroy "$writer"
one=$(make --mount data:/in:ro) || fail "$(cat "$tmp/err")"
two=$(make --mount "$disk:/mnt/in:ro") || fail "$(cat "$tmp/err")"
at_exit 'sg destroy "$one" "$two"'
assert_eq 'one reads' "$(run "$one" cat /in/file)" kept
assert_eq 'and the other' "$(run "$two" cat /mnt/in/file)" kept
assert_match 'none writes' "$(run "$two" 'echo x >/mnt/in/file' 2>&1)" \
    'Read-only'
refused 'a writer beside them' data:/a "mounted in ($one|$two), which reads"
fork=$(sg_as max fork "$one" 2>/dev/null)
at_exit 'sg destroy "$fork"'
assert_eq 'a fork reads too' "$(run "$fork" cat /in/file)" kept
sg_as max destroy "$one" "$two" "$fork"

# Whoever is killed in the middle leaves no lock, and nothing in half.
make --mount data:/a >"$tmp/id" &
maker=$!
is_asked() { sg_as max list --json | jq -e '.sandboxes | length > 0'; }
sg_wait_for is_asked >/dev/null || fail 'it is not being made'
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api || fail 'no API'
wait "$maker" || true
for id in $(sg_as max list --json | jq -r '.sandboxes[].id'); do
	sg_as max destroy "$id"
done
writer=$(make --mount data:/a) || fail "after kill -9: $(cat "$tmp/err")"
assert_eq 'it is whole' "$(run "$writer" cat /a/file)" kept

# It counts, and goes with its disk, and with its organisation.
limit=$(sg_as max get "$writer" --json | jq .limits.disk_bytes)
sg org set "$red" --max-disk $((limit * 2)) >/dev/null
refused 'too much' more:/b 'max_disk'
sg org set "$red" --max-disk 0 >/dev/null
sg_as max destroy "$writer"
[ -d "$kept/$disk" ] || fail 'it went with its sandbox'
sg_as max disk rm "$disk"
[ ! -e "$kept/$disk" ] || fail 'it stays without its disk'
writer=$(make --mount more:/b) || fail "$(cat "$tmp/err")"
assert_eq 'an empty one' "$(run "$writer" ls -A /b)" ''
sg org rm "$red" --force >/dev/null
sg_wait_for test ! -e "$kept" || fail "left: $(find "$kept" -maxdepth 1)"
