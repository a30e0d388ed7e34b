#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: who is connected lives through pauses, is told of them on standard error,
# and goes on; a destroy ends everything at once, with its reason.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
needs_product pauses

id=$(sg create 2>/dev/null)
at_exit "sg destroy $id"
inside() { SG_TIMEOUT=${SG_TIMEOUT:-900} sg_ssh -l "$id" "$@"; }

# A shell, a command with three streams, an upload, a forward, a terminal.
mkfifo "$tmp/keys" "$tmp/lines"
inside -tt sandbox <"$tmp/keys" >"$tmp/screen" 2>&1 &
shell=$!
exec 7>"$tmp/keys"
inside sandbox 'while read -r line; do echo "got $line"; done; exit 3' \
    <"$tmp/lines" >"$tmp/out" 2>"$tmp/err" &
command=$!
exec 8>"$tmp/lines"
echo "echo ready-\$((40 + 2))" >&7
echo one >&8
sg_wait_for grep -q ready-42 "$tmp/screen" || fail 'no shell'
sg_wait_for grep -q 'got one' "$tmp/out" || fail 'no command'
inside sandbox 'setsid python3 -m http.server 8099 --bind 127.0.0.1 \
    </dev/null >/dev/null 2>&1 &'
port=$(free_port)
forward_begin l -L "$port:127.0.0.1:8099" -l "$id" sandbox
web() { curl -sS -m 60 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/"; }
sg_wait_for web || fail 'no forward'
random_file $((1 << 30)) "$tmp/upload"
SG_TIMEOUT=900 sg_scp -l 200000 -o User="$id" "$tmp/upload" sandbox:up &
upload=$!
# has MIB: of the upload; not more than it all is.
has()
{
	local size

	size=$(inside sandbox stat -c %s up 2>/dev/null) &&
	    [ "$size" -ge $(($1 << 20)) ]
}

for round in 1 2 3; do
	sg_wait_for has $((round * 200)) || fail "round $round: no upload"
	sg pause "$id"
	assert_eq 'status' "$(sg get "$id" --json | jq -r .state)" paused
	echo "round-$round" >&8
	sg_wait_for eval "[ \"\$(grep -c 'it goes on when' $tmp/err)\" = $round ]" ||
	    fail "round $round: not told: $(cat "$tmp/err")"
	! grep -q "got round-$round" "$tmp/out" || fail 'it ran while paused'
	sg_is_alive "$upload" || fail "round $round: the upload is over"
	sg resume "$id"
	sg_wait_for grep -q "got round-$round" "$tmp/out" || fail 'it stands'
	echo "echo alive-\$((10 + $round))" >&7
	sg_wait_for grep -q "alive-1$round" "$tmp/screen" || fail 'no shell'
	assert_eq 'forward' "$(web)" 200
done
wait "$upload" || fail "the upload failed: $?"
assert_eq 'upload' "$(inside sandbox sha256sum up |
    cut -d ' ' -f 1)" "$(sha256sum <"$tmp/upload" | cut -d ' ' -f 1)"
rm "$tmp/upload"
grep -q '^sandgate: paused by .*; it goes on when it is resumed$' "$tmp/err" ||
    fail "words: $(cat "$tmp/err")"
assert_eq 'told that it goes on' "$(grep -c '^sandgate: resumed$' "$tmp/err")" 3
assert_eq 'standard output' "$(cat "$tmp/out")" \
    $'got one\ngot round-1\ngot round-2\ngot round-3'

# Whoever comes has it go on: a login, a channel more, a forward.
sg pause "$id"
assert_eq 'exec' "$(inside sandbox 'echo $((6 * 7))')" 42
sg pause "$id"
assert_eq 'forward' "$(web)" 200
assert_eq 'status' "$(sg get "$id" --json | jq -r .state)" running
sg pause "$id"
echo "get up $tmp/down" | sg_sftp -o User="$id" sandbox >/dev/null
assert_eq 'status' "$(sg get "$id" --json | jq -r .state)" running
exec 8>&-
status=0
wait "$command" || status=$?
assert_eq "the command's exit code" "$status" 3

# Suspended and woken by whoever comes; the terminal's files stay.
inside sandbox 'echo kept >kept'
sg stop "$id"
assert_eq 'reason' "$(sg get "$id" --json | jq -r '.status_reason | .[0:12]')" \
    'suspended by'
sg_wait_for sg_is_dead "$shell" || fail 'the shell outlives a stop'
grep -q 'sandgate: suspended by ' "$tmp/screen" || fail 'the shell was not told'
assert_eq 'woken' "$(inside sandbox cat kept)" kept
sg stop "$id"
sg wake "$id"
assert_eq 'status' "$(sg get "$id" --json | jq -r .state)" running

# By hand alone: one clear refusal.
hand=$(sg create --no-auto-resume 2>/dev/null)
at_exit "sg destroy $hand"
sg pause "$hand"
status=0
SG_TIMEOUT=300 sg_ssh -l "$hand" sandbox true 2>"$tmp/words" || status=$?
assert_eq 'refused' "$status" 255
grep -q "cannot start: $hand is paused, and its auto_resume is off" \
    "$tmp/words" || fail "words: $(cat "$tmp/words")"

# Destroyed: an idle connection that only forwards ends too, with the reason.
SG_TIMEOUT=300 sg_ssh -N -l "$id" sandbox 2>"$tmp/idle" &
idle=$!
inside sandbox 'sleep 100' 2>"$tmp/err" &
command=$!
sg_wait_for eval "inside sandbox pgrep -x sleep" || fail 'no command'
sg pause "$id"
sg destroy "$id"
for pid in "$idle" "$command"; do
	sg_within 50 sg_is_dead "$pid" || fail 'a stream outlives its sandbox'
done
grep -q 'sandgate: destroyed by ' "$tmp/err" || fail "told: $(cat "$tmp/err")"
