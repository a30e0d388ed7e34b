#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: of SFTP and scp is recorded what opens, changes, removes or renames.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-recording.sh
. "$(dirname "$0")/lib-recording.sh"
needs_product recordings
recording_on

random_file 2500000 "$tmp/local"
at_exit 'sg_ssh sandbox rm -rf /tmp/recorded /tmp/scp-file'
sg_sftp sandbox >/dev/null 2>&1 <<-END
	cd /tmp
	mkdir recorded
	cd recorded
	put $tmp/local first
	rename first second
	symlink second soft
	ln second hard
	chmod 600 second
	get second $tmp/back
	-rm none
	-rm /etc/passwd
	ls -l
	rm hard
	rm soft
	rm second
	cd ..
	rmdir recorded
END
cmp "$tmp/local" "$tmp/back" || fail 'recording changed the bytes'
sg replay "$(recording_newest sftp)" --json >"$tmp/lines"
assert_eq 'header' "$(head -1 "$tmp/lines" | jq -c '[.kind, .user]')" '["sftp","admin"]'
tail -n +2 "$tmp/lines" | jq -r '[.event, .path, .target // .detail, .read_bytes,
    .written_bytes, .result] | map(. // "" | tostring) | join(" ")' |
    sed 's,/tmp/recorded,DIR,g; s, *$,,; s,  *, ,g' | grep -v '^opendir' >"$tmp/got"
diff -u - "$tmp/got" <<-'END' || fail 'other events'
	mkdir DIR ok
	open DIR/first write,create,truncate ok
	close DIR/first 0 2500000 ok
	rename DIR/first DIR/second ok
	symlink DIR/soft second ok
	hardlink DIR/second DIR/hard ok
	setstat DIR/second mode ok
	open DIR/second read ok
	close DIR/second 2500000 0 ok
	remove DIR/none no such file
	remove /etc/passwd permission denied
	remove DIR/hard ok
	remove DIR/soft ok
	remove DIR/second ok
	rmdir DIR ok
	end
END

sg_scp -s "$tmp/local" sandbox:/tmp/scp-file
sg replay "$(recording_newest sftp)" | grep -q 'close .*/tmp/scp-file.*written_bytes=2500000' ||
    fail 'scp is not recorded'
# The old protocol is a command, and its stream is counted as one.
sg_scp -O "$tmp/local" sandbox:/tmp/scp-file
assert_match 'scp -O' "$(sg replay "$(recording_newest exec)" --json | head -1 |
    jq -r .command)" 'scp .*-t /tmp/scp-file'
