#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: sftp gets, puts, lists, renames, links and removes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

random_file 2500000 "$tmp/local"
chmod 0640 "$tmp/local"
touch -d '2021-03-04 05:06:07' "$tmp/local"
at_exit 'sg_ssh sandbox rm -rf sftptest'
sg_sftp sandbox >"$tmp/out" <<-END
	mkdir sftptest
	cd sftptest
	put -p $tmp/local first
	rename first second
	symlink second soft
	ln second hard
	chmod 600 second
	mkdir folder
	put $tmp/local folder/inner
	get -p second $tmp/back
	get soft $tmp/through-link
	pwd
	ls -l
	ls -1a
	df
END
cmp "$tmp/local" "$tmp/back" || fail 'get or put changed the bytes'
cmp "$tmp/local" "$tmp/through-link" || fail 'the link does not lead there'
assert_eq 'times' "$(stat -c %Y "$tmp/back")" "$(stat -c %Y "$tmp/local")"
out=$(cat "$tmp/out")
assert_match 'pwd' "$out" 'Remote working directory: /[^ ]*/sftptest'
assert_match 'ls -l, a file' "$out" \
    '-rw-------[ ]+[2?] [^ ]+ +[^ ]+ +2500000 Mar +4 +2021 second'
assert_match 'ls -l, a folder' "$out" 'drwx[rwx-]{6} +[0-9?]+ .* folder'
assert_match 'ls -l, a link' "$out" 'lrwxrwxrwx .* soft'
assert_eq 'links' "$(sg_ssh sandbox \
    'readlink sftptest/soft; stat -c %h sftptest/hard; stat -c %a sftptest/second')" \
    $'second\n2\n600'
sg_sftp sandbox <<-'END' >"$tmp/out"
	rm sftptest/hard
	rm sftptest/soft
	rm sftptest/second
	rm sftptest/folder/inner
	rmdir sftptest/folder
	rmdir sftptest
END
assert_eq 'all removed' "$(status_of sg_ssh sandbox test -e sftptest)" 1
# The client's words for an error are made from the server's code.
for line in 'get /none' 'rm /none' 'rmdir /etc' 'mkdir /etc/x' 'cd /none' \
    'put /etc/hostname /etc/x' 'rename /tmp/none /tmp/other' 'chmod 600 /etc/passwd' \
    'mkdir /tmp' 'get /etc/shadow' 'ls -l /none' 'ln /tmp/none /tmp/other'; do
	same_as_sshd "$line" bash -c "cd '$tmp' && echo '$line' |
	    timeout 300 sftp -q -b - -F '$SG_SSH_CONFIG' @"
done
