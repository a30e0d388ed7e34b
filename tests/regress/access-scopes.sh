#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: what each scope leaves: shell, exec, files, forwards, root.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product scopes

words='This service allows sftp connections only.'
echo inside >"$tmp/file"
sg_ssh sandbox 'echo there >/tmp/scope-there'
# as SCOPE COMMAND...: the command with a token of that scope; @ is the host.
as()
{
	local scope=$1 status=0

	shift
	SSHPASS=$(sg ssh-token "$SG_SANDBOX" --ttl 5m \
	    ${scope:+--${scope//,/ --}} 2>/dev/null)
	export SSHPASS
	timeout 300 sshpass -e "$1" -F "$SG_SSH_CONFIG" \
	    -o PubkeyAuthentication=no -o PreferredAuthentications=password \
	    -o NumberOfPasswordPrompts=1 "${@:2}" >"$tmp/out" 2>"$tmp/err" \
	    </dev/null || status=$?
	echo "exit $status $(tr -d '\r' <"$tmp/err" | tail -1)"
}
# The control: a token without a scope may all of it.
assert_eq 'exec' "$(as '' ssh bare cat /tmp/scope-there)" 'exit 0 '
assert_eq 'put' "$(as '' scp "$tmp/file" bare:/tmp/scope-put)" 'exit 0 '
assert_eq 'root' "$(as '' ssh -l "$SG_SANDBOX+root" bare true)" 'exit 0 '
for scope in sftp-only read-only sftp-only,no-forward; do
	assert_eq "$scope: exec" "$(as $scope ssh bare true)" "exit 1 $words"
	assert_eq "$scope: shell" "$(as $scope ssh -T bare)" "exit 1 $words"
	as $scope ssh -tt bare >"$tmp/tty"
	assert_eq "$scope: shell, terminal" "$(tr -d '\r' <"$tmp/out")" ''
	assert_eq "$scope: its words" "$(cat "$tmp/tty")" "exit 1 $words"
	assert_match "$scope: scp -O" "$(as $scope scp -O "$tmp/file" \
	    bare:/tmp/scope-put)" '^exit [1-9].*lost connection'
	assert_eq "$scope: get" "$(as $scope scp bare:/tmp/scope-there \
	    "$tmp/got")" 'exit 0 '
	assert_eq "$scope: what was got" "$(cat "$tmp/got")" there
	assert_match "$scope: root" "$(as $scope scp \
	    -o User="$SG_SANDBOX+root" bare:/tmp/scope-there "$tmp/got")" \
	    '^exit 255'
done
for scope in sftp-only read-only no-forward; do
	assert_match "$scope: -W" "$(as $scope ssh -W localhost:22 bare)" \
	    '^exit 255 .*stdio forwarding failed'
done
assert_eq 'put' "$(as sftp-only scp "$tmp/file" bare:/tmp/scope-put)" 'exit 0 '
assert_match 'no put' "$(as read-only scp "$tmp/file" bare:/tmp/scope-put
    cat "$tmp/err")" '^exit 1 .*"/tmp/scope-put": Permission denied'
assert_eq 'a shell without forwards' "$(as no-forward ssh -tt bare true)" \
    'exit 0 '
assert_eq 'no agent' "$(as no-forward ssh -A bare \
    'exec test -z "$SSH_AUTH_SOCK"')" 'exit 0 '
assert_eq 'root without forwards' "$(as no-forward ssh \
    -l "$SG_SANDBOX+root" bare id -un; cat "$tmp/out")" $'exit 0 \nroot'
