# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# For the scripts egress-ways*.sh, after lib-egress.sh: two sandboxes of one
# policy, a namespace beside them that nothing defends, and what sees packets
# pass.

# in_background NAME COMMAND...: until the end; ready when it says so.
in_background()
{
	timeout 1150 "${@:2}" >"$tmp/$1" 2>&1 &
	at_exit "kill $!"
	sg_wait_for grep -q ready "$tmp/$1" || fail "$1: $(<"$tmp/$1")"
}

address_of() { sg get "$1" --json | jq -r .address; }
link_of()
{
	ip route get "$(address_of "$1")" | sed -n 's/.* dev \([^ ]*\).*/\1/p'
}

ways_begin()
{
	local pair name link

	number=$(cut -d. -f2 <<<"$SG_NETWORK")
	HOST=192.0.2.$number
	python=/usr/bin/python3
	there=(ip netns exec "$internet" "$python")
	pairs="$SERVER,$SERVER2 $SERVER6,$SERVER26"
	# Beside the sandboxes one that nothing defends. No filtered link is
	# named so.
	space=pl${SG_INSTANCE}$$ plain_link=pl${SG_INSTANCE}0
	PLAIN=198.19.$number.2 PLAIN6=2001:db8:fe:$number::2
	ip netns add "$space"
	at_exit 'ip netns del "$space"'
	ip link add "$plain_link" type veth peer name eth0 netns "$space"
	at_exit 'ip link del "$plain_link"'
	echo 2 >"/proc/sys/net/ipv6/conf/$plain_link/accept_ra"
	ip addr add "198.19.$number.1/30" dev "$plain_link"
	ip addr add "2001:db8:fe:$number::1/64" dev "$plain_link" nodad
	ip link set "$plain_link" up
	ip -n "$space" addr add "$PLAIN/30" dev eth0
	ip -n "$space" addr add "$PLAIN6/64" dev eth0 nodad
	ip -n "$space" link set lo up
	ip -n "$space" link set eth0 up
	ip -n "$space" route add default via "198.19.$number.1"
	ip -n "$space" route add default via "2001:db8:fe:$number::1"

	# Two sandboxes, which have the same policy.
	policy=allow:$SERVER:8080,[$SERVER6]:8080
	id=$(sg create --egress "$policy" 2>/dev/null)
	at_exit 'sg destroy "$id"'
	nesting=$(sg create --nesting --egress "$policy" 2>/dev/null)
	at_exit 'sg destroy "$nesting"'
	in_background internet-wire "${there[@]}" "$here/egress_ways.py" watch eth0
	for pair in "inside $(link_of "$id")" "nested $(link_of "$nesting")" \
	    "plain $plain_link"; do
		read -r name link <<<"$pair"
		in_background "$name-wire" "$python" "$here/egress_ways.py" watch "$link"
	done
}

# run PLACE WAY...: egress_ways.py there: as root of a sandbox, as the host's
# root in its network, where nothing defends, in the internet, in a network of
# nobody.
run()
{
	local -a by

	case $1 in
	inside | nested)
		by=("$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec --root)
		[ "$1" = inside ] && by+=("$id") || by+=("$nesting")
		timeout 100 "${by[@]}" -- python3 - try "${@:2}" \
		    <"$here/egress_ways.py"
		return
		;;
	forced) by=(nsenter -n -t "$(init_of "$id")") ;;
	plain) by=(ip netns exec "$space") ;;
	outside) by=(ip netns exec "$internet") ;;
	nobody) by=(unshare -n sh -c 'ip link add eth0 type veth peer name p
		ip link set lo up; exec "$@"' -) ;;
	esac
	timeout 100 "${by[@]}" "$python" "$here/egress_ways.py" try "${@:2}" 2>&1
}

# want OUTCOME WAY ADDRESS PORT [ARGUMENT]: to be done by the next `try_in`.
#   arrives  is seen in the internet
#   leaves   is seen on the sender's link
#   ends     the same, but not in the internet
#   stays    is seen nowhere
#   refused  the same, and the sender is told so
#   sent     the sender is told that it worked
#   may      the same, unless this host's kernel has no such thing
#   gone     the sender is told nothing, or that it did not
n=0 ways=() wants=()
want()
{
	local IFS=,

	n=$((n + 1))
	wants+=("$1 token-$n- ${*:2}")
	ways+=("$2,$3,$4,token-$n-${5:+,$5}")
}
# is_seen WIRE TOKEN
is_seen()
{
	local wire

	IFS='' read -rd '' wire <"$tmp/$1-wire" || :
	[[ $wire == *"$2"* ]]
}
try_in()
{
	local place=$1 link=${1/forced/inside} outcome token what said i=0
	local -a answers

	# What arrives last: all that was sent before has arrived by then.
	case $place in
	nobody | outside) ;;
	*)
		want arrives plain "$SERVER" 8080
		want arrives plain "$SERVER6" 8080
		;;
	esac
	mapfile -t answers < <(run "$place" "${ways[@]}")
	[ "${#answers[@]}" = "${#ways[@]}" ] ||
	    fail "$place: ${#answers[@]} answers of ${#ways[@]}: ${answers[*]}"
	[[ $place = nobody || $place = outside ]] || {
		sg_wait_for is_seen internet "token-$n-" &&
		    sg_wait_for is_seen "$link" "token-$n-"
	} || fail "$place: silence"
	for what in "${wants[@]}"; do
		read -r outcome token what <<<"$what"
		said=${answers[i]}
		i=$((i + 1))
		what="$place: $what ($said)"
		case $outcome in
		may)
			[[ $said = sent ]] ||
			    echo "cannot be shown here: $what"
			;;
		sent) assert_match "$what" "$said" 'sent$' ;;
		gone) ! [[ $said =~ back ]] || fail "$what" ;;
		arrives) is_seen internet "$token" || fail "$what: is lost" ;;
		leaves) is_seen "$link" "$token" || fail "$what: is lost" ;;
		ends)
			is_seen "$link" "$token" || fail "$what: never left"
			! is_seen internet "$token" || fail "$what: arrived"
			;;
		stays | refused)
			[ "$outcome" = stays ] ||
			    assert_match "$what" "$said" '^refused: '
			assert_match "$what" "$said" '^(refused|sent)'
			! is_seen internet "$token" || fail "$what: arrived"
			[ "$place" = nobody ] || ! is_seen "$link" "$token" ||
			    fail "$what: left"
			;;
		esac
	done
	tried=$((${tried:-0} + i))
	ways=() wants=()
}

# ICMP, IGMP, IP in IP, UDP, DCCP, IPv6, GRE, ESP, AH, SCTP, UDP-Lite
protocols='1 2 4 17 33 41 47 50 51 132 136'
raws()
{
	local protocol

	for protocol in $protocols; do
		want "$1" "${3:-}raw" "$2" 8080 "$protocol"
	done
}
