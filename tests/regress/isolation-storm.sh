#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: while one sandbox takes all it gets of everything at once, others are made
# and used, and the host keeps what is its own. How long they wait is told, and
# judged where SG_JUDGE says that nothing else runs here: then it is a minute,
# which the 99th of 100 of what they wait needs.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

seconds=${SG_SECONDS:-${SG_JUDGE:+60}}
seconds=${seconds:-20}
execs=40 # of a turn, in the storm and without

# exec_us FILE: of one command in another organisation's; it must succeed.
exec_us()
{
	local start=${EPOCHREALTIME/./}

	assert_eq "exec: $1" "$(sg --org elsewhere --user stranger exec \
	    "$SG_FOREIGN" -- echo yes 2>&1)" yes
	echo $((${EPOCHREALTIME/./} - start)) >>"$tmp/$1"
}

# percent FILE P: of its numbers.
percent()
{
	sort -n "$1" | awk -v p="$2" '{ a[NR] = $1 } END {
		print a[int((NR * p + 99) / 100)] }'
}

# The host keeps an eighth of memory and processes, and some of all else.
assert_reserves()
{
	sg status --json >"$tmp/status" || fail 'no status'
	jq -r '.sandboxd.resources[] | select(.bound > 0) | select(.used >
	    if .name == "memory" or .name == "processes" then .bound * 7 / 8
	    else .bound * 9 / 10 end) | "\(.name): \(.used) of \(.bound)"' \
	    <"$tmp/status" >"$tmp/over"
	[ ! -s "$tmp/over" ] || fail "$(cat "$tmp/over")"
	for name in "${!most[@]}"; do
		used=$(jq --arg name "$name" '.sandboxd.resources[] |
		    select(.name == $name) | .used' <"$tmp/status")
		[ "$used" -le "${most[$name]}" ] || most[$name]=$used
	done
}

# api_us FILE: of one of the same, over the API, by a client that stays connected
# and costs little itself: so much of the time is the product's own.
api_us()
{
	"$BUILD/tests/api-load" "$SG_RUN/api.sock" 1 1 exec "$SG_OTHER" |
	    sed 's/.*p50_us=\([0-9]*\) .*p99_us=\([0-9]*\) .*/\1 \2/' >>"$tmp/$1"
}

# What the rest of this machine does comes and goes: so quiet and storm take
# turns, the storm being paused in the one.
turn()
{
	local id n

	sg pause "$storm" >/dev/null
	for ((n = 0; n < execs; n++)); do
		exec_us quiet
	done
	api_us api.quiet
	sg resume "$storm" >/dev/null
	for ((n = 0; n < execs; n++)); do
		exec_us stormy
	done
	api_us api.stormy
	id=$(sg create 2>"$tmp/err" </dev/null) || fail "create: $(cat "$tmp/err")"
	assert_eq 'in the new one' "$(sg exec "$id" -- echo new)" new
	sg destroy "$id"
	n_made=$((n_made + 1))
	assert_reserves
}

# storm_for: so long of it, and as long of being paused in between.
storm_for()
{
	local taker

	rm -f "$tmp/quiet" "$tmp/stormy" "$tmp/storm" "$tmp"/api.*
	n_made=0
	sg_ssh -l "$storm+root" root \
	    "echo begins; python3 -c $program storm $((seconds * 2))" \
	    >"$tmp/storm" 2>"$tmp/storm.err" </dev/null &
	taker=$!
	# A login would resume what is paused.
	sg_wait_for test -s "$tmp/storm" || fail "$(cat "$tmp/storm.err")"
	while kill -0 "$taker" 2>/dev/null; do
		turn
	done
	wait "$taker" || fail "the storm ended: $(tail -n 3 "$tmp/storm.err")"
	cat "$tmp/storm"
	[ "$n_made" -gt 0 ] || fail 'none was made meanwhile'
}

# is_unharmed: tells both times; whether the one is at most twice the other.
is_unharmed()
{
	local p quiet stormy

	echo "made meanwhile: $n_made; execs: $(wc -l <"$tmp/stormy") each"
	for p in 50 99; do
		quiet=$(percent "$tmp/quiet" $p)
		stormy=$(percent "$tmp/stormy" $p)
		echo "exec p$p, us: quiet $quiet, in the storm $stormy"
	done
	for p in 1 2; do
		echo "API exec p$((p * 49 + 1)), us, of the middle turn:" \
		    "quiet $(cut -d' ' -f$p "$tmp/api.quiet" | percent - 50)," \
		    "in the storm $(cut -d' ' -f$p "$tmp/api.stormy" |
			percent - 50)"
	done
	[ "$stormy" -le $((quiet * 2)) ]
}

# With the share of CPUs that an installed host gives its sandboxes.
cp "$SG_CONF" "$tmp/conf"
restart_sandboxd()
{
	sg_stop sandboxd
	sg_start sandboxd
	sg_wait_api
}
at_exit 'cp "$tmp/conf" "$SG_CONF"; restart_sandboxd'
sed -i '/^cpu_weight/d' "$SG_CONF"
restart_sandboxd
declare -A most=([memory]=0 [processes]=0 [terminals]=0 ['open files']=0
    ['socket buffers']=0 [connections]=0)
storm=$(sg create --name storm 2>"$tmp/err") || fail "$(cat "$tmp/err")"
at_exit 'sg destroy "$storm"'
program=$(printf '%q' "$(cat "$here/takes.py")")
# Harm lasts; one moment of another program's does not come three times.
for try in 1 2 3; do
	storm_for
	! is_unharmed && [ -n "${SG_JUDGE-}" ] || break
	[ "$try" -lt 3 ] || fail 'the neighbour waits more than twice as long'
done
for name in "${!most[@]}"; do
	echo "at most in use on the host: $name ${most[$name]}"
done

# And it is over: nothing of what it took is left.
assert_eq 'afterwards' "$(sg exec "$storm" -- echo over)" over
