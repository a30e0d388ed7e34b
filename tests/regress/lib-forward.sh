# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# For the scripts forward-*.sh: something to forward to, on both machines.

export SG_PEER=$here/forward_peer.py
# What serves does so for the whole of a test.
SG_PEER_SECONDS=900

# A port of this machine that is free.
free_port()
{
	/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# peer_at HOST COMMAND...: forward_peer.py there, or on this machine (local).
peer_at()
{
	if [ "$1" = local ]; then
		timeout "$SG_PEER_SECONDS" /usr/bin/python3 "$SG_PEER" \
		    "${@:2}"
	else
		SG_TIMEOUT=$SG_PEER_SECONDS sg_ssh "$1" "python3 - ${*:2}" \
		    <"$SG_PEER"
	fi
}

# serve HOST ADDRESS [MODE]: until the test ends.
serve()
{
	local log=$tmp/serve.$1.${2//\//_}

	peer_at "$1" serve "${@:2}" >"$log" 2>&1 &
	at_exit "end_job $!"
	sg_wait_for grep -q ready "$log" || fail "no server: $(cat "$log")"
}

# is_refused HOST ADDRESS: there nobody listens.
is_refused()
{
	[[ $(peer_at "$1" ask "$2" hello 2>&1) =~ [Rr]efused ]]
}

# forward_begin NAME OPTION... HOST: a connection that only forwards.
forward_begin()
{
	local name=$1

	shift
	sg_ssh -M -S "$tmp/ctl.$name" -fN -o ExitOnForwardFailure=yes "$@" ||
	    fail "$name: no connection"
	at_exit "forward_end '$name'"
}

# forward_control NAME ARGUMENT...: tells its mux process.
forward_control()
{
	sg_ssh -S "$tmp/ctl.$1" "${@:2}" none
}

forward_end()
{
	[ ! -S "$tmp/ctl.$1" ] || forward_control "$1" -O exit 2>/dev/null
}
