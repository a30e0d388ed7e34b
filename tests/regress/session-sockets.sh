#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a session's sockets open nothing but its own sandbox.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$here/lib-session.sh"
needs_product sessions

tool=$BUILD/tests/stolen-sockets
[ -x "$tool" ] || skip "no $tool"
ask()
{
	session_begin sandbox
	cut -d' ' -f2 "$SG_KEY.pub" | base64 -d |
	    timeout 300 "$tool" "$session" "$@" >"$tmp/answers" 2>&1
	tail -n 1 "$tmp/answers"
}
# That the tool can ask at all: a session may look at its own sandbox.
assert_eq 'its own, unnamed' "$(ask get '')" worked
cat "$tmp/answers"
assert_eq 'its own, by name' "$(ask get "$SG_SANDBOX")" worked
# And that what is refused below is there to be had by who may: root asks
# sandboxd itself.
"$BUILD/tests/sandboxd-client" "$SG_RUN/sandboxd.sock" get elsewhere \
    "$SG_FOREIGN" || fail 'the control does not work'

refused()
{
	assert_eq "$*" "$(ask "$@")" refused
	echo "$*: $(tr '\n' ' ' <"$tmp/answers")"
}
for id in "$SG_OTHER" "$SG_FOREIGN" sb_000000000000000; do
	refused get "$id"
	refused attach "$id"
	refused destroy "$id"
	refused cap-open "$id"
	refused cap-end default
	refused auth-secret "$id"
	# It knows this user's public key, though it cannot sign with it.
	refused auth-publickey "$id"
done
refused destroy "$SG_SANDBOX"
refused create
refused cap-open ''
refused token-create
refused lobby-run
refused api-auth-token
refused record-open
refused recording-get x
refused org-set
refused org-remove default
refused user-add
refused init-setup
# Nothing of that harmed anybody.
for host in sandbox other; do
	assert_eq "$host" "$(sg_ssh $host echo alive)" alive
done
