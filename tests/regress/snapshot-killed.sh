#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: sandboxd, or a worker of it, killed while it makes and removes snapshots:
# there is a row exactly where there is a disk.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
listed() { sg snapshot list --json | jq -r '.snapshots[].id' | sort; }
on_disk() { find "$SG_STATE/disks/.snapshots" -name 'sn_*' -printf '%f\n' | sort; }
agree() { [ "$(listed)" = "$(on_disk)" ]; }

kept=$(sg snapshot create "$old")
at_exit "sg snapshot rm $kept"
for n in {1..4}; do
	victim=$(sg snapshot create "$old")
	sg snapshot create "$old" >"$tmp/made$n" 2>/dev/null &
	make=$!
	sg snapshot rm "$victim" 2>/dev/null &
	remove=$!
	sleep "0.0$n"
	if [ $((n % 2)) = 0 ]; then
		# shellcheck disable=SC2046
		kill_hard $(sg_children "$(sg_pid sandboxd)" sandboxd-worker)
	else
		kill_hard "$(sg_pid sandboxd)"
		sg_start sandboxd
	fi
	wait "$make" || true
	wait "$remove" || true
	sg_wait_api
	sg_wait_for agree || fail "listed: $(listed), on disk: $(on_disk)"
	# What was acknowledged is there.
	[ ! -s "$tmp/made$n" ] || listed | grep -qxF -f "$tmp/made$n" ||
	    fail 'it was promised'
done
assert_eq 'kept' "$(sg snapshot show "$kept" --json | jq -r .id)" "$kept"
for id in $(listed); do
	[ "$id" = "$kept" ] || sg snapshot rm "$id"
done
assert_eq 'state' "$(sg get "$old" --json | jq -r .state)" running
all_is_well
