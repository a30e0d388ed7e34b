#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: what its time has cleaned has its disk, its name and its settings, and who
# comes has it back, as often as that happens; its events say what befell it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product lives

id=$(sg create --name cleaned --env KEPT=yes 2>/dev/null)
at_exit 'sg destroy "$id"'
field() { sg get "$id" --json | jq -r ".$1"; }
is() { [ "$(field state)" = "$1" ]; }
# Each way that may have it go on; each time every file is as it was.
ways=(ssh exec sftp wake)
come()
{
	case $1 in
	ssh)	sg_ssh -l "$id" sandbox true ;;
	exec)	sg exec "$id" -- true ;;
	sftp)	echo 'ls sums' | sg_sftp -o User="$id" sandbox >/dev/null ;;
	wake)	sg wake "$id" ;;
	esac
}
n=0
for way in "${ways[@]}"; do
	n=$((n + 1))
	sg exec "$id" -- sh -c "head -c 2000000 /dev/urandom >file$n
	    sha256sum file* >sums; sleep 1000 >/dev/null 2>&1 &"
	sg set "$id" --ttl 1s --on-expiry clean >/dev/null
	sg_wait_for is cleaned || fail "round $n: $(field state)"
	assert_eq "round $n: observed" "$(field power_state.observed)" cleaned
	sg set "$id" --ttl 0 >/dev/null
	come "$way" || fail "$way does not have it back"
	assert_eq "$way: state" "$(field state)" running
	assert_eq "$way: files, name and variables" "$(sg exec "$id" -- sh -c \
	    'sha256sum --quiet -c sums && echo $KEPT') $(field name)" 'yes cleaned'
	assert_eq "$way: its processes are gone" "$(sg exec "$id" -- \
	    pgrep -cx sleep || true)" 0
done
kinds=$(sg events "$id" --json | jq -r .kind)
for kind in expired cleaned woken; do
	assert_eq "$kind" "$(grep -cx "$kind" <<<"$kinds")" "$n"
done
