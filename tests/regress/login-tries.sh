#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: guessing on one connection ends after a few attempts.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'its own limit'
with_pty "$SG_SANDBOX" <<'END'
client = pexpect.spawn(ssh + ' -l %s -o PubkeyAuthentication=no -o '
    'NumberOfPasswordPrompts=20 -o PreferredAuthentications=password '
    'bare true' % sys.argv[1], timeout=120, encoding='utf-8')
tries = 0
while client.expect(['[Pp]assword: ', pexpect.EOF]) == 0:
    tries += 1
    client.sendline('sg_nonsense')
assert 3 <= tries <= 8, tries
assert 'Too many authentication failures' in client.before, client.before
END
# Many keys count as attempts too, as with sshd.
for n in {1..12}; do
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/key$n"
	keys+=(-i "$tmp/key$n")
done
assert_match 'twelve keys' "$(login "$SG_SANDBOX" "${keys[@]}")" \
    'Too many authentication failures.*exit 255'
