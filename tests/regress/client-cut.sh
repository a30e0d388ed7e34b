#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a client whose network is gone, of which no packet ever tells, is ended
# after interval times count, as by sshd, and nothing of it is left.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$(dirname "$0")/lib-settings.sh"

# shellcheck source=tests/regress/lib-cut.sh
. "$here/lib-cut.sh"

cut_begin
settings "client_alive_interval = 1
client_alive_count_max = 2
[gateway]
ssh_listen = 127.0.0.1:$SG_PORT,$cut_address:$SG_PORT" ClientAliveInterval=1 \
    ClientAliveCountMax=2 ListenAddress="$cut_address:$REF_PORT"

for host in ref sandbox; do
	file=/tmp/client-cut.$$ port=$((20000 + $$ % 10000))
	heard="exec 3<>/dev/tcp/127.0.0.1/$port"
	at_exit "sg_ssh $host rm -f $file"
	cut_over
	cut_ssh -tt -R "$port:127.0.0.1:9" $host "trap 'date +%s%N >$file; exit' HUP
	    echo ready; while :; do sleep 0.1; done" >"$tmp/$host.screen" 2>&1
	cut_ssh $host 'exec -a client-cut cat /dev/zero' >"$tmp/$host.zeros" 2>&1
	sg_wait_for grep -q ready "$tmp/$host.screen" || fail "$host: no shell: $(cat "$tmp/$host.screen")"
	sg_wait_for test -s "$tmp/$host.zeros" || fail "$host: no output"
	sg_ssh $host "$heard" || fail "$host: nobody listens"
	cut_now
	cut=$(date +%s%N)
	sg_within 100 sg_ssh $host test -s "$file" || fail "$host: lives on"
	ms=$((($(sg_ssh $host cat "$file") - cut) / 1000000))
	echo "$host: ended $ms ms after the link was cut"
	[ "$ms" -ge 1500 ] && [ "$ms" -le 10000 ] || fail "$host: after $ms ms"
	sg_within 100 sg_ssh $host "! pgrep -f '^client-cu[t]' && ! ($heard)" ||
	    fail "$host: left: $(sg_ssh $host 'ps ax')"
done
needs_product 'processes of ours'
zygote=$(sg_children "$(sg_pid gateway)" gateway-session)
sg_within 100 eval "[ -z \"\$(ps -o pid= --ppid $zygote)\" ]" ||
    fail "left: $(ps -o pid=,args= --ppid "$zygote")"
