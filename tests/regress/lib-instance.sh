# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
#
# The instance harness makes, as seen by harness and by the tests: its paths,
# starting and stopping its daemons, and what of it is on the host.

# Two trees on one host have an instance each, though not at the same time
# unless SG_INSTANCE and the like are given.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
SG_DIR=${SG_DIR:-/var/tmp/sandgate-regress.$(cksum <<<"$top" | cut -d' ' -f1)}
SG_RUN=$SG_DIR/run
SG_STATE=$SG_DIR/state
SG_LOG=$SG_DIR/log
SG_CONF=$SG_DIR/sandgate.conf
SG_SSH_CONFIG=$SG_DIR/ssh_config
SG_INSTANCE=${SG_INSTANCE:-rt}
SG_NFT_TABLE=sandgate_$SG_INSTANCE
SG_CGROUP=sandgate-$SG_INSTANCE
SG_UID_RANGES=${SG_UID_RANGES:-1024} # of 65536 each, one a sandbox, are ours to look at

# The command line, pointed at this instance.
sg()
{
	"$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" "$@"
}

# The ids in the JSON of `sandgate list --json`, one a line.
sg_ids()
{
	/usr/bin/python3 -c 'import json, sys
answer = json.load(sys.stdin)
for sandbox in answer["sandboxes"] if isinstance(answer, dict) else answer:
    print(sandbox["id"])'
}

# sg_start sandboxd|gateway: in a session of its own, as a service manager would.
# What the address sanitizer keeps of freed memory is bounded, so that growth is
# seen, however long ago a daemon was started.
sg_start()
{
	local n

	# That of one that was killed is no sign of the next.
	[ "$1" = gateway ] || rm -f "$SG_RUN/$1.sock"
	for ((n = 0; n < 20; n++)); do
		ASAN_OPTIONS=quarantine_size_mb=16 setsid "$BUILD/bin/$1" -c "$SG_CONF" </dev/null >>"$SG_LOG/$1.log" 2>&1 &
		echo $! >"$SG_DIR/$1.pid"
		disown
		[ "$1" != gateway ] || return 0
		sg_wait_for sg_is_up "$1" "$!" || return 1
		sg_is_dead "$(sg_pid "$1")" || return 0
		# A worker of the one before may still be at work.
		sleep 0.5
	done
	return 1
}

# sg_is_up NAME PID: it has its socket, or has ended without.
sg_is_up()
{
	[ -S "$SG_RUN/$1.sock" ] || sg_is_dead "$2"
}

# sg_within TENTHS COMMAND...: until COMMAND succeeds, where it is part of the
# test how soon that is.
sg_within()
{
	local tenths=$1 n

	shift
	for ((n = 0; n < tenths; n++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

# sg_wait_for COMMAND...: until COMMAND succeeds, for what takes the time that
# this machine needs for it.
sg_wait_for()
{
	case $1 in
	[0-9]*)
		echo "sg_wait_for $*: a time is for sg_within" >&2
		exit 1
		;;
	esac
	sg_within 1200 "$@"
}

sg_wait_api()
{
	sg_wait_for sg status
}

sg_is_alive()
{
	local state

	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' \
	    "/proc/$1/status" 2>/dev/null)
	[ -n "$state" ] && [ "$state" != Z ]
}

sg_is_dead()
{
	! sg_is_alive "$1"
}

# Ends a daemon by its pid; fails where it does not end by itself.
sg_stop()
{
	local pid

	[ -s "$SG_DIR/$1.pid" ] || return 0
	read -r pid <"$SG_DIR/$1.pid"
	rm -f "$SG_DIR/$1.pid"
	sg_is_alive "$pid" || return 0
	kill -TERM "$pid"
	sg_wait_for sg_is_dead "$pid" && return 0
	echo "$1 ($pid) did not end on SIGTERM" >&2
	kill -KILL "$pid"
	return 1
}

# The pid of the running sandboxd or gateway.
sg_pid()
{
	cat "$SG_DIR/$1.pid"
}

# Direct children of process $1 whose command name is $2.
sg_children()
{
	ps -o pid=,comm= --ppid "$1" |
	    awk -v name="$2" '$2 == name { print $1 }'
}

# Pids of all processes of this instance's programs.
sg_processes()
{
	local found

	mapfile -t found < <(find /proc/[0-9]*/exe -maxdepth 0 \
	    -lname "$BUILD/bin/*" -printf '%h/cmdline\n' 2>/dev/null)
	# What ends meanwhile is not there.
	[ "${#found[@]}" = 0 ] ||
	    { grep -lsaF -- "$SG_DIR" "${found[@]}" || true; } | cut -d/ -f3
}

# sg_processes_of FIRST LAST: of those uids.
sg_processes_of()
{
	{ stat -c '%u %n' /proc/[0-9]* 2>/dev/null || true; } |
	    awk -v first="$1" -v last="$2" '$1 >= first && $1 <= last {
		sub("/proc/", "", $2); print $2 }'
}

# Kills what a user of the reference runs.
sg_kill_processes()
{
	local uid pid

	uid=$(id -u "$1" 2>/dev/null) || return 0
	for pid in $(sg_processes_of "$uid" "$uid"); do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# Everything this instance has on the host now, a line each. Only what bears
# its names is looked at: other instances come and go meanwhile.
sg_inventory()
{
	local pid name

	ip -o link | sed -n "s/^[0-9]*: \(${SG_INSTANCE}[0-9][^:@]*\).*/link \1/p"
	nft list tables | grep -w "$SG_NFT_TABLE" || true
	find /sys/fs/cgroup -mindepth 2 -type d \
	    \( -path "*/$SG_CGROUP" -o -path "*/$SG_CGROUP/*" \
	    -o -path "*/$SG_CGROUP-gateway" \) \
	    -printf 'cgroup %p\n' 2>/dev/null || true
	awk -v dir="$SG_DIR/" 'index($2, dir) == 1 { print "mount", $2 }' \
	    /proc/mounts
	# A stranger's mount namespace, copied while ours was mounted, keeps
	# the device where the host's mounts are not shared.
	losetup -n -l -O NAME,BACK-FILE | grep -F "$SG_DIR/" |
	    while read -r name file; do
		grep -qsF "$name" /proc/[0-9]*/mountinfo &&
		    ! grep -qF "$name" /proc/self/mountinfo ||
		    echo "loop $name $file"
	done
	sg_processes | sed 's/^/process /'
	{
		sg_processes_of "$SG_UID_BASE" \
		    $((SG_UID_BASE + SG_UID_RANGES * 65536 - 1))
		{ grep -ls "/$SG_CGROUP/" /proc/[0-9]*/cgroup || true; } |
		    cut -d/ -f3
	} | sort -u | while read -r pid; do
		read -r name 2>/dev/null <"/proc/$pid/comm" || continue
		echo "process $pid $name"
	done
}

# Succeeds where nothing is left; else says what.
sg_leaks()
{
	local left

	left=$(sg_inventory)
	[ -z "$left" ] || { printf '%s\n' "$left"; return 1; }
}

sg_wait_leaks()
{
	sg_wait_for sg_leaks
	sg_leaks
}
