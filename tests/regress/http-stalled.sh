#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: whoever stops to read a stream for longer than a silent connection may be
# there finds all of it when he reads on; for ever he is not waited for.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'
# shellcheck source=tests/regress/lib-settings.sh
. "$here/lib-settings.sh"

# stream: some 3 MB, which no socket keeps.
stream()
{
	curl -sS -N -m 300 --unix-socket "$SG_RUN/api.sock" \
	    -H 'Content-Type: application/json' \
	    -d '{"command":"seq 400000","stream":true}' \
	    "http://x/v1/sandboxes/$SG_SANDBOX/exec"
}
# with LINES: of the section [http].
with()
{
	{ cat "$tmp/conf"; printf '[http]\n%s\n' "$1"; } >"$SG_CONF"
	restart_gateway
}

cp "$SG_CONF" "$tmp/conf"
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_gateway'
with 'idle_timeout = 1s'
assert_eq 'all of it' "$(stream | { sleep 5; cat; } |
    jq -j 'select(.event == "bytes").text' | sha256sum)" \
    "$(seq 400000 | sha256sum)"
sg_ssh sandbox 'head -c 20000000 /dev/zero >stalled'
at_exit "sg_ssh sandbox 'rm -f stalled'"
assert_eq 'of a file' "$(curl -sS -m 300 --unix-socket "$SG_RUN/api.sock" \
    "http://x/v1/sandboxes/$SG_SANDBOX/files?path=stalled" |
    { sleep 5; wc -c; })" 20000000

with 'stall_timeout = 1s'
stream >"$tmp/fifo.out" 2>/dev/null & # a client that reads is not cut
wait $! || fail 'it was cut'
mkfifo "$tmp/fifo"
stream >"$tmp/fifo" 2>"$tmp/err" &
client=$!
exec 7<"$tmp/fifo"
sleep 20
cat <&7 >"$tmp/cut"
exec 7<&-
status=0
wait $client || status=$?
[ "$status" = 18 ] || [ "$status" = 56 ] || fail "status $status: $(cat "$tmp/err")"
[ "$(tail -n 1 "$tmp/cut" | jq -r .event 2>/dev/null)" != exit ] ||
    fail 'it was waited for'
