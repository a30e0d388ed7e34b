#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 9: somebody sets the host's clock, a day on, two back: no ttl, hard_ttl,
# idle_timeout or pause_keep is over sooner or later for that, while sandboxd
# runs or while it is away.
. "$(dirname "$0")/instance.sh"
preload=$build/tests/libwall-clock.so
[ -e "$preload" ] || { echo "no $preload"; exit 77; }
ahead=$work/ahead
cat >"$work/sandboxd" <<END
#!/bin/sh
export WALL_CLOCK=$ahead LD_PRELOAD=$preload
export ASAN_OPTIONS=verify_asan_link_order=0
exec $sandboxd "\$@"
END
chmod +x "$work/sandboxd"
sandboxd=$work/sandboxd
DAY=86400
wall() { echo "$1" >"$ahead.new"; mv "$ahead.new" "$ahead"; }
state() { rpc times "$1" | cut -d' ' -f1; }
now() { date +%s%3N; }
# running LATER ID...: each, for that many ms after they were made.
made=0
running() {
	until=$((made + $1))
	shift
	while [ "$(now)" -lt "$until" ]; do
		for id; do
			is=$(state "$id")
			[ "$is" = running ] || [ "$(now)" -ge "$until" ] ||
				fail "$id is $is $(($(now) - made)) ms after it was made"
		done
		sleep 0.1
	done
}
# becomes STATE ID BY: so many ms after it was made; the minute more is the
# machine's, which others use.
becomes() {
	while [ "$(state "$2")" != "$1" ]; do
		[ "$(now)" -lt $((made + $3 + 60000)) ] ||
			fail "$2 is $(state "$2"), not $1, $(($(now) - made)) ms after it was made"
		sleep 0.05
	done
}

# is_ahead SECONDS: what sandboxd takes for the time of day, within an hour.
is_ahead() {
	probe=$(create ttl=3600 expiry=destroy)
	off=$(($(rpc times "$probe" | cut -d' ' -f2) / 1000 - $(date +%s) - $1))
	rpc destroy "$probe"
	[ "$off" -ge 0 ] && [ "$off" -le 7200 ] ||
		fail "sandboxd's clock is $off s beside the one it was given"
}

wall 0
configure suspend_grace=1 pause_keep=4
start
# Each time is from the last create on: those before are due no sooner.
for jump in $DAY -$((2 * DAY)) 0; do
	hard=$(create hard=5)
	idle=$(create idle=5)
	gone=$(create ttl=5 expiry=destroy)
	soft=$(create ttl=5)
	made=$(now)
	first=$made
	wall "$jump"
	running 2500 "$soft"
	becomes paused "$soft" 5000
	becomes cleaned "$hard" 5000
	becomes suspended "$idle" 5000
	while rpc get "$gone" >/dev/null 2>&1; do
		[ "$(now)" -lt $((made + 65000)) ] || fail "$gone is still there"
		sleep 0.05
	done
	# Paused for pause_keep, and no shorter.
	made=$(now)
	rpc resume "$soft" >/dev/null
	rpc pause "$soft" >/dev/null
	wall $((jump + DAY))
	sleep 1
	[ "$(state "$soft")" = paused ] || [ "$(now)" -ge $((made + 4000)) ] ||
		fail "$soft is $(state "$soft") a second after its pause"
	is_ahead $((jump + DAY))
	becomes suspended "$soft" 4000
	[ "$(now)" -ge $((made + 4000)) ] || fail "suspended before pause_keep"
	echo "jump of $jump s: as it should be, in $(($(now) - first)) ms"
done

# While nobody looks.
for jump in $DAY -$DAY; do
	before=$(now)
	soft=$(create ttl=8)
	made=$(now)
	stop KILL
	wall "$jump"
	start
	is_ahead "$jump"
	running 4000 "$soft"
	becomes paused "$soft" 8000
	[ "$(now)" -ge $((before + 8000 - 500)) ] || fail "early"
done
for id in $(rpc list | cut -d' ' -f1); do rpc destroy "$id"; done
check "" "$(remains)" remains
echo passed
