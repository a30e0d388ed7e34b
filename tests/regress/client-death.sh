#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: when a client dies, its commands notice as under sshd, and nothing of
# the session is left.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

file=/tmp/client-death.$$
for host in sandbox ref; do
	at_exit "sg_ssh $host rm -f $file"
done
# dies WHAT OPTIONS COMMAND: the client is killed after a second; then what
# COMMAND wrote to its file is the same.
dies()
{
	same_as_sshd "$1" bash -c "exec 2>/dev/null
	    timeout -s KILL 1 ssh -F '$SG_SSH_CONFIG' \
	    $2 @ '${3//FILE/$file}' < <(sleep 4) >/dev/null 2>&1
	    sleep 1.5
	    timeout 20 ssh -F '$SG_SSH_CONFIG' @ 'cat $file; rm -f $file'"
}
sessions()
{
	local zygote

	zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
	ps -o pid= --ppid "$zygote" | wc -l || true
}

[ "$SG_MODE" != product ] || before=$(sessions)
dies 'one that writes' '' 'trap "echo hup >FILE" HUP
    trap "echo pipe >FILE; exit" PIPE; while :; do echo x; sleep 0.1; done'
dies 'one that is silent goes on' '' 'sleep 1.5; echo end >FILE'
dies 'one that reads sees the end' '' 'cat; echo end >FILE'
dies 'one on a terminal' -tt 'trap "echo hup >FILE; exit" HUP
    while :; do sleep 0.1; done'
dies 'a background job on a terminal' -tt \
    '(trap "echo hup >FILE; exit" HUP; while :; do sleep 0.1; done) & wait'
needs_product 'processes of ours'
# Death amid full streams, many times.
for n in {1..8}; do
	timeout -s KILL "0.$n" ssh -F "$SG_SSH_CONFIG" sandbox \
	    'cat /dev/zero & cat >/dev/null' </dev/zero >/dev/null 2>&1 || true
done
none_left()
{
	[ "$(sessions)" -le "$before" ] &&
	    ! sg_ssh sandbox 'pgrep -x cat'
}
sg_wait_for none_left || fail "left: $(sg_ssh sandbox 'ps ax')"
