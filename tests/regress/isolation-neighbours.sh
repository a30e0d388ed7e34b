#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2, #8: one sandbox shares nothing with the next, of another organisation, and
# outlives it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

sg_ssh foreign 'python3 - >/dev/null 2>&1 </dev/null <<"END" &
import socket, time
server = socket.socket(socket.AF_UNIX)
server.bind("\0regress-neighbour")
server.listen()
time.sleep(900)
END'
at_exit 'sg_ssh foreign "pkill -f python3"'
sg_ssh foreign 'echo theirs >/workspace/theirs; echo t >/tmp/t; echo s >/dev/shm/s'
sg_ssh foreign 'python3 -c "
import ctypes
ctypes.CDLL(None).shmget(4711, 4096, 0o1666)"'
is_open()
{
	[ "$(attack_inside foreign connect-abstract regress-neighbour)" = worked ]
}
sg_wait_for is_open || fail 'abstract socket: not even its own'
refused_inside connect-abstract regress-neighbour
for file in /workspace/theirs /tmp/t /dev/shm/s; do
	assert_eq "$file, its own" "$(attack_inside foreign read $file)" worked
	refused_inside read $file
done
assert_eq 'shared memory, its own' \
    "$(sg_ssh foreign 'tail -n +2 /proc/sysvipc/shm | wc -l')" 1
assert_eq 'shared memory' "$(sg_ssh root 'tail -n +2 /proc/sysvipc/shm | wc -l')" 0

# The same file of the template changed in one is as it was in the next.
sg_ssh root 'echo changed >>/etc/motd; rm -f /usr/bin/wget'
at_exit 'sg_ssh root "sed -i /^changed/d /etc/motd"'
assert_eq 'template' "$(sg_ssh foreign 'grep -c ^changed /etc/motd')" 0
third=$(sg create 2>/dev/null)
at_exit 'sg destroy "$third"'
assert_eq 'a new one' "$(sg exec "$third" -- sh -c \
    'grep -c ^changed /etc/motd; command -v wget')" $'0\n/usr/bin/wget'
# Their host users differ, so that even a file of one on the host is not the
# other's.
sleep="sleep 4712.$$" # other instances' have others
for host in root foreign; do
	sg_ssh $host "$sleep >/dev/null 2>&1 </dev/null &"
done
sg_wait_for eval '[ "$(pgrep -cxf "$sleep")" = 2 ]' || fail 'not two sleeps'
uids=$(for pid in $(pgrep -xf "$sleep"); do
	echo $(($(stat -c %u "/proc/$pid") / 65536))
done | sort -u | wc -l)
for host in root foreign; do
	sg_ssh $host "pkill -xf '$sleep'"
done
assert_eq 'ranges of host users' "$uids" 2
