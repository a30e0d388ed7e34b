#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: df and whoever asks by statfs(2) is told the sandbox's own disk; of all
# else, and of errors, the kernel's word; and nobody who asks keeps init busy.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product disks
case $(sg status --json | jq -r .sandboxd.disk_backend) in
btrfs*) ;;
*) skip 'the disks of this host have no limit' ;;
esac
id=$(sg create --disk 300M 2>/dev/null)
at_exit 'sg destroy "$id"'
inside() { sg exec "$id" -- "$@"; }

for place in / /tmp /workspace /usr/bin/env; do
	assert_eq "the size of $place" "$(inside df -k --output=size "$place" |
	    tail -n 1 | tr -d ' ')" $((300 << 10))
done
assert_eq 'as root, from elsewhere' "$(sg exec "$id" --root -- sh -c \
    'cd /var/tmp; df -h --output=size . | tail -n 1 | tr -d " "')" 300M
words=$(inside python3 -c '
import os, shutil
def free(): s = os.statvfs("/"); return s.f_bavail * s.f_frsize >> 20
before = free()
with open("/workspace/fill", "wb") as f:
    f.write(os.urandom(100 << 20)); f.flush(); os.fsync(f.fileno())
    s = os.fstatvfs(f.fileno())
print(s.f_blocks * s.f_frsize >> 20, 90 <= before - free() <= 120,
    shutil.disk_usage("/tmp").total >> 20)
os.remove("/workspace/fill")')
assert_eq 'what is written is not free' "$words" '300 True 300'
assert_eq 'a larger one' "$(sg set "$id" --disk 400M >/dev/null
    inside df -m --output=size / | tail -n 1 | tr -d ' ')" 400

# Other file systems, errors, and what does not look like a path.
assert_eq 'shared memory' "$(inside df -k --output=size /dev/shm | tail -n 1 |
    tr -d ' ')" $((128 << 10))
words=$(inside python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def ask(path, at=None):
    room = at or ctypes.create_string_buffer(256)
    r = libc.statfs(path, room)
    return os.strerror(ctypes.get_errno()) if r < 0 else "well"
print(ask(b"/nosuch"), ask(b"/root/x"), ask(ctypes.c_void_p(8)),
    ask(b"/", ctypes.c_void_p(8)), ask(b"/" + b"a" * 5000), ask(b""),
    ask(b"/proc/self/root/"), libc.fstatfs(99, None), sep="|")')
assert_eq 'errors are the kernel'\''s' "$words" "No such file or directory|\
Permission denied|Bad address|Bad address|File name too long|\
No such file or directory|well|-1"

# Many at once, killed in the middle and paused: init goes on, and ends it all.
pids()
{
	inside sh -c 'grep -lx asking /proc/[0-9]*/comm 2>/dev/null | wc -l'
}
sg exec "$id" -- sh -c 'printf "%s\n" "import os,ctypes
ctypes.CDLL(None).prctl(15, b\"asking\")
while True: os.statvfs(\"/\")" >/workspace/ask.py
for n in 1 2 3 4 5 6 7 8; do setsid python3 /workspace/ask.py >/dev/null 2>&1 & done'
all_ask() { [ "$(pids)" = 8 ]; }
sg_wait_for all_ask || fail "who asks: $(pids)"
sg pause "$id"
sg resume "$id"
assert_eq 'beside them' "$(inside sh -c 'timeout 60 df -m --output=size / |
    tail -n 1 | tr -d " "')" 400
inside pkill -9 -x asking
none_asks() { [ "$(pids)" = 0 ]; }
sg_wait_for none_asks || fail "left: $(pids)"
assert_eq 'and after them' "$(inside stat -f -c '%b' /)" $((400 << 8))
# One that is told to end may still ask, and ends by itself.
sg exec "$id" -- sh -c 'setsid python3 -c "
import os, signal, sys, time
def end(*_):
    s = os.statvfs(\"/\")
    open(\"/workspace/last\", \"w\").write(str(s.f_blocks * s.f_frsize >> 20))
    sys.exit(0)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
signal.signal(signal.SIGTERM, end)
open(\"/workspace/ready\", \"w\")
while True: time.sleep(1)" >/dev/null 2>&1 &'
is_ready() { inside test -e /workspace/ready; }
sg_wait_for is_ready || fail 'nobody waits for its end'
sg stop "$id"
assert_eq 'at its end' "$(inside cat /workspace/last)" 400
assert_eq 'woken' "$(inside df -m --output=size / | tail -n 1 | tr -d ' ')" 400
