#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: Unix sockets, both ways, with the user's own permissions.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"

at=/tmp/sg-unix-$$
asked="timeout 300 ssh -F '$SG_SSH_CONFIG' -o LogLevel=INFO"
serve local "$tmp/local"
for host in sandbox ref; do
	serve $host "$at.inside"
	# Outside to inside.
	forward_begin $host -L "$tmp/to-$host:$at.inside" \
	    -R "$at.back:$tmp/local" $host
	assert_eq "$host: in" "$(peer_at local ask "$tmp/to-$host" hello)" \
	    hello
	# Inside to outside: as sshd makes it, of the user and for the user.
	assert_eq "$host: out" "$(peer_at $host ask "$at.back" hello)" hello
	assert_eq "$host: mode" "$(sg_ssh $host "stat -c '%a %F' $at.back &&
	    [ -O $at.back ] && echo own" | tr '\n' ' ')" '600 socket own '
	forward_control $host -O cancel -R "$at.back:$tmp/local"
	sg_wait_for is_refused $host "$at.back" ||
	    fail "$host: listens though it was cancelled"
	# The file stays, as sshd's does, and is in the way.
	same_as_sshd "$host: a file in the way" bash -c "ssh -F \
	    '$SG_SSH_CONFIG' $host touch $at.way;
	    $asked -R $at.way:$tmp/local $host 'echo hi'"
	sg_ssh $host "rm $at.back $at.way"
done
# What a client is told of a socket it cannot reach.
for path in "$at.nowhere" /proc/1/x "/$(printf 'x%.0s' {1..150})"; do
	same_as_sshd "to $path" bash -c "mkfifo $tmp/hold
	    $asked -L $tmp/try:$path @ cat <$tmp/hold &
	    exec 8>$tmp/hold
	    while [ ! -S $tmp/try ] && kill -0 \$!; do sleep 0.1; done 2>/dev/null
	    python3 '$SG_PEER' ask $tmp/try hello
	    exec 8>&-; wait; rm $tmp/try $tmp/hold"
done
# OpenSSH before 9.4 takes a path for no address, and asks for nothing at all;
# since then -W asks as -L does, above.
same_as_sshd '-W of a path' timeout 3 ssh -F "$SG_SSH_CONFIG" \
    -W "$at.nowhere" @
same_as_sshd 'where it cannot be' bash -c \
    "$asked -R /nowhere/at/all:$tmp/local @ 'echo hi'"
# The user's rights are asked, not init's.
needs_product 'a second user'
sg_ssh root "install -d -m 700 $at.root"
at_exit "sg_ssh root rm -rf $at.root"
serve root "$at.root/private"
forward_begin private -L "$tmp/private:$at.root/private" sandbox
assert_match 'another user' "$(peer_at local ask "$tmp/private" hi 2>&1)" \
    '^$|Reset|reset'
forward_begin allowed -L "$tmp/allowed:$at.root/private" root
assert_eq 'that user' "$(peer_at local ask "$tmp/allowed" hi)" hi
same_as=$(status_of sg_ssh -o ExitOnForwardFailure=yes \
    -R "$at.root/mine:$tmp/local" sandbox true 2>/dev/null)
assert_eq 'listening in its folder' "$same_as" 255
