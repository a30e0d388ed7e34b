#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: where sandboxes nest, all that the others are kept from they are kept from
# too: their root, and root of a user namespace they made.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

for name in kernel files processes link network; do
	SG_NESTING=yes "$here/isolation-$name.sh" >"$tmp/$name" 2>&1 ||
	    fail "isolation-$name: $(tail -n 5 "$tmp/$name")"
done

id=$(sg create --nesting 2>/dev/null)
at_exit 'sg destroy "$id"'
inside() { sg_ssh -l "$id" sandbox "$@"; }

# attack NAME ARGUMENT...: by root of namespaces of every kind, with a /proc of
# its own on which nothing lies.
attack()
{
	assert_match "nested: $*" "$(inside "unshare -Urmpfniu --mount-proc \
	    python3 - ${*@Q}" <"$here/attacks.py")" '^refused'
}
attack mknod-char 1 11
attack read /dev/kmsg
attack read /dev/mem
attack read /proc/timer_list
attack write /proc/sysrq-trigger h
for setting in core_pattern printk panic modprobe; do
	attack rewrite /proc/sys/kernel/$setting
done
attack rewrite /proc/sys/vm/overcommit_memory
attack rewrite /proc/sys/fs/file-max
attack rewrite /sys/kernel/mm/transparent_hugepage/defrag
for name in bpf perf ring key userfaultfd syslog acct ctrl-alt-del vsock \
    algorithm-socket; do
	attack $name
done
for path in /sys/firmware /dev/.nesting/proc /dev /sys; do
	attack unmount $path
done
assert_eq 'nobody is in there' "$(inside 'ls /dev/.nesting 2>&1 ||
    unshare -Urm ls /dev/.nesting 2>&1' | grep -c 'denied')" 2

# No way out but the sandbox's own: what is made has no link, and over the
# sandbox's network nobody has a capability.
assert_eq 'links' "$(inside 'unshare -Urn tail -n +3 /proc/net/dev' |
    cut -d: -f1 | tr -d ' ')" lo
assert_eq 'sockets' "$(inside 'unshare -Ur python3 -' <<'END'
import errno, socket
for arguments in ((socket.AF_PACKET, socket.SOCK_RAW, 3),
        (socket.AF_INET, socket.SOCK_RAW, 255),
        (socket.AF_NETLINK, socket.SOCK_RAW, 12)):
    try:
        socket.socket(*arguments)
        print('ok')
    except OSError as error:
        print(errno.errorcode[error.errno])
END
)" $'EAFNOSUPPORT\nEPERM\nEPROTONOSUPPORT'
assert_eq 'addresses' "$(inside 'unshare -Ur ip address add 192.0.2.7 dev eth0 \
    2>&1; unshare -Ur ip route del default 2>&1' | grep -c permitted)" 2
assert_match 'another network' "$(inside 'unshare -Ur nsenter -n -t 1 true 2>&1;
    nsenter -U -t 1 true 2>&1')" 'denied.*denied|permitted'

# However many users make them, there are no more than 256, and those of the
# network 64.
most()
{
	sg_ssh -l "$id+root" sandbox "python3 - $1" <<'END'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
kind = int(sys.argv[1], 16)
n, ends = 0, []
for uid in 1000, 1001, 2000, 3000:
    while n < 2000:
        said, say = os.pipe()
        wait, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(go)
            os.setuid(uid)
            ok = libc.unshare(0x10000000) == 0 and (kind == 0x10000000 or
                libc.unshare(kind) == 0)
            os.write(say, b'y' if ok else b'n')
            os.read(wait, 1)
            os._exit(0)
        os.close(say)
        os.close(wait)
        made = os.read(said, 1) == b'y'
        os.close(said)
        ends.append(go)
        if not made:
            break
        n += 1
print(n)
END
}
user=$(most 10000000) net=$(most 40000000)
echo "at once: $user user namespaces, $net of the network"
[ "$user" -gt 200 ] && [ "$user" -le 256 ] || fail "user namespaces: $user"
[ "$net" -gt 48 ] && [ "$net" -le 64 ] || fail "network namespaces: $net"
assert_eq 'one that does not nest' "$(sg_ssh -l "$SG_SANDBOX+root" sandbox \
    'unshare -U true 2>&1' || true)" 'unshare: unshare failed: Operation not permitted'

# With a link of its own it makes neighbours, which the host has one table of.
# Those of sandboxes are fixed, and so not of what is counted and thrown out.
made=$(inside 'unshare -Urn sh -c "
	ip link add v0 type veth peer name v1; ip addr add 192.0.2.1/24 dev v0
	ip link set v0 up; ip link set v1 up
	for n in \$(seq 2 101); do ip neigh add 192.0.2.\$n dev v0 \
	    lladdr 02:00:00:00:00:01 nud stale; done
	ip neigh show | wc -l"' 2>&1 | tail -n 1)
echo "neighbours in a network of its own: $made"
other=$(sg create 2>/dev/null)
at_exit 'sg destroy "$other"'
assert_eq 'neighbours of a sandbox that are not fixed' "$(sg exec "$other" -- \
    sh -c 'ip neigh show | grep -vc PERMANENT')" 0
assert_eq 'and of its end on the host' "$(ip neigh show |
    grep " ${SG_INSTANCE}[0-9]" | grep -vc PERMANENT)" 0

# FUSE and overlayfs for root of a user namespace; and nobody else mounts.
assert_eq 'overlay' "$(inside 'cd "$(mktemp -d)" && mkdir l u w m &&
    unshare -Urm sh -c "mount -t overlay -o lowerdir=l,upperdir=u,workdir=w o m &&
	echo in >m/file" && cat u/file')" in
assert_eq 'FUSE' "$(inside 'unshare -Urm python3 -' <<'END'
import ctypes, os
fd = os.open('/dev/fuse', os.O_RDWR)
os.makedirs('/tmp/fuse', exist_ok=True)
libc = ctypes.CDLL(None, use_errno=True)
options = f'fd={fd},rootmode=40000,user_id=0,group_id=0'.encode()
print(libc.mount(b'x', b'/tmp/fuse', b'fuse', 0, options))
END
)" 0
assert_match 'in the sandbox itself' "$(sg_ssh -l "$id+root" sandbox \
    'mount -t tmpfs none /mnt 2>&1' || true)" denied
