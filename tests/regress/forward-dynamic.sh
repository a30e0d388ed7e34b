#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh -D: names are those of the sandbox.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"

web=$(free_port) socks=$(free_port)
sg_ssh sandbox "mkdir -p web && echo inside >web/page &&
    cd web && timeout 900 python3 -m http.server $web" >/dev/null 2>&1 &
at_exit "end_job $!"
at_exit 'sg_ssh sandbox rm -rf web'
forward_begin dynamic -D "$socks" sandbox
get()
{
	curl -sS -m 20 "$@"
}
is_served()
{
	get --socks5-hostname "127.0.0.1:$socks" "http://127.0.0.1:$web/page"
}
sg_wait_for is_served || fail 'no page'
name=$(sg_ssh sandbox hostname)
for host in 127.0.0.1 localhost "$name" '[::ffff:127.0.0.1]'; do
	assert_eq "http://$host" "$(get --socks5-hostname "127.0.0.1:$socks" \
	    "http://$host:$web/page")" inside
done
assert_eq 'socks4a' "$(get --socks4a "127.0.0.1:$socks" \
    "http://localhost:$web/page")" inside
# Several at once, over one connection.
for n in {1..16}; do
	get --socks5-hostname "127.0.0.1:$socks" -o "$tmp/page$n" \
	    "http://localhost:$web/page" &
	pids[n]=$!
done
for n in {1..16}; do
	wait "${pids[n]}" || fail "page $n: status $?"
	assert_eq "page $n" "$(cat "$tmp/page$n")" inside
done
for url in http://127.0.0.1:1/ http://no.such.name.invalid/; do
	assert_eq "$url" "$(status_of get -o /dev/null --socks5-hostname \
	    "127.0.0.1:$socks" "$url" 2>/dev/null)" 97
done
