#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: processes that live on, by the API: who started one may go, or the daemon
# that he asked be killed; whoever comes later goes on where he left off.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'the API'

base=http://x/v1/sandboxes/$SG_SANDBOX/processes
curl=(curl -sS -N -m 60 --unix-socket "$SG_RUN/api.sock")
# ask METHOD PATH [BODY]
ask() { "${curl[@]}" -X "$1" -H 'Content-Type: application/json' \
    ${3+-d "$3"} "$base$2"; }
code() { ask "$@" -o /dev/null; }
start() { ask POST '' "$1" | jq -r '.id // .error.message'; }
text() { jq -j 'select(.event == "bytes").text'; }
inside() { sg_ssh sandbox "$@"; }
at_exit 'inside "pkill sleep; rm -f go-*"'

# One, from its start to its end.
id=$(start '{"argv":["sh","-c","echo out; echo err >&2; read a; echo $a; exit 3"],
    "tag":"one-'$$'","cwd":"/tmp","env":{"A":"b"},"stdin":true}')
assert_match id "$id" '^[0-9]+$'
assert_eq 'as it was started' "$(ask GET "/$id" |
    jq -rc '[.tag, .state, .cwd, .env.A, .argv[0], .exit_code]')" \
    "[\"one-$$\",\"running\",\"/tmp\",\"b\",\"sh\",null]"
assert_eq 'those of a tag' "$(ask GET "?tag=one-$$" |
    jq -r '.processes[].id')" "$id"
assert_eq 'those of another' "$(ask GET '?tag=two' | jq '.processes')" '[]'
sg_wait_for eval 'ask GET "/$id/output" | grep -q err'
assert_match 'what there is' "$(ask GET "/$id/output" | tail -n 1)" \
    '^\{"event":"running","next":8\}$'
"${curl[@]}" "$base/$id/output?follow=1" >"$tmp/follow" &
follower=$!
assert_eq stdin "$("${curl[@]}" --data-binary $'typed\n' "$base/$id/stdin")" \
    '{"bytes":6}'
assert_eq wait "$(ask GET "/$id/wait" |
    jq -rc '[.state, .exit_code, .signal, .stdout_bytes, .stderr_bytes]')" \
    '["exited",3,null,10,4]'
wait $follower
assert_eq 'followed to its end' "$(text <"$tmp/follow" | tr '\n' ' ')" \
    'out err typed '
assert_match 'its end' "$(tail -n 1 "$tmp/follow")" '"exit_code":3'
assert_eq 'from a position' "$(ask GET "/$id/output?from=8" | text)" typed
assert_eq 'nobody reads it' "$("${curl[@]}" -d x "$base/$id/stdin" |
    jq -r .error.code)" conflict
assert_eq 'no such' "$(ask GET /99999 | jq -r .error.code)" not_found
assert_eq 'no number' "$(ask GET /x | jq -r .error.field)" pid

# Its input: as much as it reads, and its end after all of it.
id=$(start '{"command":"sha256sum","stdin":true}')
head -c 3000000 /dev/urandom >"$tmp/bytes"
assert_eq 'all of it' "$("${curl[@]}" -T - -X POST "$base/$id/stdin" \
    <"$tmp/bytes")" '{"bytes":3000000}'
ask POST "/$id/stdin/close"
ask GET "/$id/wait" >/dev/null
assert_match 'what it read' "$(ask GET "/$id/output" | text)" \
    "^$(sha256sum <"$tmp/bytes" | cut -d' ' -f1)"

# A terminal, and another size of it.
id=$(start '{"command":"stty size; read x; stty size","tty":{"rows":30,"cols":90}}')
sg_wait_for eval 'ask GET "/$id/output" | grep -q "30 90"'
ask POST "/$id/resize" '{"rows":11,"cols":22}'
"${curl[@]}" -d $'\r' "$base/$id/stdin" >/dev/null
ask GET "/$id/wait" >/dev/null
assert_match resized "$(ask GET "/$id/output" | text)" '11 22'
assert_eq 'no terminal' "$(ask POST "/$(start '{"command":"sleep 1000"}')/resize" \
    '{"rows":1,"cols":1}' | jq -r .error.code)" conflict

# Signals, and a wait that is not for ever.
id=$(start '{"command":"trap \"echo got; exit 0\" USR1; echo ready; while :; do sleep 0.1; done"}')
assert_eq 'it runs' "$(ask GET "/$id/wait?timeout_ms=100" | jq -r .state)" running
for wish in '{"signal":"NONE"}' '{"signal":"65"}' '{}'; do
	assert_eq "$wish" "$(ask POST "/$id/signal" "$wish" | jq -r .error.field)" \
	    signal
done
sg_wait_for eval 'ask GET "/$id/output" | grep -q ready'
sg_wait_for eval 'ask POST "/$id/signal" "{\"signal\":\"SIGUSR1\"}";
    ask GET "/$id/output" | grep -q got'

# Who hangs up ends nothing, nor does the death of the daemon; what he has not
# seen he sees then.
"${curl[@]}" -X POST "$base" -H 'Content-Type: application/json' \
    -d '{"command":"echo a; until [ -e go-on ]; do sleep 0.1; done; echo b"}' \
    >"$tmp/started"
id=$(jq -r .id "$tmp/started")
"${curl[@]}" "$base/$id/output?follow=1" >"$tmp/cut" 2>/dev/null &
follower=$!
sg_wait_for grep -q '"next":2' "$tmp/cut"
http=$(gateway_child gateway-http)
kill_hard "$http"
wait $follower || true
inside 'touch go-on'
sg_wait_for another_gateway_child gateway-http "$http"
sg_wait_for eval 'ask GET "/$id/wait" >/dev/null'
assert_eq 'after it' "$(ask GET "/$id/output?from=2&follow=1" | text)" b

# What the ring has lost is told.
id=$(start '{"command":"head -c 1000000 /dev/zero | tr \"\\0\" x"}')
ask GET "/$id/wait" >/dev/null
ask GET "/$id/output" >"$tmp/ring"
assert_match 'it begins later' "$(head -n 1 "$tmp/ring")" '"truncated":true'
assert_eq 'what is lost and what is there' "$(jq -n '[inputs |
    select(.event == "lost").bytes // (.text // "" | length)] | add' \
    "$tmp/ring")" 1000000
assert_eq truncated "$(ask GET "/$id" | jq -rc '[.truncated, .stdout_bytes]')" \
    '[true,1000000]'

# A hundred at once.
for _ in $(seq 100); do
	printf 'next\nurl = "%s"\ndata = "{\\"argv\\":[\\"sleep\\",\\"1000\\"],\\"tag\\":\\"many\\"}"\nheader = "Content-Type: application/json"\nunix-socket = "%s"\noutput = "/dev/null"\n' \
	    "$base" "$SG_RUN/api.sock"
done | sed 1d >"$tmp/many"
curl -sS --no-progress-meter -m 60 -Z --parallel-max 20 -K "$tmp/many"
assert_eq many "$(ask GET '?tag=many' | jq '[.processes[] |
    select(.state == "running")] | length')" 100
for id in $(ask GET '?tag=many' | jq -r '.processes[].id'); do
	printf 'next\nurl = "%s/%s"\nrequest = DELETE\nunix-socket = "%s"\noutput = "/dev/null"\n' \
	    "$base" "$id" "$SG_RUN/api.sock"
done | sed 1d >"$tmp/many"
curl -sS --no-progress-meter -m 60 -Z --parallel-max 20 -K "$tmp/many"
sg_wait_for eval '[ "$(ask GET "?tag=many" | jq "[.processes[] |
    select(.signal == \"KILL\")] | length")" = 100 ]'
