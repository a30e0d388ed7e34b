#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a command of the lobby is jailed, limited, and mortal by itself.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'the lobby'

commands()
{
	ps -o pid= --ppid "$(gateway_child gateway-lobby)" | tr -d ' '
}
field()
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$command/status" | tr '\t' ' '
}
mkfifo "$tmp/in" "$tmp/hold"
sg_ssh -l ctl sandbox <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
client=$!
exec 8>"$tmp/in"
echo version >&8
sg_wait_for grep -q sandgate "$tmp/out" || fail 'no command'
command=$(commands)
assert_eq 'one' "$(wc -w <<<"$command")" 1
net=$(id -u sandgate-net)
assert_eq 'user' "$(field Uid)" "$net $net $net $net"
assert_eq 'capabilities' "$(field CapEff)" 0000000000000000
assert_eq 'filters' "$(field Seccomp_filters)" 2
assert_eq 'root' "$(readlink "/proc/$command/root")" "$SG_RUN/empty"
# What it could block, to sit there for ever, is not all that ends it.
grep -q '^signal: 9/' "/proc/$command/timers" || fail 'its end can be put off'
for fd in "/proc/$command/fd"/*; do
	assert_match 'holds' "$(readlink "$fd")" '^(pipe|socket):'
done
# Killed, the others go on, and the client hears of it.
lobby=$(gateway_child gateway-lobby)
kill_hard "$lobby"
sg_wait_for another_gateway_child gateway-lobby "$lobby" || fail 'no new'
echo version >&8
sg_wait_for grep -qz 'gate.*gate' "$tmp/out" || fail 'it ended as well'
assert_eq 'a new one' "$(sg_ssh -l ctl sandbox version)" "$(sg version)"
kill_hard "$command"
status=0
wait "$client" || status=$?
assert_eq 'killed' "$status: $(cat "$tmp/err")" \
    '255: sandgate: the command was killed'$'\r'
exec 8>&-

# Ten at once for a login; all of them end with it.
sg_ssh -M -S "$tmp/master" -f -N -l ctl sandbox
at_exit 'ssh -S "$tmp/master" -O exit sandbox'
exec 9<>"$tmp/hold"
for ((n = 0; n < 9; n++)); do
	ssh -S "$tmp/master" sandbox <&9 >/dev/null 2>&1 &
done
sg_wait_for eval '[ "$(commands | wc -l)" = 9 ]' || fail 'not nine'
assert_eq 'the tenth' "$(ssh -S "$tmp/master" sandbox version)" "$(sg version)"
ssh -S "$tmp/master" -O exit sandbox 2>/dev/null
sg_within 300 eval '[ -z "$(commands)" ]' || fail "still there: $(commands)"
