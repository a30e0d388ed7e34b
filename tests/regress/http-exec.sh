#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: commands by the API: their end and what they wrote, or all of it as it
# comes; nobody who reads slowly, or hangs up, holds up or ends anything else.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

api=http://x/v1/sandboxes/$SG_SANDBOX/exec
curl=(curl -sS -N -m 120 --unix-socket "$SG_RUN/api.sock"
    -H 'Content-Type: application/json')
inside() { sg_ssh sandbox "$@"; }
run() { "${curl[@]}" -d "$1" "${2:-$api}"; }
# of JSON FIELD...: the values, one a line.
of()
{
	run "$1" | jq -r "${2:-.}"
}

assert_eq 'both, and its status' "$(of \
    '{"command":"echo out; echo err >&2; exit 3"}' \
    '.stdout + .stderr + (.exit_code | tostring) + (.signal | tostring)')" \
    $'out\nerr\n3null'
assert_eq argv "$(of '{"argv":["printf","%s.","a  b","$c"]}' .stdout)" 'a  b.$c.'
assert_eq input "$(of '{"argv":["tr","a-z","A-Z"],"input":"h\u00e4 llo"}' \
    .stdout)" 'Hä LLO'
assert_eq 'no input' "$(of '{"command":"wc -c"}' .stdout)" 0
assert_eq 'where, with what, as whom' "$(of '{"command":"pwd; echo $A; id -un",
    "cwd":"/tmp","env":{"A":"b c"},"user":"root"}' .stdout)" \
    $'/tmp\nb c\nroot'
assert_eq 'a signal' "$(of '{"command":"kill -TERM $$"}' \
    '"\(.signal) \(.exit_code) \(.timed_out)"')" 'TERM 143 false'
assert_eq 'too long' "$(of '{"command":"sleep 1000","timeout_ms":100}' \
    '"\(.signal) \(.exit_code) \(.timed_out)"')" 'KILL 137 true'
assert_eq 'not UTF-8' "$(of '{"argv":["printf","a\\377b"]}' .stdout)" 'a�b'
assert_eq 'too much' "$(of '{"command":"head -c 3000000 /dev/zero | tr \"\\0\" x"}' \
    '"\(.stdout | length) \(.stdout_bytes) \(.truncated)"')" \
    '1048576 3000000 true'
assert_eq 'a background process holds nobody up' "$(of \
    '{"command":"sleep 1000 & echo $!"}' '.stdout | test("^[0-9]+\n$")')" true
inside 'pkill sleep'
for wish in '{}' '{"command":"a","argv":["b"]}' '{"argv":"a"}' '{"argv":[1]}' \
    '{"command":"a\u0000b"}' '{"command":"a","timeout_ms":-1}'; do
	assert_eq "$wish" "$(of "$wish" .error.code)" invalid_argument
done
assert_eq 'another organisation' "$(run '{"command":"true"}' \
    "http://x/v1/sandboxes/$SG_FOREIGN/exec" | jq -r .error.code)" permission_denied

# As it comes: the first line is here before the command goes on.
inside 'rm -f api-fifo; mkfifo api-fifo'
at_exit 'inside "rm -f api-fifo"'
run '{"command":"echo one; read x <api-fifo; echo $x","stream":true}' \
    >"$tmp/lines" &
stream=$!
sg_wait_for grep -q one "$tmp/lines"
inside 'echo two >api-fifo'
wait $stream
assert_match lines "$(cat "$tmp/lines")" '^\{"event":"start","id":[0-9]+,"pid":[0-9]+\}
\{"event":"bytes","stream":"stdout","text":"one\\n","position":0,"next":4\}
\{"event":"bytes","stream":"stdout","text":"two\\n","position":4,"next":8\}
\{"event":"exit","exit_code":0,"signal":null,"timed_out":false,"out_of_memory":false\}$'
assert_match base64 "$(run '{"command":"printf \"\\0\" >&2","stream":true}')" \
    '"stream":"stderr","base64":"AA==","position":0'

# Every byte arrives, though nothing is kept, and one who does not read holds
# nobody else up.
assert_eq 'all of it' "$(run '{"command":"seq 2000000","stream":true}' |
    jq -j 'select(.event == "bytes").text' | sha256sum)" \
    "$(seq 2000000 | sha256sum)"
# shellcheck disable=SC2216
run '{"command":"yes","stream":true}' | exec sleep 1000 &
reader=$!
assert_eq beside "$(of '{"command":"echo there"}' .stdout)" there

# Who hangs up ends nothing.
kill $reader
wait $reader || true
{ run '{"command":"sleep 1; touch api-went-on","stream":true}' || true; } \
    2>/dev/null | head -n 1 >/dev/null
sg_wait_for inside 'rm api-went-on'
inside 'pkill yes || true'

# A sandbox that goes away ends its streams, with a reason.
id=$(sg create 2>/dev/null)
run '{"command":"echo up; sleep 1000","stream":true}' \
    "http://x/v1/sandboxes/$id/exec" >"$tmp/gone" &
stream=$!
sg_wait_for grep -q up "$tmp/gone"
sg destroy "$id"
wait $stream
assert_match 'why' "$(tail -n 1 "$tmp/gone")" '^\{"event":"error","message":'
