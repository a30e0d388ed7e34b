#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: sandboxd, or a worker of it, killed while it copies a disk: nothing is
# half there, and the source goes on, never left standing still.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
inside() { SG_TIMEOUT=120 sg_ssh -l "$old" sandbox "$@"; }
inside 'head -c 64M /dev/urandom >data; setsid bash -c "n=0
    while :; do n=\$((n + 1)); echo \$n >counter.new; mv counter.new counter
	sleep 0.02; done" >/dev/null 2>&1 </dev/null &'
workers()
{
	sg_children "$(sg_pid sandboxd)" sandboxd-worker
	sg_children "$(sg_pid sandboxd)" sandboxd-slow
}
goes_on()
{
	local before

	assert_eq 'state' "$(sg get "$old" --json | jq -r .state)" running
	before=$(inside cat counter)
	sg_wait_for eval "[ \"\$(inside cat counter)\" != '$before' ]" ||
	    fail 'the source stands still'
}

for n in {1..4}; do
	# So that there is something to write out.
	inside 'head -c 3M /dev/urandom >more'
	sg fork "$old" >"$tmp/forked$n" 2>/dev/null &
	fork=$!
	sleep "0.0$n"
	if [ $((n % 2)) = 0 ]; then
		# shellcheck disable=SC2046
		kill_hard $(workers)
	else
		kill_hard "$(sg_pid sandboxd)"
		sg_start sandboxd
	fi
	wait "$fork" || true
	sg_wait_api
	goes_on
	id=$(cat "$tmp/forked$n")
	[ -z "$id" ] || sg destroy "$id"
done
for id in $(sg list --json | sg_ids | sort | comm -13 "$tmp/listed.before" -); do
	sg destroy "$id" || fail "$id cannot be destroyed"
done
assert_eq 'marks' "$(find "$SG_RUN/init" -name '*.still')" ''
assert_eq 'disks' "$(find "$SG_STATE/disks" -mindepth 1 -maxdepth 1 -name 'sb_*' \
    -printf '%f\n' | sort)" "$(sg list --json --org default | sg_ids |
    cat - <(sg list --org elsewhere --json | sg_ids) | sort)"
all_is_well
