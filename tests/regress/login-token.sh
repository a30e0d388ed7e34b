#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a token is taken as password and keyboard-interactive answer.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'tokens'
token=$(new_token login-token)
at_exit 'sg token revoke "$(token_id login-token)"'
assert_match 'shape' "$token" '^sg_[A-Za-z0-9_-]{40,}$'
assert_eq 'password' "$(secret_login "$SG_SANDBOX" "$token")" $'\nexit 0'
assert_eq 'keyboard-interactive' "$(secret_login "$SG_SANDBOX" "$token" \
    -o PreferredAuthentications=keyboard-interactive)" $'\nexit 0'
# As ssh orders them by itself: sshpass types it where it sees "assword:".
assert_eq 'whatever comes first' "$(secret_login "$SG_SANDBOX" "$token" -o \
    PreferredAuthentications=publickey,keyboard-interactive,password)" \
    $'\nexit 0'
assert_eq 'as root' "$(secret_login "$SG_SANDBOX+root" "$token")" $'\nexit 0'
# Wrong, then right, in one connection.
with_pty "$SG_SANDBOX" "$token" <<'END'
for method in 'password', 'keyboard-interactive':
    client = pexpect.spawn(ssh + ' -l %s -o PubkeyAuthentication=no -o '
        'PreferredAuthentications=%s bare echo inside' % (sys.argv[1], method),
        timeout=120, encoding='utf-8')
    for secret in 'nonsense', sys.argv[2]:
        client.expect('[Pp]assword: ')
        client.sendline(secret)
    client.expect('inside')
    client.expect(pexpect.EOF)
END
# The store keeps no token in the clear, and shows none a second time.
grep -raqF "$token" "$SG_STATE/keys" && fail 'the token is stored in the clear'
grep -raqF "$token" "$SG_LOG" && fail 'the token is logged'
assert_eq 'the token is not listed' "$(sg token list --json |
    grep -cF "$token")" 0
# When it was used is written down a little later, off the login's path.
is_noted()
{
	[[ $(sg token list --json | jq -r '(.tokens? // .)[] |
	    select(.name == "login-token") | .last_used_at') == 20* ]]
}
sg_within 200 is_noted || fail 'its last use is not noted'
