#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh -L and -W reach what listens in a sandbox.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"

declare -A port
random_file $((64 << 20)) "$tmp/data"
for host in sandbox ref; do
	port[$host]=$(free_port)
	port[$host.reset]=$(free_port)
	serve "$host" 18101
	serve "$host" 18102 reset
	forward_begin "$host" -L "${port[$host]}:127.0.0.1:18101" \
	    -L "${port[$host.reset]}:localhost:18102" "$host"
	assert_eq "$host: half-closed" \
	    "$(peer_at local ask "${port[$host]}" hello)" hello
	assert_eq "$host: 64 MiB both ways at once" \
	    "$(peer_at local copy "${port[$host]}" <"$tmp/data" | sha)" \
	    "$(sha <"$tmp/data")"
	assert_eq "$host: 100 at once" \
	    "$(peer_at local many "${port[$host]}" 100)" 100
	peer_at local ask "${port[$host.reset]}" x >"$tmp/reset.$host"
done
# A reset inside is an end outside; the same, whatever it is.
assert_eq 'reset' "$(cat "$tmp/reset.sandbox")" "$(cat "$tmp/reset.ref")"

asked="timeout 300 ssh -F '$SG_SSH_CONFIG' -o LogLevel=INFO"
same_as_sshd '-W' bash -c "echo words | $asked -W 127.0.0.1:18101 @"
same_as_sshd '-W by name' bash -c "echo words | $asked -W localhost:18101 @"
same_as_sshd '-W refused' bash -c "$asked -W 127.0.0.1:1 @"
same_as_sshd '-W ::1 refused' bash -c "$asked -W '[::1]:1' @"
same_as_sshd '-W in short' bash -c "echo words | $asked -W 127.1:18101 @"
same_as_sshd '-W unknown name' bash -c "$asked -W no.such.invalid:1 @"
same_as_sshd 'beside a command' bash -c \
    "$asked -L $(free_port):127.0.0.1:1 @ 'echo hi; exit 3'"

# New keys all the time, while connections come and go.
rekeyed=$(free_port)
forward_begin rekeyed -o RekeyLimit=1M -L "$rekeyed:127.0.0.1:18101" sandbox
peer_at local copy "$rekeyed" <"$tmp/data" | sha >"$tmp/rekeyed" &
copy=$!
for n in {1..20}; do
	assert_eq "connection $n" "$(peer_at local many "$rekeyed" 10)" 10
done
wait "$copy"
assert_eq 'rekeyed' "$(cat "$tmp/rekeyed")" "$(sha <"$tmp/data")"

# It ends with its connection, on both sides.
mkfifo "$tmp/hold"
peer_at local copy "${port[sandbox]}" <"$tmp/hold" >"$tmp/rest" &
copy=$!
exec 9>"$tmp/hold"
echo before >&9
sg_within 50 grep -q before "$tmp/rest" || true
forward_end sandbox
exec 9>&-
wait "$copy" || true
sg_wait_for is_refused local "${port[sandbox]}" ||
    fail 'it listens after its connection'
