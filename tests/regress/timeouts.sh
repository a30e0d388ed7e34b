#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: channel_timeout and unused_connection_timeout are sshd's.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$(dirname "$0")/lib-settings.sh"

settings 'channel_timeout = session:command=5s session:sub*=3' \
    'ChannelTimeout=session:command=5s session:sub*=3'
same_as_sshd 'a silent command' sg_ssh @ 'echo one; sleep 15; echo two'
same_as_sshd 'one that speaks now and then' sg_ssh @ \
    'for n in $(seq 8); do echo $n; sleep 1; done; exit 3'
same_as_sshd 'input counts too' bash -c "
    (for n in {1..8}; do echo; sleep 1; done) |
	timeout 300 ssh -F '$SG_SSH_CONFIG' @ 'cat >/dev/null; exit 4'"
same_as_sshd 'a shell has another type' bash -c "echo 'sleep 8; echo over' |
    timeout 300 ssh -F '$SG_SSH_CONFIG' @ 2>/dev/null"
file=/tmp/timeouts.$$
for host in sandbox ref; do
	at_exit "sg_ssh $host rm -f $file"
done
same_as_sshd 'a terminal is hung up' bash -c "
    timeout 300 ssh -F '$SG_SSH_CONFIG' -tt @ 'trap \"echo hup >$file\" HUP
	sleep 15; exit 3' </dev/null
    timeout 300 ssh -F '$SG_SSH_CONFIG' @ '$(once "$file")'"
# A connection without a channel; one that has one stays.
settings 'unused_connection_timeout = 5s' UnusedConnectionTimeout=5
same_as_sshd 'a channel' sg_ssh @ 'sleep 12; echo stays'
for host in ref sandbox; do
	start=$(now_ms)
	assert_eq "$host: -N" "$(status_of sg_ssh -N $host 2>/dev/null)" 255
	ms=$(($(now_ms) - start))
	echo "$host: closed after $ms ms"
	[ "$ms" -ge 4500 ] && [ "$ms" -lt 30000 ] || fail "$host: after $ms ms"
done
