#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #7: a stranger makes root do nothing: 100 refused logins are no call to
# sandboxd, and one that is let in is one cap_open.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'calls to sandboxd'
/usr/bin/python3 -c 'import paramiko' || skip 'paramiko is not installed'

cp "$SG_CONF" "$tmp/conf"
restart_sandboxd()
{
	sg_stop sandboxd
	sg_start sandboxd
	# A login waits for the broker to know whose sandboxes are.
	assert_eq 'after a restart' "$(status_of sg_ssh sandbox true)" 0
}
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_sandboxd'
printf '[sandboxd]\nlog_level = debug\n' >>"$SG_CONF"
restart_sandboxd
calls()
{
	grep -c 'call=.* audit=' "$SG_LOG/sandboxd.log" || true
}
opened()
{
	grep -c 'call=cap_open ' "$SG_LOG/sandboxd.log" || true
}

good=$(new_token quiet-good)
at_exit 'sg token revoke "$(token_id quiet-good)"'
before=$(calls)
[ "$before" -gt 0 ] || fail 'calls are not logged'
/usr/bin/python3 - "$SG_FOREIGN" "$good" <<'END'
import os, sys
import paramiko

foreign, good = sys.argv[1:]
own, unknown = os.environ['SG_SANDBOX'], 'sb_000000000000'
keys = {name: paramiko.Ed25519Key.from_private_key_file(
    os.environ['SG_DIR'] + '/' + name) for name in ('user', 'wrong')}
tries = [(lambda t, user=user, key=key: t.auth_publickey(user, keys[key]))
    for user, key in ((own, 'wrong'), (unknown, 'user'), (foreign, 'user'),
    ('root', 'user'), ('new', 'wrong'), ('ctl', 'wrong'), ('new+', 'user'))]
tries += [(lambda t, user=user, secret=secret: t.auth_password(user, secret))
    for user, secret in ((own, 'sg_nonsense'), (unknown, good),
    (foreign, good))]
for n in range(10):
    for attempt in tries:
        transport = paramiko.Transport(('127.0.0.1', int(os.environ['SG_PORT'])))
        transport.start_client(timeout=20)
        try:
            attempt(transport)
            sys.exit('let in')
        except paramiko.AuthenticationException:
            pass
        transport.close()
END
assert_eq '100 refused logins' "$(calls)" "$before"
# These offer a key before they sign: what may come in there is only offered.
for user in sb_000000000000 "$SG_FOREIGN" root; do
	assert_match "offer to $user" "$(login "$user" -i "$SG_KEY")" 'exit 255'
done
assert_eq 'refused offers' "$(calls)" "$before"

opened=$(opened)
for with in user rsa; do
	sg_ssh -i "$SG_DIR/$with" -o IdentitiesOnly=yes sandbox true
done
assert_eq 'two logins by a key' "$(opened)" $((opened + 2))
assert_eq 'one by a token' "$(secret_login "$SG_SANDBOX" "$good")" $'\nexit 0'
assert_eq 'and its capability' "$(opened)" $((opened + 3))
assert_eq 'the lobby' "$(sg_ssh -l ctl sandbox version)" "$(sg version)"
