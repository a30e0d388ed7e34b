#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh ctl@host VERB does and says what the command line does and says.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the lobby'

ctl()
{
	sg_ssh -l ctl sandbox -- "$@"
}
# same WORDS...: both ways, with the same output, words and exit status.
same()
{
	local status=0

	ctl "${*@Q}" >"$tmp/ctl" 2>"$tmp/ctl.err" </dev/null || status=$?
	echo "exit $status" >>"$tmp/ctl"
	status=0
	sg "$@" >"$tmp/cli" 2>"$tmp/cli.err" </dev/null || status=$?
	echo "exit $status" >>"$tmp/cli"
	sed -i 's/[0-9]* [a-z]* ago/AGO/; s/now$/AGO/' "$tmp/cli" "$tmp/ctl"
	diff -u "$tmp/cli" "$tmp/ctl" || fail "$*: differs"
	diff -u "$tmp/cli.err" "$tmp/ctl.err" || fail "$*: stderr differs"
}
same list --json
same get "$SG_SANDBOX" --json
same --json get "$SG_OTHER"
same get sb_000000000000
same get
same get "$SG_FOREIGN"
same destroy
same destroy nonsense "it's"
same nosuch
same lst
same list --nosuch
same create --memory lots
same create --env 'A B=$x;|'
same create --name 'Not Valid'
same key list --json
same key add - --name 'two words'
same token list --json
same token revoke 999999
same create --help
same version
same version extra

id=$(ctl "create --name lobby --env 'WORDS=a  b'" 2>"$tmp/err")
assert_match 'id' "$id" '^sb_[0-9a-z]{12}$'
assert_eq 'how to get in' "$(cat "$tmp/err")" "ssh -p $SG_PORT $id@localhost"
assert_eq 'it is there' "$(sg exec "$id" -- 'echo "$WORDS"')" 'a  b'
assert_eq 'destroyed, quietly' "$(ctl destroy "$id" 2>&1)" ''
assert_match 'gone' "$(ctl kill "$id" 2>&1 || true)" 'is destroyed: destroyed by'
assert_eq 'not listed' "$(ctl list | grep -c "$id")" 0
assert_match 'remembered' "$(ctl get "$id")" 'destroyed by .* lobby'

# Paths are the client's, and it has to write them.
ctl ssh-config >"$tmp/config" 2>"$tmp/err"
assert_eq 'its folder' "$(grep -c ' "~/.ssh/s' "$tmp/config")" \
    "$(grep -cE 'KnownHosts|ControlPath' "$tmp/config")"
assert_match 'what to do' "$(cat "$tmp/err")" \
    '^Put into ~/.ssh/sandgate_known_hosts'
assert_eq 'no files' "$(status_of ctl ssh-config --write 2>/dev/null)" 2

ssh-keygen -q -t ed25519 -N '' -C lobby -f "$tmp/key"
number=$(ctl key add - <"$tmp/key.pub" 2>"$tmp/err")
assert_match 'stderr' "$(cat "$tmp/err")" '^ssh-ed25519 SHA256:'
assert_eq 'the key lets in' "$(sg_ssh -l ctl -i "$tmp/key" -o \
    IdentityFile=none bare version)" "$(sg version)"
assert_eq 'removed' "$(ctl key rm "$number"; ctl key list | grep -c lobby)" 0
