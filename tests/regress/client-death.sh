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
mkfifo "$tmp/in"
# dies WHAT OPTIONS COMMAND: the client is killed once COMMAND is READY; then what
# COMMAND wrote to its file is the same.
dies()
{
	local command=${3//READY/touch $file.up}

	same_as_sshd "$1" bash -c "exec 2>/dev/null 8<>'$tmp/in'
	    ssh -F '$SG_SSH_CONFIG' $2 @ '${command//FILE/$file}' <&8 8>&- \
	    >/dev/null 2>&1 &
	    timeout 300 ssh -F '$SG_SSH_CONFIG' @ 'until [ -e $file.up ]
	    do sleep 0.1; done; rm $file.up'
	    kill -KILL \$!
	    timeout 300 ssh -F '$SG_SSH_CONFIG' @ '$(once "$file")'"
}
sessions()
{
	local zygote

	zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
	ps -o pid= --ppid "$zygote" | wc -l || true
}

[ "$SG_MODE" != product ] || before=$(sessions)
dies 'one that writes' '' 'trap "echo hup >FILE" HUP
    trap "echo pipe >FILE; exit" PIPE; READY; while :; do echo x; sleep 0.1; done'
dies 'one that is silent goes on' '' 'READY; sleep 1.5; echo end >FILE'
dies 'one that reads sees the end' '' 'READY; cat; echo end >FILE'
dies 'one on a terminal' -tt 'trap "echo hup >FILE; exit" HUP; READY
    while :; do sleep 0.1; done'
dies 'a background job on a terminal' -tt \
    '(trap "echo hup >FILE; exit" HUP; READY; while :; do sleep 0.1; done) &
    wait'
needs_product 'processes of ours'
# Death amid full streams, many times; the names tell ours from others' here.
for n in {1..8}; do
	timeout -s KILL "0.$n" ssh -F "$SG_SSH_CONFIG" sandbox \
	    '(exec -a client-death cat /dev/zero) &
	    exec -a client-death cat >/dev/null' </dev/zero >/dev/null 2>&1 || true
done
none_left()
{
	[ "$(sessions)" -le "$before" ] &&
	    ! sg_ssh sandbox "pgrep -f '^client-deat[h]'"
}
sg_wait_for none_left || fail "left: $(sg_ssh sandbox 'ps ax')"
