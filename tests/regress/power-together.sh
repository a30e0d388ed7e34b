#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: many who come at once to a sandbox that does not run each wait and get
# what they came for; it is woken, or resumed, once.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product lives

id=$(sg create 2>/dev/null)
at_exit "sg destroy $id"
is() { [ "$(sg get "$id" --json | jq -r .state)" = "$1" ]; }
count() { sg events "$id" --kind "$1" --json | jq -r .kind | grep -cx "$1" || true; }
sg exec "$id" -- sh -c 'echo here >kept'

# come ROUND: eight, each with a file of its own for what it got.
come()
{
	local n

	for n in 1 2 3; do
		sg_ssh -l "$id" sandbox cat kept >"$tmp/$1-ssh-$n" 2>"$tmp/$1-words-ssh-$n" &
		pids+=($!)
		sg exec "$id" -- cat kept >"$tmp/$1-exec-$n" 2>"$tmp/$1-words-exec-$n" &
		pids+=($!)
	done
	for n in 1 2; do
		sg_sftp -o User="$id" sandbox <<<"get kept $tmp/$1-sftp-$n" \
		    >/dev/null 2>"$tmp/$1-words-sftp-$n" &
		pids+=($!)
	done
}

# together ROUND EVENT: all come, and are there.
together()
{
	local before pids=() pid file

	before=$(count "$2")
	come "$1"
	for pid in "${pids[@]}"; do
		wait "$pid" || fail "$1: one failed: $(cat "$tmp/$1-words-"*)"
	done
	for file in "$tmp/$1"-{ssh-{1,2,3},exec-{1,2,3},sftp-{1,2}}; do
		assert_eq "${file##*/}" "$(cat "$file")" here
	done
	assert_eq "$1: $2" "$(($(count "$2") - before))" 1
	is running || fail "$1: not running"
}

for round in 1 2; do
	sg stop "$id"
	is suspended || fail 'not suspended'
	together "suspended-$round" woken
	sg pause "$id"
	is paused || fail 'not paused'
	together "paused-$round" resumed
	sg set "$id" --ttl 1s --on-expiry clean >/dev/null
	sg_wait_for is cleaned || fail 'not cleaned'
	sg set "$id" --ttl never >/dev/null
	together "cleaned-$round" woken
done
