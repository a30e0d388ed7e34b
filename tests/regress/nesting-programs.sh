#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: in a sandbox that nests, programs that make sandboxes of their own do so,
# as docs/INSIDE.md says which need what.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product nesting

id=$(sg create --nesting 2>/dev/null)
at_exit 'sg destroy "$id"'
inside() { sg_ssh -l "$id" sandbox "$@"; }
as_root() { sg_ssh -l "$id+root" sandbox "$@"; }

as_root 'apt-get -q update' >"$tmp/apt" 2>&1 &&
    ! grep -E '^(W|E|Err)' "$tmp/apt" || {
	tail -n 5 "$tmp/apt"
	skip 'no Debian mirror can be reached from inside'
}
as_root 'DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    --no-install-recommends install bubblewrap fuse-overlayfs podman crun \
    uidmap libcap2-bin' >"$tmp/apt" 2>&1 || {
	tail -n 20 "$tmp/apt"
	fail 'apt-get install'
}

# A process of its own, with nothing of the sandbox's but its files.
assert_eq 'bwrap' "$(inside 'bwrap --unshare-all --ro-bind / / --proc /proc \
    --dev /dev --tmpfs /tmp sh -c "id -u; ip -o link | wc -l
	set -- /proc/[0-9]*; echo \$#; ls -A /tmp"')" $'1000\n1\n2'

# Rootless, with the ids and the programs' capabilities as the documentation
# has them, and without them refused.
assert_match 'podman, as it comes' "$(inside 'podman unshare id -u 2>&1' ||
    true)" 'newuidmap|subuid|[Pp]ermission|permitted'
as_root 'echo sandbox:10000:50000 | tee /etc/subuid >/etc/subgid
    chmod u-s /usr/bin/newuidmap /usr/bin/newgidmap
    setcap cap_setuid=ep /usr/bin/newuidmap
    setcap cap_setgid=ep /usr/bin/newgidmap'
assert_eq 'podman run' "$(inside 'root=$(mktemp -d) && cd "$root" &&
    mkdir -p bin lib64 usr proc dev sys tmp etc run lib/"$(uname -m)"-linux-gnu
    cp /bin/dash bin/sh
    for file in $(ldd /bin/dash | grep -o "/[^ ]*"); do
	mkdir -p ".${file%/*}"; cp -L "$file" ".$file"
    done
    podman run --rm --network=host --rootfs "$root" /bin/sh -c "echo in it" \
	2>/dev/null')" 'in it'

assert_eq 'fuse-overlayfs' "$(inside 'cd "$(mktemp -d)" && mkdir l u w m &&
    echo below >l/file && unshare -Urm sh -c "fuse-overlayfs \
	-o lowerdir=l,upperdir=u,workdir=w m >/dev/null 2>&1 &&
	cat m/file && echo above >m/file" && cat u/file l/file')" \
    $'below\nabove\nbelow'
