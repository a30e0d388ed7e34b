#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #7: who may use the API's socket is decided by the groups the kernel noted as
# the peer connected, whatever the host's user database says, or takes to say.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

socket=$SG_RUN/api.sock
group=$(stat -c %g "$socket")
assert_eq 'its group' "$group" "$(getent group sandgate | cut -d: -f3)"
# One whom the user database does not know.
as()
{
	local status=0

	setpriv --reuid 54321 "$@" "$BUILD/bin/sandgate" --socket "$socket" \
	    list --json >"$tmp/out" 2>&1 || status=$?
	echo "$status"
}
assert_eq 'a member' "$(as --regid 54321 --groups "$group")" 0
grep -qF "$SG_SANDBOX" "$tmp/out" || fail 'lists nothing'
assert_eq 'by the primary group' "$(as --regid "$group" --clear-groups)" 0
many=$(seq -s, 60001 63000)
assert_eq 'of 3001 groups the last' \
    "$(as --regid 54321 --groups "$many,$group")" 0

# Nobody else even connects; where somebody does, the broker says no.
assert_eq 'no member' "$(as --regid 54321 --groups "$many")" 1
chmod 0666 "$socket"
at_exit 'chmod 0660 "$socket"'
for groups in --clear-groups "--groups=$many"; do
	assert_eq "refused, $groups" "$(as --regid 54321 "$groups")" 1
	assert_match 'its words' "$(cat "$tmp/out")" \
	    'user 54321 is neither root nor in group sandgate'
done
