#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: who may not create is refused as ever; who may is told what is wrong.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-new.sh
. "$here/lib-new.sh"
needs_product 'create on connect'

sg list --json | sg_ids | sort >"$tmp/before"
same_list()
{
	sg list --json | sg_ids | sort | diff "$tmp/before" - ||
	    fail "$1: a sandbox was made"
}
ssh-keygen -q -t ed25519 -N '' -f "$tmp/wrong"
wanted=$(login "$SG_SANDBOX" -i "$tmp/wrong")
for user in new new+base new+nosuch new+keep+root; do
	assert_eq "wrong key, $user" "$(login "$user" -i "$tmp/wrong")" \
	    "$wanted"
	assert_eq "no key, $user" "$(login "$user" \
	    -o PubkeyAuthentication=no)" "$wanted"
done
for user in new+ new+a+b new+keep+keep new+root+root news 'new+!'; do
	got=$(login "$user" -i "$SG_KEY")
	assert_match "no such name: $user" "$got" 'Permission denied.*exit 255'
done

# A key for one sandbox makes no other.
ssh-keygen -q -t ed25519 -N '' -f "$tmp/scoped"
curl -sS --unix-socket "$SG_RUN/api.sock" -H 'Content-Type: application/json' \
    -d "{\"public_key\":\"$(cat "$tmp/scoped.pub")\"}" \
    "http://localhost/v1/sandboxes/$SG_SANDBOX/ssh-access" >/dev/null
assert_eq 'good for its own' "$(login "$SG_SANDBOX" -i "$tmp/scoped")" \
    $'\nexit 0'
assert_eq 'for no new one' "$(login new -i "$tmp/scoped")" "$wanted"
same_list 'refused'

# An offered key, which is never followed by a signature, makes nothing.
timeout 300 ssh -F "$SG_SSH_CONFIG" -l new -o IdentitiesOnly=yes \
    -i "$SG_KEY.pub" bare true 2>/dev/null && fail 'let in by a public key'
same_list 'offered'

# Who is known is told why there is none.
for user in new+nosuch new+nosuch+root+keep; do
	assert_match "$user" "$(login "$user" -i "$SG_KEY")" \
	    'no sandbox was made: template: there is no "nosuch".*exit 255'
done
same_list 'no such template'
token=$(new_token new-refused)
at_exit 'sg token revoke "$(token_id new-refused)"'
assert_match 'a token will do' "$(secret_login new "$token")" \
    'sb_[0-9a-z]{12}: USER, from template base; ends.*exit 0'
