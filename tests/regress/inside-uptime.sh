#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: time since boot is the sandbox's own, and ps and uptime agree on it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product time
[ -e /proc/self/ns/time ] || skip 'the kernel has no time namespaces'

# seconds COMMAND...: how long the sandbox says it has been there.
seconds()
{
	"$@" -- cut -d. -f1 /proc/uptime
}
host=$(cut -d. -f1 /proc/uptime) since=$SECONDS
id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'

got=$(seconds sg exec "$id")
[ "$got" -le $((SECONDS - since + 1)) ] ||
    fail "uptime $got s after $((SECONDS - since)) s; the host's is $host"
assert_eq 'boot' "$(sg exec "$id" -- sh -c '
	now=$(date +%s) boot=$(sed -n "s/^btime //p" /proc/stat)
	up=$(cut -d. -f1 /proc/uptime)
	[ $((now - boot - up)) -le 2 ] && [ $((boot + up - now)) -le 2 ] &&
	    echo same')" same
# A process that has just begun is as old as that, and init as the sandbox.
assert_eq 'ages' "$(sg exec "$id" -- python3 -c '
import os
def start(pid):
    return int(open(f"/proc/{pid}/stat").read().rsplit(")")[1].split()[19])
tick = os.sysconf("SC_CLK_TCK")
up = float(open("/proc/uptime").read().split()[0])
print(0 <= start(1) / tick <= start("self") / tick <= up + 1 / tick)')" True
# Nobody inside sets it, nor leaves it.
assert_eq 'offsets' "$(sg_ssh -l "$id+root" sandbox \
    '(echo "boottime 1 0" >/proc/self/timens_offsets) 2>/dev/null && echo set
    unshare --time true 2>/dev/null && echo left; true')" ''
# It runs on through a pause, and begins anew with a start.
sg pause "$id" >/dev/null
sg resume "$id" >/dev/null
[ "$(seconds sg exec "$id")" -ge "$got" ] || fail 'a pause took time away'
before=$SECONDS
sg stop "$id" >/dev/null
got=$(seconds sg exec "$id")
[ "$got" -le $((SECONDS - before + 1)) ] || fail "after a start it is $got s"
