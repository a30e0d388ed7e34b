#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: commands are recorded as JSON lines, their output up to a bound.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
needs_product recordings
recording_on

# newest: what the newest recording of a command says.
newest()
{
	sg replay "$(recording_newest exec)" --json >"$tmp/lines"
}

command='printf "h\303\251\n"; echo bad >&2; head -c 5 /dev/zero; exit 7'
assert_eq 'status' "$(status_of sg_ssh sandbox "$command" \
    2>/dev/null </dev/null | tail -c 2)" 7
newest
assert_eq 'command' "$(head -1 "$tmp/lines" | jq -r .command)" "$command"
assert_match 'from' "$(head -1 "$tmp/lines" | jq -r .from)" '\[127.0.0.1\]:[0-9]+'
assert_eq 'output' "$(jq -j 'select(.stream == "stdout").text' "$tmp/lines" |
    tr '\0' 0)" $'h\u00e9\n00000'
assert_eq 'errors' "$(jq -j 'select(.stream == "stderr").text' "$tmp/lines")" bad
assert_eq 'end' "$(tail -1 "$tmp/lines" | jq -c 'del(.time)')" \
    '{"event":"end","exit_status":7,"stdin_bytes":0,"stdout_bytes":9,"stderr_bytes":4}'

# What goes in is counted, not kept; of binary output the first 64 KiB are.
random_file 3000000 "$tmp/random"
sg_ssh sandbox 'cat; kill -9 $$' <"$tmp/random" >"$tmp/back" || true
cmp "$tmp/random" "$tmp/back" || fail 'recording changed the bytes'
newest
assert_eq 'base64' "$(jq -r 'select(.stream == "stdout") | .base64 // (.text | @base64)' \
    "$tmp/lines" | base64 -di 2>/dev/null | sha)" "$(head -c 65536 "$tmp/random" | sha)"
assert_eq 'end' "$(tail -1 "$tmp/lines" | jq -c 'del(.time)')" \
    '{"event":"end","signal":9,"stdin_bytes":3000000,"stdout_bytes":3000000,"stderr_bytes":0}'
[ "$(stat -c %s "$tmp/lines")" -lt 150000 ] || fail 'the bound does not hold'

# A client that goes leaves an end; each channel of a connection has its own.
before=$(recording_count)
ssh -F "$SG_SSH_CONFIG" -o ControlMaster=yes -o ControlPath="$tmp/mux" -N sandbox &
master=$!
at_exit 'kill $master'
sg_wait_for test -S "$tmp/mux" || fail 'no master connection'
for n in 1 2 3; do
	sg_ssh -o ControlPath="$tmp/mux" sandbox "echo $n" </dev/null >/dev/null
done
sg_ssh -o ControlPath="$tmp/mux" sandbox 'echo on; sleep 60' </dev/null >"$tmp/on" &
sg_wait_for grep -q on "$tmp/on" || fail 'no last channel'
assert_eq 'a recording a channel' "$(recording_count)" $((before + 4))
kill -9 "$master"
is_ended()
{
	newest
	tail -1 "$tmp/lines" | grep -q '"event":"end","stdin_bytes"'
}
sg_within 50 is_ended || fail 'no end after the client died'
