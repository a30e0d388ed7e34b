# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Sessions to take over, for the scripts session-*.sh.

# session_begin HOST: a connection of its own, in $session the gateway-session
# that serves it. Stays until session_end.
session_begin()
{
	local zygote

	session_end
	zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
	ps -o pid= --ppid "$zygote" | sort >"$tmp/before" || true
	: >"$tmp/session"
	sg_ssh "$1" 'echo ready; sleep 200' >"$tmp/session" 2>/dev/null &
	session_client=$!
	sg_wait_for grep -q ready "$tmp/session" || fail 'no session'
	session=$(ps -o pid= --ppid "$zygote" | sort |
	    comm -13 "$tmp/before" - | tr -d ' ')
	[ -n "$session" ] || fail "no session process below $zygote"
}

# session_master HOST: the same by a ControlMaster, which "${mux[@]}" uses.
session_master()
{
	local zygote

	mux=(-o "ControlPath=$tmp/ctl")
	zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
	ps -o pid= --ppid "$zygote" | sort >"$tmp/before" || true
	sg_ssh "${mux[@]}" -MNf "$1"
	at_exit 'sg_ssh "${mux[@]}" -O exit any'
	session=$(ps -o pid= --ppid "$zygote" | sort |
	    comm -13 "$tmp/before" - | tr -d ' ')
	[ -n "$session" ] || fail "no session process below $zygote"
}

# The anonymous memory of a process: unlike its proportional set size, it does
# not change when another process begins or ends.
anonymous_kib()
{
	sed -n 's/^Anonymous: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup"
}

# settled COMMAND...: the KiB it prints, once a second changes them little.
settled()
{
	local last=0 now n

	for ((n = 0; n < 60; n++)); do
		now=$("$@")
		[ $((now - last)) -ge 64 ] || [ $((last - now)) -ge 64 ] || break
		last=$now
		sleep 1
	done
	echo "$now"
}

session_end()
{
	[ -z "${session_client:-}" ] || end_job "$session_client"
	[ -z "${session:-}" ] || sg_wait_for sg_is_dead "$session"
	session=
}
at_exit session_end
