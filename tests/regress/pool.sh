#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: what a create from the pool asked for holds from the first instruction on.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product 'the pool'
internet_begin

restart_sandboxd()
{
	sg_stop sandboxd
	sg_start sandboxd
	sg_wait_api || fail 'sandboxd did not come back'
}

waiting()
{
	tail -n "+$since" "$SG_LOG/sandboxd.log" |
	    sed -n 's/.* pool: id=\([^ ]*\) waits.*/\1/p'
}
is_filled()
{
	[ "$(waiting | wc -l)" = 2 ]
}

cp "$SG_CONF" "$tmp/conf"
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_sandboxd'
printf '[sandboxd]\npool = base:2\nlog_level = debug\n' >>"$SG_CONF"
since=$(($(wc -l <"$SG_LOG/sandboxd.log") + 1))
restart_sandboxd
sg_wait_for is_filled || fail 'the pool is not filled'
before=$(waiting)

asked=$(date -u +%FT%T.%3NZ)
id=$(sg create --name swim --memory 200M --env A=b --metadata lane=3 \
    --egress "allow:$SERVER:443" 2>/dev/null)
at_exit 'sg destroy "$id"'
grep -q "^$id$" <<<"$before" || fail "$id was not in the pool"
# Of its time in the pool there is no event, process, log line or counter.
assert_eq 'events' "$(sg events "$id" --json | jq -r .kind | xargs)" \
    'created claimed started'
assert_eq 'of the claim' "$(sg events "$id" --json |
    jq -r --arg asked "$asked" 'select(.at < $asked)')" ''
assert_eq 'processes' "$(sg ps "$id" --json | jq -c .processes)" '[]'
assert_eq 'log lines' "$(sg logs "$id" 2>&1; sg logs -p "$id" 2>&1)" ''
assert_eq 'counters' "$(sg exec "$id" -- awk '
    /^(Tcp|Udp|Icmp): [0-9]/ { for (i = $1 == "Tcp:" ? 6 : 2; i <= NF; i++)
	sum += $i } /^ *lo:/ { for (i = 2; i <= NF; i++) sum += $i }
    END { print sum + 0 }' /proc/net/snmp /proc/net/dev)" 0
assert_eq 'killed' "$(sg get "$id" --json | jq .oom_kills)" 0
reaches "$id" tcp "$SERVER" 443
refuses "$id" tcp "$SERVER" 8080
refuses "$id" tcp "$SERVER2" 443
assert_eq identity "$(sg exec "$id" -- sh -c 'hostname; echo "$A"')" "$id"$'\nb'
assert_eq memory "$(sg exec "$id" -- sh -c 'cat \
    /sys/fs/cgroup/memory/memory.limit_in_bytes \
    /sys/fs/cgroup/memory.max 2>/dev/null' | numfmt --to=iec)" 200M
assert_eq name "$(sg list | grep -o '\bswim\b')" swim
assert_eq metadata "$(sg get "$id" --json | jq -c .metadata)" '{"lane":"3"}'

# A shared template that says how many: they wait, of its next version too, and
# go with it; what one gets from there has the template's settings and files.
build()
{
	printf 'run = echo %s >/word\npool_size = 1\nmemory = 300M\nenv = C=d\n' \
	    "$1" >"$tmp/deep.ini"
	sg template build deep --recipe "$tmp/deep.ini" >/dev/null 2>&1 ||
	    fail 'no template'
}
is_claimed()
{
	id=$(sg create --template deep 2>/dev/null)
	at_exit "sg destroy $id"
	sg events "$id" | grep -q claimed && return
	sg destroy "$id" >/dev/null
	return 1
}
for word in one two; do
	build "$word"
	sg_wait_for is_claimed || fail "none of deep waits after $word"
	assert_eq "what is in it, $word" "$(sg exec "$id" -- sh -c \
	    'cat /word; echo "$C"; free -m | sed -n "s/^Mem: *\([0-9]*\).*/\1/p"')" \
	    "$word"$'\nd\n300'
done
sg template rm deep >/dev/null
