#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: scp's failures read and return as with sshd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

echo text >"$tmp/file"
mkdir "$tmp/folder"
at_exit 'sg_ssh sandbox rm -rf scp-errors'
sg_ssh sandbox 'mkdir -p scp-errors/dir'
at_exit 'sg_ssh ref rm -rf scp-errors'
sg_ssh ref 'mkdir -p scp-errors/dir'
for mode in -O -s; do
	same_as_sshd "$mode: no such file" sg_scp $mode @:scp-errors/none \
	    "$tmp/none"
	same_as_sshd "$mode: a directory without -r" sg_scp $mode \
	    @:scp-errors/dir "$tmp/none"
	same_as_sshd "$mode: not permitted" sg_scp $mode "$tmp/file" \
	    @:/etc/scp-refused
	same_as_sshd "$mode: not permitted, a folder" sg_scp $mode \
	    "$tmp/file" @:/etc/
	same_as_sshd "$mode: no such folder" sg_scp $mode "$tmp/file" \
	    @:scp-errors/none/file
	same_as_sshd "$mode: a file where a folder must be" sg_scp $mode \
	    "$tmp/file" "$tmp/file" @:/etc/hostname
	same_as_sshd "$mode: unreadable" sg_scp $mode @:/etc/shadow "$tmp/none"
done
# Writing takes the set-id bits from a file, and scp does not put them back.
chmod 4755 "$tmp/file"
for mode in -O -s; do
	same_as_sshd "$mode: set-id" bash -c "scp -qp $mode -F \
	    '$SG_SSH_CONFIG' '$tmp/file' @:scp-errors/id$mode &&
	    ssh -F '$SG_SSH_CONFIG' @ stat -c %a scp-errors/id$mode"
done
[ ! -e "$tmp/none" ] || fail 'something was copied'
