# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# For the scripts egress-names*.sh, after lib-egress.sh: two DNS servers on that
# internet, which are the instance's resolvers until the script ends, and a zone
# that is the file $zone.

names_begin()
{
	local number

	number=$(cut -d. -f2 <<<"$SG_NETWORK")
	DNS=192.0.2.$((255 - number)) DNS6=2001:db8:$number::53
	ip -n "$internet" addr add "$DNS/32" dev lo
	ip route add "$DNS/32" via "198.18.0.$number"
	ip -n "$internet" addr add "$DNS6/128" dev lo nodad
	ip route add "$DNS6/128" via "2001:db8:ff:$number::2"
	zone=$tmp/zone
	: >"$zone"
	timeout 1150 ip netns exec "$internet" /usr/bin/python3 \
	    "$here/egress_dns.py" serve "$DNS,$DNS6" "$zone" >"$tmp/dns" 2>&1 &
	at_exit "kill $!"
	sg_wait_for grep -q ready "$tmp/dns" || fail 'no DNS server'
	cp "$SG_CONF" "$tmp/conf.before"
	at_exit 'cp "$tmp/conf.before" "$SG_CONF"; names_restart'
	sed -i "/^\[sandboxd\]/a dns = $DNS $DNS6" "$SG_CONF"
	names_restart
}

names_restart()
{
	sg_stop sandboxd
	sg_start sandboxd
	sg_wait_api
}

# dns ID ARGUMENT...: egress_dns.py in a sandbox.
dns()
{
	timeout 100 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec \
	    "$1" -- python3 - "${@:2}" <"$here/egress_dns.py"
}

# asked NAME: how often the servers were asked for it.
asked()
{
	grep -ic "^$1 " "$tmp/dns" || :
}
