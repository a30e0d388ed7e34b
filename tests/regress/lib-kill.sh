# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# What must survive the death of a daemon, for the scripts kill-*.sh.
SG_TIMEOUT=200

# A shell on a terminal and an upload, both under way.
work_begin()
{
	random_file $((48 << 20)) "$tmp/upload"
	mkfifo "$tmp/keys"
	sg_ssh -tt sandbox <"$tmp/keys" >"$tmp/screen" 2>&1 &
	shell=$!
	exec 7>"$tmp/keys"
	echo "echo before-\$((40 + 2))" >&7
	sg_wait_for grep -q before-42 "$tmp/screen" || fail 'no shell'
	# Slow enough to be under way for a few seconds.
	SG_TIMEOUT=600 sg_scp -l 20000 "$tmp/upload" sandbox:kill-upload &
	upload=$!
	sg_wait_for sg_ssh sandbox test -s kill-upload || fail 'no upload'
	sg_is_alive "$upload" || fail 'the upload was over too soon'
}

# Both still go on, and end well.
work_end()
{
	echo "echo after-\$((50 + 5))" >&7
	sg_wait_for grep -q after-55 "$tmp/screen" || fail 'the shell is gone'
	wait "$upload" || fail "the upload failed: $?"
	# A gateway that was started just now may not listen yet.
	sg_wait_for sg_ssh sandbox true || fail 'no login'
	assert_eq 'upload' "$(sg_ssh sandbox cat kill-upload | sha)" \
	    "$(sha <"$tmp/upload")"
	echo 'exit 7' >&7
	status=0
	wait "$shell" || status=$?
	assert_eq "the shell's exit code" "$status" 7
	sg_ssh sandbox rm -f kill-upload
}

# kill_hard PID...: SIGKILL, and they are gone.
kill_hard()
{
	local pid

	kill -KILL "$@"
	for pid in "$@"; do
		sg_wait_for sg_is_dead "$pid" || fail "$pid lives on"
	done
}

# Those that end by nobody's being there may be of an earlier test.
lasting()
{
	sg list --json | jq '.sandboxes |= map(select(.mode != "ephemeral"))' |
	    sg_ids | sort
}

# Everything is listed and reachable, and a sandbox made before and one made
# now can be destroyed without a trace.
all_is_well()
{
	local id fresh

	sg_wait_api || fail 'the API does not answer after the restart'
	lasting >"$tmp/lasting"
	diff "$tmp/lasting.before" "$tmp/lasting" || fail 'other sandboxes listed'
	for id in $(cat "$tmp/lasting"); do
		assert_eq "$id" "$(sg exec "$id" -- echo reachable)" reachable
	done
	fresh=$(sg create 2>/dev/null)
	assert_eq 'a new one' "$(sg exec "$fresh" -- echo new)" new
	sg destroy "$fresh" "$old"
	for id in "$fresh" "$old"; do
		if sg_inventory | grep -F "$id"; then
			fail "left of $id"
		fi
	done
	# Of another test's, some may have ended meanwhile.
	links >"$tmp/links"
	assert_eq 'new links' "$(comm -13 "$tmp/links.before" "$tmp/links")" ''
	! grep -qx "link $old_link" "$tmp/links" || fail "left: link $old_link"
}

links()
{
	sg_inventory | grep '^link' | sort
}

remember()
{
	old=$(sg create 2>/dev/null)
	at_exit 'sg destroy "$old"'
	sg list --json | sg_ids | sort >"$tmp/listed.before"
	lasting >"$tmp/lasting.before"
	links >"$tmp/links.before"
	old_link=$(ip -o route get "$(sg get "$old" --json | jq -r .address)" |
	    sed -n 's/.* dev \([^ ]*\).*/\1/p')
	grep -qx "link $old_link" "$tmp/links.before" || fail "no link: $old_link"
}

gateway_child()
{
	sg_children "$(sg_pid gateway)" "$1"
}

another_gateway_child()
{
	local now

	now=$(gateway_child "$1")
	[ -n "$now" ] && [ "$now" != "$2" ]
}
