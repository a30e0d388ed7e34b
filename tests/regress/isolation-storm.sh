#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: while one sandbox takes all it gets of everything at once, for a minute,
# others are made and used, and the host keeps what is its own. Times are told,
# not tested.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

seconds=${SG_SECONDS:-60}

# exec_us: of one command in another sandbox; it must succeed.
exec_us()
{
	local start=${EPOCHREALTIME/./}

	assert_eq "exec: $1" "$(sg exec "$SG_OTHER" -- echo yes 2>&1)" yes
	echo $((${EPOCHREALTIME/./} - start)) >>"$tmp/$1"
}

# p99 FILE: of its numbers.
p99()
{
	sort -n "$1" | awk '{ a[NR] = $1 } END {
		printf "%d us of %d", a[int((NR * 99 + 99) / 100)], NR }'
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

declare -A most=([memory]=0 [processes]=0 [terminals]=0 ['open files']=0
    ['socket buffers']=0 [connections]=0)
for _ in {1..50}; do
	exec_us quiet
done
storm=$(sg create --name storm 2>"$tmp/err") || fail "$(cat "$tmp/err")"
at_exit 'sg destroy "$storm"'
program=$(printf '%q' "$(cat "$here/takes.py")")
sg_ssh -l "$storm+root" root "python3 -c $program storm $seconds" \
    >"$tmp/storm" 2>"$tmp/storm.err" </dev/null &
taker=$!
n_made=0
while kill -0 "$taker" 2>/dev/null; do
	for _ in 1 2 3 4 5; do
		exec_us stormy
	done
	id=$(sg create 2>"$tmp/err" </dev/null) || fail "create: $(cat "$tmp/err")"
	assert_eq 'in the new one' "$(sg exec "$id" -- echo new)" new
	sg destroy "$id"
	n_made=$((n_made + 1))
	assert_reserves
done
wait "$taker" || fail "the storm ended: $(tail -n 3 "$tmp/storm.err")"
cat "$tmp/storm"
for name in "${!most[@]}"; do
	echo "at most in use on the host: $name ${most[$name]}"
done
echo "made meanwhile: $n_made; exec p99: quiet $(p99 "$tmp/quiet")," \
    "in the storm $(p99 "$tmp/stormy")"
[ "$n_made" -gt 0 ] || fail 'none was made meanwhile'

# And it is over: nothing of what it took is left.
assert_eq 'afterwards' "$(sg exec "$storm" -- echo over)" over
