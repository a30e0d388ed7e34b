#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: free, top, vmstat and the files they read tell of the sandbox and not of
# the host, whatever dies, and one that reads without end harms nobody.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product views
[ -d "$SG_RUN/views" ] || skip 'the kernel has no fanotify with answers'

id=$(sg create --memory 200M --cpus 1 2>/dev/null)
at_exit 'sg destroy "$id"'
total()
{
	sg exec "$1" -- sh -c "free -m | awk '/^Mem/ { print \$2 }'" ||
	    echo "status $?"
}
# Each file system costs the groups of all sandboxes memory: of tmpfs there are
# /dev/shm, one for the rest, and the host's that the views are on.
assert_eq 'memory file systems' "$(sg exec "$id" -- sh -c \
    'grep " - tmpfs " /proc/self/mountinfo | cut -d" " -f3 | sort -u | wc -l')" 3
assert_eq 'full, but its devices stay' "$(sg exec "$id" --root -- sh -c \
    'cat /dev/zero >/run/full 2>/dev/null; echo x >/dev/null && nproc
    rm /run/full; df -m --output=size,target /run /dev/shm | tail -n 2 |
    tr -s " "')" $'1\n 25 /run\n 50 /dev/shm'
server()
{
	sg_children "$(sg_pid sandboxd)" sandboxd-views
}
at_exit 'for pid in $(server); do kill -CONT "$pid"; done'

assert_eq 'free' "$(total "$id")" 200
assert_eq 'top' "$(sg exec "$id" -- sh -c \
    'top -bn1 | grep -o "MiB Mem : *200.0 total"' | tr -s ' ')" \
    'MiB Mem : 200.0 total'
assert_eq 'CPUs' "$(sg exec "$id" -- sh -c 'grep -c "^cpu[0-9]" /proc/stat
    grep -c ^processor /proc/cpuinfo')" $'1\n1'
assert_eq 'vmstat' "$(sg exec "$id" -- sh -c \
    'vmstat | awk "NR == 3 { print \$7, \$8, \$9, \$10 }"')" '0 0 0 0'
# Who asks by sysinfo(2), as sysconf(3) and BusyBox do, is told the same; and
# errors are the kernel's.
cat >"$tmp/ask.py" <<'END'
import ctypes, os
class Info(ctypes.Structure):
    _fields_ = [('uptime', ctypes.c_long), ('loads', ctypes.c_ulong * 3)] + [
        (name, ctypes.c_ulong) for name in ('total', 'free', 'shared',
        'buffer', 'total_swap', 'free_swap')] + [('procs', ctypes.c_ushort),
        ('total_high', ctypes.c_ulong), ('free_high', ctypes.c_ulong),
        ('unit', ctypes.c_uint)]
libc, info = ctypes.CDLL(None, use_errno=True), Info()
libc.sysinfo(ctypes.byref(info))
up = float(open('/proc/uptime').read().split()[0])
free = int(open('/proc/meminfo').read().split('MemFree:')[1].split()[0])
print(os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') >> 20,
    info.total * info.unit >> 20, info.total_swap,
    abs(info.free - free * 1024) < 16 << 20, 0 < info.procs < 64,
    abs(up - info.uptime) <= 2, max(info.loads) < 64 << 16,
    libc.sysinfo(ctypes.c_void_p(8)), os.strerror(ctypes.get_errno()))
END
for who in '' --root; do
	# shellcheck disable=SC2086
	assert_eq "sysinfo $who" "$(sg exec "$id" $who -- python3 - \
	    <"$tmp/ask.py")" '200 200 0 True True True True -1 Bad address'
done
# What it takes is told, also through a file that stays open, as top keeps it;
# and the other one's is not.
cat >"$tmp/watch.py" <<'END'
import sys, time
def number(text, name):
    return int(text.split(name + ':')[1].split()[0])
with open('/proc/meminfo') as memory, open('/proc/stat') as stat:
    def look():
        memory.seek(0)
        stat.seek(0)
        cpu = stat.readline().split()
        return number(memory.read(), 'MemFree'), int(cpu[1]) + int(cpu[3])
    free, cpu = look()
    taken = bytearray(60 << 20)
    while look()[0] > free - (50 << 10) or look()[1] < cpu + 5:
        pass
    print('seen')
END
assert_eq 'use' "$(sg exec "$id" -- timeout 300 python3 - <"$tmp/watch.py")" \
    seen
sg_wait_for sg exec "$id" -- sh -c 'read load rest </proc/loadavg
    [ "$load" != 0.00 ]' || fail 'no load'
# Nobody inside changes it, or takes it away.
assert_eq 'root' "$(sg_ssh -l "$id+root" sandbox '
	for name in meminfo stat loadavg cpuinfo vmstat; do
		(echo 1 >/proc/$name) 2>/dev/null && echo "$name"
		chmod 666 /proc/$name 2>/dev/null && echo "$name"
		umount /proc/$name 2>/dev/null && echo "$name"
	done; true')" ''
# Other limits are seen at once.
sg set "$id" --memory 300M --cpus 2 >/dev/null
cpus=$(($(nproc) < 2 ? 1 : 2))
is_changed()
{
	[ "$(total "$id"; sg exec "$id" -- grep -c ^processor /proc/cpuinfo)" \
	    = "300"$'\n'"$cpus" ]
}
sg_wait_for is_changed || fail "after a change: $(total "$id")"

# The process is killed while somebody waits for it, who is told what is so and
# not what was; another is there. And when the daemon is, too.
cat >"$tmp/late.py" <<'END'
import ctypes, sys
def free():
    return int(open('/proc/meminfo').read().split('MemFree:')[1].split()[0])
before, taken = free(), bytearray(60 << 20)
open('/workspace/takes', 'w').close()
while open('/workspace/takes').read() == '':
    pass
ctypes.CDLL(None).prctl(15, sys.argv[1].encode())
print(before - free() > 50 << 10)
END
takes() { sg exec "$id" -- test -e /workspace/takes; }
waits()
{
	local pid

	pid=$(pgrep -x "$reader") && grep -q '^0 ' "/proc/$pid/syscall"
}
reader=late-$$ # other instances' have others
sg exec "$id" -- python3 - "$reader" <"$tmp/late.py" >"$tmp/late" 2>&1 &
late=$!
sg_wait_for takes || fail "$(cat "$tmp/late")"
old=$(server)
kill -STOP "$old"
sg exec "$id" -- sh -c 'echo now >/workspace/takes'
sg_wait_for waits || fail "nobody waits: $(cat "$tmp/late")"
kill -KILL "$old"
wait "$late" || true
assert_eq 'killed while it was asked' "$(cat "$tmp/late")" True
assert_eq 'without' "$(total "$id")" 300
is_new()
{
	[ -n "$(server)" ] && [ "$(server)" != "$old" ]
}
sg_wait_for is_new || fail 'no other process'
assert_eq 'use after' "$(sg exec "$id" -- timeout 300 python3 - \
    <"$tmp/watch.py")" seen
kill -KILL "$(sg_pid sandboxd)"
sg_wait_for sg_is_dead "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_for sg get "$id"
assert_eq 'use after a restart' "$(sg exec "$id" -- timeout 300 python3 - \
    <"$tmp/watch.py")" seen

# One that is held up while somebody waits for it: a reader can be killed, and
# a pause waits for nothing but the answer.
kill -STOP "$(server)"
assert_eq 'killed' "$(sg exec "$id" -- sh -c \
    'timeout -s KILL 1 cat /proc/meminfo >/dev/null; echo $?')" 137
kill -CONT "$(server)"
sg pause "$id" >/dev/null
sg resume "$id" >/dev/null
assert_eq 'after a pause' "$(total "$id")" 300

# Many that do nothing but read; the other one's are answered.
other=$(sg create --memory 100M --ephemeral 2>/dev/null)
at_exit 'sg destroy "$other"'
sg exec "$other" -- python3 - <<'END' >"$tmp/spin" 2>&1 &
import os
for i in range(20):
    if os.fork() == 0:
        file = os.open('/proc/loadavg', os.O_RDONLY)
        print('.', flush=True)
        while True:
            os.pread(file, 100, 0)
os.wait()
END
spins()
{
	[ "$(wc -l <"$tmp/spin")" = 20 ]
}
sg_wait_for spins || fail "$(cat "$tmp/spin")"
assert_eq 'beside it' "$(total "$id")" 300
assert_eq 'in it' "$(total "$other")" 100
sg destroy "$other" >/dev/null
wait
# Nothing of it stays.
is_gone()
{
	[ "$(find "$SG_RUN/views" -mindepth 2 -name about -lname "$other *")" \
	    = '' ]
}
sg_wait_for is_gone || fail 'its views stay'
assert_eq 'after it' "$(total "$id")" 300
