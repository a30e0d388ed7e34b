#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: nothing runs unrecorded: where the disk is full, channels are refused
# and a session that runs is ended, in clear words, while recording_min_free is
# left for others.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
needs_product recordings

folder=$SG_LOG/recordings
mount -t tmpfs -o "size=$((256 * 1024 + 512))k,mode=0750,uid=$(id -u sandgate),gid=$(id -g sandgate)" \
    tiny "$folder"
at_exit "umount -l '$folder'"
recording_on

status=0
timeout 300 ssh -v -tt -F "$SG_SSH_CONFIG" -o LogLevel=INFO sandbox \
    'echo begins; yes 0123456789012345678901234567890123456789' \
    >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
assert_eq 'a terminal that shows too much' "$status" 255
assert_match 'begins' "$(head -1 "$tmp/out")" begins
grep -q 'The recording cannot go on: No space left on device' "$tmp/err" ||
    fail "unclear: $(tail -3 "$tmp/err")"
id=$(recording_newest pty)
assert_match 'what there was room for' "$(sg replay "$id" --json | wc -c)" '^[0-9]{6}$'

head -c 1M /dev/zero >"$folder/rest" 2>/dev/null || true
for what in '' -tt -s; do
	command='touch /tmp/ran'
	[ "$what" != -s ] || command=sftp
	status=0
	sg_ssh ${what:+"$what"} sandbox "$command" >/dev/null 2>"$tmp/err" </dev/null ||
	    status=$?
	assert_eq "refused: $what" "$status" 255
	grep -q 'the recording cannot be made: No space left on device' "$tmp/err" ||
	    fail "$what: unclear: $(cat "$tmp/err")"
done
assert_eq 'nothing was left half made' "$(find "$folder/default" -type f -empty | wc -l)" 0

rm "$folder/rest" "$folder"/default/*/*.cast
assert_eq 'nothing ran' "$(status_of sg_ssh sandbox test -e /tmp/ran)" 1
assert_eq 'room again' "$(sg_ssh sandbox echo works)" works
chmod 0 "$folder/default"
sg_ssh sandbox true 2>"$tmp/err" </dev/null && fail 'a folder out of reach: ran'
grep -q 'the recording cannot be made: Permission denied' "$tmp/err" ||
    fail "unclear: $(cat "$tmp/err")"
chmod 0750 "$folder/default"
sg org set --recording off >/dev/null
assert_eq 'not recorded, not refused' "$(sg_ssh sandbox echo works)" works
