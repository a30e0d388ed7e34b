#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: one sandbox takes all it gets of each thing the host has one of, as
# "sandgate status" lists them; others are made, entered and used meanwhile.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

# More than a share is: what is taken must end at that.
most_of()
{
	case $1 in
	memory | 'socket buffers') echo $((1 << 40)) ;;
	'open files') echo 3000000 ;;
	neighbours) echo 200 ;;
	'inotify watches' | connections) echo 20000 ;;
	*) echo 100000 ;;
	esac
}

# resource NAME MEMBER: of the host's, now; no more than the shell can count to,
# which a host that was set up for sandboxes has of open files.
resource()
{
	sg status --json | jq -r --arg name "$1" --arg member "$2" \
	    '.sandboxd.resources[] | select(.name == $name) | .[$member] |
	    if . > 9000000000000000 then 9000000000000000 else . end'
}

# take NAME: in the greedy sandbox, until let_go.
take()
{
	mkfifo "$tmp/hold"
	# shellcheck disable=SC2024
	sg_ssh -l "$greedy+root" root "python3 -c $program ${1@Q} $(most_of "$1")" \
	    <"$tmp/hold" >"$tmp/taken" 2>"$tmp/take.err" &
	taker=$!
	exec 9>"$tmp/hold"
	sg_wait_for test -s "$tmp/taken" || fail "$1: $(cat "$tmp/take.err")"
	read -r _ taken <"$tmp/taken"
}

let_go()
{
	exec 9>&-
	wait "$taker" || true
	rm -f "$tmp/hold" "$tmp/taken"
}

# others_work WHAT: a create, an exec and logins, in new and old sandboxes.
others_work()
{
	local id

	id=$(sg create </dev/null 2>"$tmp/create.err") ||
	    fail "$1: create: $(cat "$tmp/create.err")"
	assert_eq "$1: exec" "$(sg exec "$id" -- echo made 2>&1)" made
	assert_eq "$1: ssh" "$(sg_ssh -l "$id" bare -i "$SG_KEY" echo new 2>&1)" \
	    new
	assert_eq "$1: another" "$(sg_ssh -tt foreign tty 2>&1 | tr -d '\r')" \
	    /dev/pts/0
	sg destroy "$id"
}

program=$(printf '%q' "$(cat "$here/takes.py")")
greedy=$(sg create --name greedy --memory 512M --pids "$(resource processes \
    share)" 2>"$tmp/create.err")
at_exit 'sg destroy "$greedy"'
mapfile -t names < <(sg status --json | jq -r '.sandboxd.resources[].name')
[ "${#names[@]}" -ge 12 ] || fail "the host has one of ${names[*]}"
for name in "${names[@]}"; do
	share=$(resource "$name" share)
	bound=$(resource "$name" bound)
	take "$name"
	used=$(resource "$name" used)
	echo "$name: took $taken of a share of $share; the host has $used of $bound"
	[ "$taken" -le "$share" ] || case $name in
	# Those it sent; with itself and its host none is tracked.
	connections) ;;
	*) fail "$name: took $taken, more than its share of $share" ;;
	esac
	[ "$bound" = 0 ] || [ "$used" -lt "$bound" ] ||
	    fail "$name: nothing left of $bound"
	others_work "$name"
	let_go
done
