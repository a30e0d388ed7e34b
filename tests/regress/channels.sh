#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: channels as only other clients than OpenSSH's use them, beside sshd: tiny
# windows and packets, requests out of order, races, the limit of sessions.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 -c 'import asyncssh' 2>/dev/null || skip 'no asyncssh'
# What runs of the two programs that the client starts.
running()
{
	sg_ssh sandbox "ps -C cat,sleep -o pid=,args= | sort"
}
[ "$SG_MODE" != product ] || before=$(running)
client=(timeout 700 /usr/bin/python3 "$here/ssh_client.py")
for name in windows input_windows signals subsystem_signal order \
    no_more_sessions races late_input replies rekey many; do
	same_as_sshd "$name" "${client[@]}" "$name" @
	assert_match "$name" "$(cat "$tmp/sandbox.out")" 'exit 0'
done
# One more than [ssh] max_sessions, 64, and one more than the reference's 100.
for host in ref sandbox; do
	"${client[@]}" sessions $host 120 >"$tmp/$host.out" 2>"$tmp/$host.count"
done
diff "$tmp/ref.out" "$tmp/sandbox.out" || fail 'the refusal differs'
needs_product 'a limit of ours'
assert_eq 'sessions' "$(cat "$tmp/sandbox.count")" 64
assert_eq 'flood' "$("${client[@]}" rekey_flood sandbox)" closed
# sshd may lose a signal while its child is not the command yet.
assert_eq 'early signals' "$("${client[@]}" early_signals sandbox)" \
    "TERM TERM TERM TERM TERM ['1', '2']"
# What is left of it all: nothing.
nothing_left()
{
	[ -z "$(comm -13 <(echo "$before") <(running))" ]
}
sg_wait_for nothing_left || fail "left: $(sg_ssh sandbox 'ps ax')"
