# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# A machine of its own for clients, whose network can be taken away: a namespace
# behind a link, which is none of a sandbox by its name. The addresses are those
# for benchmarks (RFC 2544).

# cut_begin: and cut_address is ours there.
cut_begin()
{
	local net=198.18.$((SG_PORT / 256 % 256)).$((SG_PORT % 63 * 4))

	cut_space=cut-$SG_INSTANCE
	cut_address=${net%.*}.$((${net##*.} + 1))
	ip netns add "$cut_space"
	at_exit "ip netns del $cut_space"
	ip link add "$cut_space" type veth peer name out netns "$cut_space"
	at_exit "ip link del $cut_space"
	ip address add "$cut_address/30" dev "$cut_space"
	ip link set "$cut_space" up
	ip -n "$cut_space" address add "${net%.*}.$((${net##*.} + 2))/30" dev out
	ip -n "$cut_space" link set out up
}

# cut_ssh OPTION...: a client there, in the background until the test ends.
cut_ssh()
{
	ip netns exec "$cut_space" ssh -F "$SG_SSH_CONFIG" \
	    -o HostName="$cut_address" "$@" &
	at_exit "kill -KILL $!"
}

# Not a packet more; and again as it was.
cut_now()
{
	ip -n "$cut_space" link set out down
}

cut_over()
{
	ip -n "$cut_space" link set out up
}
