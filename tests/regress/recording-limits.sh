#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: recording_input keeps what is typed, and recording_max_bytes ends a
# connection whose recording grows beyond it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$(dirname "$0")/lib-settings.sh"
needs_product recordings
settings $'recording_input = yes\nrecording_max_bytes = 64K'
recording_on

with_pty <<-'END' || fail 'see above'
	shell = pexpect.spawn(ssh + " -tt sandbox 'read -rsp word: w; echo got-it'",
	    timeout=120, encoding='utf-8')
	shell.expect('word:')
	shell.sendline('secret \u00e9')
	shell.expect('got-it')
	shell.expect(pexpect.EOF)
END
id=$(recording_newest pty)
sg replay "$id" --json >"$tmp/cast"
recording_check_cast <"$tmp/cast" || fail 'not an asciicast v2'
assert_eq 'what was typed' "$(tail -n +2 "$tmp/cast" |
    jq -j 'select(.[1] == "i")[2]')" $'secret \u00e9'
assert_eq 'and not shown' "$(sg replay "$id" --speed 100 | grep -c secret)" 0

echo from-outside | sg_ssh sandbox 'cat >/dev/null'
assert_eq 'input of a command' "$(sg replay "$(recording_newest exec)" --json |
    jq -j 'select(.stream == "stdin").text')" from-outside

# outgrows KIND COMMAND...: its connection ends in clear words, its recording
# is whole lines and within the bound.
outgrows()
{
	local kind=$1 status=0

	shift
	"$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	assert_eq "$kind: status" "$status" 255
	grep -q 'recording cannot go on: it has reached its largest size' \
	    "$tmp/err" || fail "$kind: unclear: $(tail -3 "$tmp/err")"
	sg replay "$(recording_newest "$kind")" --json >"$tmp/lines"
	jq -c . "$tmp/lines" >/dev/null || fail "$kind: half a line"
	size=$(stat -c %s "$tmp/lines")
	echo "$kind: recorded $size bytes"
	[ "$size" -le 65536 ] || fail "$kind: $size bytes"
}
told=(timeout 300 ssh -v -F "$SG_SSH_CONFIG" -o LogLevel=INFO)
outgrows pty "${told[@]}" -tt sandbox 'while sleep 0.01; do
    head -c 500 /dev/zero | tr "\0" x; done' </dev/null
outgrows exec "${told[@]}" sandbox 'yes | head -c 65536; sleep 5' </dev/null
for n in {1..900}; do echo "-mkdir /nowhere/$n"; done >"$tmp/batch"
outgrows sftp timeout 300 sftp -v -F "$SG_SSH_CONFIG" -o LogLevel=INFO \
    -b "$tmp/batch" sandbox
assert_eq 'others go on' "$(sg_ssh sandbox echo works)" works
