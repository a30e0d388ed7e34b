#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: root of a sandbox reaches no file of the host.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

secret=/var/tmp/sandgate-secret-$$
echo "of the host" >"$secret"
at_exit 'rm -f "$secret"'
defended read "$secret"
defended read "/proc/1/root$secret"
# The host breaks out of a plain chroot; the sandbox's root is no chroot.
assert_eq 'out of a chroot' "$(attack_undefended chroot-escape "$secret")" \
    worked
refused_inside chroot-escape "$secret" yes

# A disk of the host, by a node of one's own.
truncate -s 1M "$tmp/disk"
echo "of the host" | dd of="$tmp/disk" conv=notrunc status=none
loop=$(losetup -f --show "$tmp/disk")
at_exit 'losetup -d "$loop"'
# shellcheck disable=SC2046
defended mknod-disk $(stat -c '%Hr %Lr' "$loop")
refused_inside read "$loop"
fuse=${SG_NESTING:+|fuse}
sg_ssh root 'ls /dev' | grep -Ev "^(console|core$fuse|fd|full|mqueue|null|ptmx|pts|random|shm|stderr|stdin|stdout|tty|urandom|zero)\$" &&
    fail 'devices that no sandbox needs'

# A file of the host by its handle, through any mount there is.
handle=$(/usr/bin/python3 - "$secret" <<'END'
import ctypes, sys
libc = ctypes.CDLL(None)
raw = ctypes.create_string_buffer(b'\x80\0\0\0', 136)
mount = ctypes.c_int()
libc.name_to_handle_at(-100, sys.argv[1].encode(), raw, ctypes.byref(mount), 0)
size, kind = int.from_bytes(raw[:4], 'little'), int.from_bytes(raw[4:8], 'little')
print(kind, raw[8:8 + size].hex())
END
)
# shellcheck disable=SC2086
defended handle $handle / /var/tmp
# shellcheck disable=SC2086
refused_inside handle $handle / /etc/resolv.conf /tmp /workspace /proc /dev
# Names of the host's folders do not even appear in the list of mounts.
assert_eq 'mount table' "$(sg_ssh root 'cat /proc/self/mountinfo' |
    grep -cF "$SG_DIR")" 0
assert_eq 'written by root inside' "$(sg_ssh root 'echo x >/var/tmp/inside')" ''
[ ! -e /var/tmp/inside ] || fail 'a file of the sandbox is on the host'
