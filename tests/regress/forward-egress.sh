#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a forward reaches what its sandbox may reach, and nothing else.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
needs_product 'egress rules'

# A service of this host, on every address it has.
port=$(free_port)
timeout 900 /usr/bin/python3 -m http.server --bind :: "$port" \
    --directory "$tmp" >/dev/null 2>&1 &
at_exit "kill $!"
is_served()
{
	curl -s -o /dev/null -m 3 "http://$1:$port/"
}
sg_wait_for is_served 127.0.0.1 || fail 'the test has no service'
gateway=$(sg_ssh root 'ip route' | sed -n 's/^default via \([^ ]*\).*/\1/p')
main=$(own_addresses | head -n 1)
neighbour=$(sg get "$SG_OTHER" --json | jq -r .address)
sg_ssh other "timeout 900 python3 -m http.server $port >/dev/null 2>&1" &
at_exit "end_job $!"
at_exit 'sg_ssh other "pkill -f \"[h]ttp.server $port\""'
[ -z "$main" ] || sg_wait_for is_served "$main" ||
    fail 'not on the main address'
start=$(now_ms)
sg_ssh sandbox true
login_ms=$(($(now_ms) - start))
for address in 127.0.0.1 "$gateway" $main 169.254.169.254 "$neighbour" \
    10.0.0.1 '[::1]' '[fe80::1]'; do
	start=$(now_ms)
	status=$(status_of sg_ssh -o LogLevel=INFO -W "$address:$port" \
	    sandbox </dev/null 2>"$tmp/words")
	took=$(($(now_ms) - start))
	assert_eq "$address" "$status" 255
	assert_match "$address" "$(cat "$tmp/words")" \
	    'open failed: connect failed: [A-Z]'
	echo "$address: $(head -n 1 "$tmp/words") ($took ms)"
	# Who is not answered is waited for for 20 s.
	[ "$took" -lt $((3 * login_ms + 3000)) ] ||
		fail "$address: refused after $took ms"
done
# By a name too, and through a proxy that resolves inside.
socks=$(free_port)
forward_begin socks -D "$socks" sandbox
assert_eq 'by SOCKS' "$(status_of curl -s -o /dev/null -m 60 \
    --socks5-hostname "127.0.0.1:$socks" "http://$gateway:$port/")" 97
