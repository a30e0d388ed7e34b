#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: a login that cannot be recorded is refused; a reserve keeps that off, no
# line is torn, and rotation loses none.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-settings.sh
. "$here/lib-settings.sh"
needs_product 'the audit log'

small=$SG_DIR/log-small log=$SG_DIR/log-small/audit.log
mkdir "$small"
mount -t tmpfs -o size=6m,mode=0755 tmpfs "$small"
cp "$SG_CONF" "$tmp/conf"
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_gateway; umount "$small"
    rmdir "$small"'
with_settings()
{
	sed "s,^log_dir = .*,log_dir = $small," "$tmp/conf" >"$SG_CONF"
	printf '[gateway]\n%s\n' "$1" >>"$SG_CONF"
	restart_gateway
}
fill()
{
	cat /dev/zero >"$small/fill" 2>/dev/null || true
}
logins()
{
	cat "$log" "$log".1 2>/dev/null | grep -c '"event":"login"' || true
}
all_is_whole()
{
	jq -es 'all(.[]; .event)' "$log" >/dev/null || fail 'a line is torn'
}
enters()
{
	status_of sg_ssh sandbox true 2>/dev/null
}
with_settings 'auth_failure_ms = 50'
assert_eq 'room' "$(enters)" 0
fill
# The second half of the reserve, which is for logins alone.
head -c 1200000 /dev/zero | tr '\0' '\n' >>"$log"
for n in 1 2 3 4 5; do
	assert_eq "of the reserve, $n" "$(enters)" 0
done
assert_eq 'all recorded' "$(logins)" 6
size=$(stat -c %s "$log")
for n in 1 2 3; do
	login "$SG_SANDBOX" -i "$SG_DIR/wrong" >/dev/null
done
assert_eq 'and no refusals' "$(stat -c %s "$log")" "$size"
grep -q 'audit log: .* make room' "$SG_LOG/gateway.log" || fail 'nobody told'

# Without a reserve, until the last page of the file is full.
truncate -s "$size" "$log"
fill
for ((entered = 0; entered < 40; entered++)); do
	[ "$(enters)" = 0 ] || break
done
[ "$entered" -lt 40 ] || fail 'let in with the disk full'
assert_eq 'refused' "$(enters)" 255
assert_eq 'as many as are recorded' "$(logins)" $((6 + entered))
all_is_whole

# Unless that is wanted; loudly.
with_settings 'audit_required = no'
assert_eq 'let in all the same' "$(enters)" 0
grep -q 'login .* NOT RECORDED' "$SG_LOG/gateway.log" || fail 'not loud'
with_settings 'audit_required = yes'
assert_eq 'refused again' "$(enters)" 255
rm "$small/fill"
assert_eq 'room again' "$(enters)" 0
before=$(logins)

# Rotated: into the old one while there is no new one, then into that.
mv "$log" "$log.1"
assert_eq 'renamed' "$(enters)" 0
install -o sandgate -g sandgate -m 0640 /dev/null "$log"
assert_eq 'a new one' "$(enters)" 0
assert_eq 'in it' "$(grep -c '"event":"login"' "$log")" 1
assert_eq 'none lost' "$(logins)" $((before + 2))
all_is_whole
