#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a client whose network is gone, of which no packet ever tells, is ended
# after interval times count, as by sshd, and nothing of it is left.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$(dirname "$0")/lib-settings.sh"

# A machine of its own for the client: a namespace behind a link, which is none
# of a sandbox by its name. The addresses are those for benchmarks (RFC 2544).
link=cut-$SG_INSTANCE space=cut-$SG_INSTANCE
net=198.18.$((SG_PORT / 256 % 256)).$((SG_PORT % 63 * 4))
here_address=${net%.*}.$((${net##*.} + 1))
ip netns add "$space"
at_exit "ip netns del $space"
ip link add "$link" type veth peer name out netns "$space"
at_exit "ip link del $link"
ip address add "$here_address/30" dev "$link"
ip link set "$link" up
ip -n "$space" address add "${net%.*}.$((${net##*.} + 2))/30" dev out

settings "client_alive_interval = 1
client_alive_count_max = 2
[gateway]
ssh_listen = 127.0.0.1:$SG_PORT,$here_address:$SG_PORT" ClientAliveInterval=1 \
    ClientAliveCountMax=2 ListenAddress="$here_address:$REF_PORT"

# distant OPTION...: a client there, until the test ends.
distant()
{
	ip netns exec "$space" ssh -F "$SG_SSH_CONFIG" \
	    -o HostName="$here_address" "$@" &
	at_exit "kill -KILL $!"
}

for host in ref sandbox; do
	file=/tmp/client-cut.$$ port=$((20000 + $$ % 10000))
	heard="exec 3<>/dev/tcp/127.0.0.1/$port"
	at_exit "sg_ssh $host rm -f $file"
	ip -n "$space" link set out up
	distant -tt -R "$port:127.0.0.1:9" $host "trap 'date +%s%N >$file; exit' HUP
	    echo ready; while :; do sleep 0.1; done" >"$tmp/$host.screen" 2>&1
	distant $host 'exec -a client-cut cat /dev/zero' >"$tmp/$host.zeros" 2>&1
	sg_wait_for grep -q ready "$tmp/$host.screen" || fail "$host: no shell: $(cat "$tmp/$host.screen")"
	sg_wait_for test -s "$tmp/$host.zeros" || fail "$host: no output"
	sg_ssh $host "$heard" || fail "$host: nobody listens"
	ip -n "$space" link set out down
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
