#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: whatever the reason, a refusal says the same.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

needs_product 'refusals of sandboxes'
unknown=sb_000000000000000
cases=("$SG_FOREIGN" "$unknown" "$unknown+root" root admin sandbox
    "${SG_SANDBOX}x" "${SG_SANDBOX%?}" "${SG_SANDBOX^^}" "$SG_SANDBOX+Other"
    "$SG_SANDBOX+root+root" "$SG_SANDBOX+" "+root" 'sb_' '../../etc/passwd'
    "sb_' OR '1'='1" '%s%s%n' '$(reboot)' 'a b' $'new\nline' $'\e[31mred'
    "$(printf 'sb_%0200d' 0)" "$(printf '%0850d' 0)" 'ünïcödé')

wanted=$(login "$SG_SANDBOX" -i "$SG_DIR/wrong")
assert_match 'wrong key' "$wanted" 'Permission denied.*exit 255'
assert_eq 'no key' "$(login "$SG_SANDBOX" -o PubkeyAuthentication=no)" "$wanted"
for user in "${cases[@]}"; do
	got=$(login "$user" -i "$SG_KEY")
	# Some names the client itself will not send.
	[[ $got != *'invalid characters'* ]] || continue
	printf '%s\n' "$got" | sed 's/^.*: Permission/USER@x: Permission/' \
	    >"$tmp/got"
	printf '%s\n' "$wanted" | sed 's/^.*: Permission/USER@x: Permission/' \
	    >"$tmp/wanted"
	diff "$tmp/wanted" <(tail -n 2 "$tmp/got") || fail "key, user '$user'"
done

good=$(new_token refused-good)
revoked=$(new_token refused-revoked)
expired=$(new_token refused-expired --ttl 1s)
assert_eq 'a good token' "$(secret_login "$SG_SANDBOX" "$good")" $'\nexit 0'
assert_eq 'before' "$(secret_login "$SG_SANDBOX" "$revoked")" $'\nexit 0'
sg token revoke "$(token_id refused-revoked)" >/dev/null
sleep 2
wanted=$(secret_login "$SG_SANDBOX" sg_nonsense)
assert_match 'nonsense' "$wanted" 'denied.*exit'
check()
{
	assert_eq "$1" "$(secret_login "$2" "$3")" "$wanted"
}
check 'revoked token' "$SG_SANDBOX" "$revoked"
check 'expired token' "$SG_SANDBOX" "$expired"
check 'foreign sandbox' "$SG_FOREIGN" "$good"
check 'unknown sandbox' "$unknown" "$good"
check 'no sandbox at all' root "$good"
check 'almost the token' "$SG_SANDBOX" "${good%?}_"
check 'a long secret' "$SG_SANDBOX" "$(printf '%0900d' 0)"
sg token revoke "$(token_id refused-good)" >/dev/null
