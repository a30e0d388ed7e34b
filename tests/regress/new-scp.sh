#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: scp, sftp and rsync to new@host: stdout stays clean, the id is on stderr.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-new.sh
. "$here/lib-new.sh"
needs_product 'create on connect'

random_file 3000000 "$tmp/file"

# check WHAT: the file is in the sandbox that was made, and goes with it.
check()
{
	local id

	id=$(new_id "$tmp/err" 'stays until it is destroyed')
	assert_eq "$1: stdout" "$(cat "$tmp/out")" "${2:-}"
	assert_eq "$1" "$(sg_ssh -l "$id" sandbox cat file | sha)" \
	    "$(sha <"$tmp/file")"
	sg destroy "$id"
}
sg_scp "$tmp/file" new+keep@sandbox: >"$tmp/out" 2>"$tmp/err"
check scp
sg_scp -O "$tmp/file" new+keep@sandbox: >"$tmp/out" 2>"$tmp/err"
check 'scp -O'
sg_sftp new+keep@sandbox <<<"put $tmp/file" >"$tmp/out" 2>"$tmp/err"
check sftp "sftp> put $tmp/file"
sg_ssh -l new+keep sandbox 'cat >file' <"$tmp/file" >"$tmp/out" 2>"$tmp/err"
check 'cat'

# Without +keep it works as well, and nothing stays.
sg_scp "$tmp/file" new@sandbox: 2>"$tmp/err"
assert_ends "$(new_id "$tmp/err")"
if sg exec "$SG_SANDBOX" -- sh -c 'command -v rsync' >/dev/null; then
	timeout 300 rsync -e "ssh -F $SG_SSH_CONFIG" "$tmp/file" \
	    new@sandbox: 2>"$tmp/err"
	assert_ends "$(new_id "$tmp/err")"
fi
# Bytes come out as they went in.
assert_eq 'both ways' "$(sg_ssh -l new sandbox cat <"$tmp/file" 2>"$tmp/err" |
    sha)" "$(sha <"$tmp/file")"
assert_ends "$(new_id "$tmp/err")"
