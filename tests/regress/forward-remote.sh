#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh -R: a port of the sandbox leads to the client's machine.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"

echo=$(free_port)
serve local "$echo"
asked="timeout 300 ssh -F '$SG_SSH_CONFIG' -o LogLevel=INFO"
# Listening before the command starts; loopback only, whatever was asked for.
for address in '' 127.0.0.1: localhost: '*:' 0.0.0.0: '[::1]:' 192.0.2.1:; do
	same_as_sshd "-R $address" bash -c "$asked -R \
	    '${address}18111:127.0.0.1:$echo' @ \
	    'python3 - ask 18111 hello' <'$SG_PEER'"
done
same_as_sshd '::1' bash -c "$asked -R '18111:127.0.0.1:$echo' @ \
    'python3 - ask ip6:18111 hello' <'$SG_PEER'"
same_as_sshd 'a port that is taken' bash -c "$asked \
    -R 18111:127.0.0.1:$echo -R 18111:127.0.0.1:1 @ 'echo hi'"
same_as_sshd 'taken, and that ends it' bash -c "$asked \
    -o ExitOnForwardFailure=yes -R 18111:127.0.0.1:$echo \
    -R 18111:127.0.0.1:1 @ 'echo hi'"
same_as_sshd 'refused outside' bash -c "$asked -R 18111:127.0.0.1:1 @ \
    'python3 - ask 18111 hello' <'$SG_PEER'"

random_file $((64 << 20)) "$tmp/data"
for host in sandbox ref; do
	forward_begin $host $host
	# A port of the server's choice, and the words about it.
	chosen=$(forward_control $host -O forward -R "0:127.0.0.1:$echo")
	assert_match "$host: port 0" "$chosen" '^[0-9]{4,5}$'
	assert_eq "$host: echo" "$(peer_at $host ask "$chosen" hello)" hello
	assert_eq "$host: 64 MiB both ways" "$(sg_ssh $host "cat >peer.py &&
	    python3 -c 'import os; os.write(1, os.urandom(1 << 26))' >data &&
	    sha256sum <data &&
	    python3 peer.py copy $chosen <data | sha256sum" <"$SG_PEER" |
	    uniq | wc -l)" 1
	sg_ssh $host rm data peer.py
	assert_eq "$host: 100 at once" "$(peer_at $host many "$chosen" 100)" \
	    100
	forward_control $host -O cancel -R "0:127.0.0.1:$echo"
	sg_wait_for is_refused $host "$chosen" ||
	    fail "$host: listens though it was cancelled"
	# And the same port again.
	forward_control $host -O forward -R "$chosen:127.0.0.1:$echo"
	assert_eq "$host: again" "$(peer_at $host ask "$chosen" hi)" hi
	forward_end $host
	sg_wait_for bash -c "! ssh -F '$SG_SSH_CONFIG' $host \
	    'python3 - ask $chosen hello' <'$SG_PEER'" ||
	    fail "$host: listens after its connection"
done
