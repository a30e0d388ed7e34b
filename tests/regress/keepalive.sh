#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: each side asks whether the other lives; a client that vanished is ended
# after interval times count, as by sshd, and nothing of it is left.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$(dirname "$0")/lib-settings.sh"

same_as_sshd 'the client asks' sg_ssh -o ServerAliveInterval=1 \
    -o ServerAliveCountMax=1 @ 'sleep 4; echo alive'
settings $'client_alive_interval = 1\nclient_alive_count_max = 2' \
    ClientAliveInterval=1 ClientAliveCountMax=2
same_as_sshd 'the server asks' sg_ssh @ 'sleep 5; echo alive'
# A stopped client does not answer: its command is hung up soon after.
for host in ref sandbox; do
	file=/tmp/keepalive.$$
	at_exit "sg_ssh $host rm -f $file"
	mkfifo "$tmp/$host.in"
	ssh -F "$SG_SSH_CONFIG" -tt $host "trap 'date +%s%N >$file; exit' HUP
	    echo ready; while :; do sleep 0.1; done" \
	    <"$tmp/$host.in" >"$tmp/$host.screen" 2>&1 &
	client=$!
	exec 8>"$tmp/$host.in"
	at_exit "kill -KILL $client"
	sg_wait_for grep -q ready "$tmp/$host.screen" || fail "$host: no shell"
	kill -STOP "$client"
	stopped=$(date +%s%N)
	sg_within 100 sg_ssh $host test -s "$file" || fail "$host: lives on"
	ms=$((($(sg_ssh $host cat "$file") - stopped) / 1000000))
	echo "$host: ended $ms ms after the client stopped"
	[ "$ms" -ge 1500 ] && [ "$ms" -le 10000 ] || fail "$host: after $ms ms"
	kill -CONT "$client"
	status=0
	wait "$client" || status=$?
	assert_eq "$host: what the client says" "$status" 255
	exec 8>&-
done
needs_product 'processes of ours'
zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
no_session()
{
	[ -z "$(ps -o pid= --ppid "$zygote")" ]
}
sg_within 100 no_session || fail "left: $(ps -o pid=,args= --ppid "$zygote")"
