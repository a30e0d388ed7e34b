#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: one credential has so many connections at once and no more, and is told
# which limit that is; others get in meanwhile.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$(dirname "$0")/lib-settings.sh"
needs_product 'limits of a credential'

# stay HOST: a connection that is logged in, until the end.
stay()
{
	mkfifo "$tmp/stay-$n"
	sg_ssh "$1" 'echo in; cat' <"$tmp/stay-$n" >"$tmp/in-$n" 2>&1 &
	exec {fd}>"$tmp/stay-$n"
	sg_wait_for test -s "$tmp/in-$n"
	assert_eq "connection $n" "$(cat "$tmp/in-$n")" in
	n=$((n + 1))
}

n=0
settings '[gateway]
max_connections_per_sandbox = 3
max_connections_per_credential = 5'
stay sandbox
stay sandbox
stay sandbox
assert_eq 'one more' "$(status_of sg_ssh sandbox true 2>"$tmp/err")" 255
assert_match 'one more' "$(cat "$tmp/err")" \
    'too many connections by this credential: 3 to one sandbox at once .*max_connections_per_sandbox'
assert_eq 'another credential' "$(sg_ssh -i "$SG_DIR/rsa" \
    -o IdentityFile="$SG_DIR/rsa" bare echo in)" in
assert_eq 'the API' "$(sg exec "$SG_SANDBOX" -- echo in)" in

# In all sandboxes together.
stay other
stay other
assert_eq 'in all' "$(status_of sg_ssh other true 2>"$tmp/err")" 255
assert_match 'in all' "$(cat "$tmp/err")" \
    'too many .*: 5 at once .*max_connections_per_credential'
assert_match 'new' "$(sg_ssh -l new bare -i "$SG_KEY" true 2>&1 || true)" \
    'too many connections'
assert_match 'recorded' "$(tail -n 5 "$SG_LOG/audit.log")" login_crowded

# Who leaves makes room.
exec {fd}>&-
sg_wait_for sg_ssh other true || fail 'no room again'
