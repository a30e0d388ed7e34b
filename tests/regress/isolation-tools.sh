#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: capabilities and protocols that nobody inside needs are not there, and the
# programs that could be thought to need them work.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

bounding=$((16#$(sg_ssh root 'sed -n "s/^CapBnd:\t//p" /proc/self/status')))
for bit in 12 21 27 29; do # net_admin, sys_admin, mknod, audit_write
	assert_eq "capability $bit" $(((bounding >> bit) & 1)) 0
done
assert_eq 'no throttling counts' "$(sg_ssh root \
    'cat /sys/devices/system/cpu/cpu*/thermal_throttle/* 2>/dev/null' || :)" ''
assert_eq 'protocols' "$(sg_ssh sandbox python3 - <<'END'
import errno, socket
def words(*arguments):
    try:
        socket.socket(*arguments).close()
        return 'ok'
    except OSError as error:
        return errno.errorcode[error.errno]
for family in socket.AF_INET, socket.AF_INET6:
    icmp = 1 if family == socket.AF_INET else 58
    print(words(family, socket.SOCK_STREAM, 0),
          words(family, socket.SOCK_STREAM, 6),
          words(family, socket.SOCK_DGRAM, 17),
          words(family, socket.SOCK_DGRAM, icmp),
          words(family, socket.SOCK_STREAM, 262),
          words(family, socket.SOCK_DGRAM, 136),
          words(family, socket.SOCK_RAW, 255),
          words(family, socket.SOCK_RAW, 1))
END
)" 'ok ok ok ok EPROTONOSUPPORT EPROTONOSUPPORT EPERM EPERM
ok ok ok ok EPROTONOSUPPORT EPROTONOSUPPORT EPERM EPERM'

# works HOST COMMAND: it ends with 0; what it says is in the log.
works()
{
	local status=0

	sg_ssh "$1" "$2" >"$tmp/out" 2>&1 </dev/null || status=$?
	[ "$status" = 0 ] || fail "$1: $2: $status: $(cat "$tmp/out")"
	tried=$((${tried:-0} + 1))
}
if sg_ssh root 'command -v ping' >/dev/null; then
	works sandbox 'ping -c 1 -w 20 127.0.0.1'
	works root 'ping -c 1 -w 20 127.0.0.1'
	works sandbox 'ping -c 1 -w 20 ::1'
fi
at_exit "sg_ssh root 'userdel -r tooltest; rm -rf /tmp/tooltest'"
works root 'useradd -m tooltest && echo tooltest:secret | chpasswd'
works root 'su tooltest -c id && su - tooltest -c "id -un" | grep -x tooltest'
works sandbox 'sudo id -u | grep -x 0 && sudo -u tooltest true'
works root 'install -d -o tooltest /tmp/tooltest && cd /tmp/tooltest &&
    { ! command -v ssh-keygen ||
    su tooltest -c "ssh-keygen -q -t ed25519 -N \"\" -f key"; }'
works root 'passwd -l tooltest && usermod -c words tooltest && groupadd toolers &&
    gpasswd -a tooltest toolers && groupdel toolers'
# Why NET_RAW stays: without it the kernel would not execute such a file.
works root 'cp /bin/true /tmp/tooltest/t && { ! command -v setcap ||
    setcap cap_net_raw+ep /tmp/tooltest/t; } &&
    /tmp/tooltest/t && su tooltest -c /tmp/tooltest/t'
works root 'cd /tmp/tooltest && mkfifo f && tar cf t.tar f t && rm f &&
    tar xpf t.tar && test -p f'
works root 'cd /tmp/tooltest && mkdir -p p/DEBIAN && printf "%s\n" \
    "Package: tooltest" "Version: 1" "Architecture: all" \
    "Maintainer: none <none@localhost>" "Description: none" >p/DEBIAN/control &&
    touch p/plain && dpkg-deb --root-owner-group -b p p.deb && dpkg -i p.deb &&
    dpkg -r tooltest'
works root 'apt-get -qq --simulate install dash'
echo "$tried programs work"
