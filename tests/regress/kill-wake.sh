#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: what was told to run goes on under the next sandboxd: a wake is answered once
# its row is written, which somebody else's lock of the registry holds up here.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

# lock_registry SECONDS: or until "over"; sandboxd waits for 5 s. No row is
# written from "held" to "free".
lock_registry()
{
	rm -f "$tmp/held" "$tmp/over" "$tmp/free"
	python3 - "$SG_STATE/registry.db" "$tmp" "$1" <<-'END' &
	import pathlib, sqlite3, sys, time
	here = pathlib.Path(sys.argv[2])
	registry = sqlite3.connect(sys.argv[1], timeout=20)
	registry.execute('BEGIN IMMEDIATE')
	end = time.monotonic() + float(sys.argv[3])
	(here / 'held').touch()
	while time.monotonic() < end and not (here / 'over').exists():
	    time.sleep(0.05)
	(here / 'free').touch()
	registry.rollback()
	END
	lock=$!
	sg_wait_for test -e "$tmp/held" || fail 'the registry is not locked'
}
# Whether it was free when the answer came.
wake()
{
	sg exec "$id" -- true 2>"$tmp/error" || return
	if [ -e "$tmp/free" ]; then
		echo saved
	else
		echo unsaved
	fi
}
state() { sg get "$id" --json | jq -r .state; }

remember
id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id" 2>/dev/null'
sg stop "$id"
lock_registry 2
assert_eq 'woken while the registry was' "$(wake)" saved
wait "$lock"

# Killed while it waits for that. A slow host may be too late for it.
is_asked() { [ "$(sg get "$id" --json | jq -r .power_state.phase)" != stable ]; }
for _ in 1 2 3 4 5 6; do
	sg stop "$id"
	lock_registry 4.5
	wake >"$tmp/woken" &
	waking=$!
	until is_asked || [ -e "$tmp/free" ]; do :; done
	kill_hard "$(sg_pid sandboxd)"
	is_late=no
	[ ! -e "$tmp/free" ] || is_late=yes
	touch "$tmp/over"
	wait "$lock"
	wait "$waking" || true
	sg_start sandboxd
	sg_wait_api || fail 'the API does not answer'
	[ "$is_late" = yes ] || break
done
assert_eq 'too late' "$is_late" no
assert_eq 'answered before' "$(cat "$tmp/woken")" ''
assert_eq 'what nobody was told of' "$(state)" suspended
assert_eq 'another' "$(sg exec "$id" -- echo up)" up
pid=$(sg_pid sandboxd)
kill_hard "$pid"
sg_start sandboxd
sg_wait_api || fail 'the API does not answer'
assert_eq 'what somebody was told of' "$(state)" running
sg destroy "$id"
all_is_well
