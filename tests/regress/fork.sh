#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a fork has the files of its source, of one instant, and nothing else of
# it: its own machine id, host name, name and ssh login; whoever is connected to
# the source notices nothing.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
needs_product forks

id=$(sg create --name source --memory 300M --pids 200 --env COLOUR=blue \
    --ttl 2h --egress deny 2>/dev/null)
at_exit "sg destroy $id"
inside() { SG_TIMEOUT=120 sg_ssh -l "$1" sandbox "${@:2}"; }
field() { sg get "$1" --json | jq -r "$2"; }

# While a forward is open, and one process writes numbers to two files, the
# second after the first: no fork has one in the second that is not in the
# first.
inside "$id" 'echo kept >kept; echo temporary >/tmp/file
    setsid python3 -m http.server 8099 --bind 127.0.0.1 >/dev/null 2>&1 </dev/null &
    setsid bash -c "n=0; while :; do n=\$((n + 1)); echo \$n >>first
	echo \$n >>second; done" >/dev/null 2>&1 </dev/null &'
port=$(free_port)
forward_begin l -L "$port:127.0.0.1:8099" -l "$id" sandbox
web() { curl -sS -m 60 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/"; }
sg_wait_for web || fail 'no forward'
mkfifo "$tmp/lines"
inside "$id" 'while read -r line; do echo "got $line"; done' <"$tmp/lines" \
    >"$tmp/out" 2>"$tmp/err" &
session=$!
exec 8>"$tmp/lines"
sg fork "$id" --count 3 --name copy >"$tmp/forks"
at_exit "sg destroy $(tr '\n' ' ' <"$tmp/forks")"
echo alive >&8
sg_wait_for grep -q 'got alive' "$tmp/out" || fail 'the session stands'
assert_eq 'forward' "$(web)" 200
exec 8>&-
wait "$session" || fail 'the session ended'
assert_eq 'what the session was told' "$(cat "$tmp/err")" ''
assert_eq 'source' "$(field "$id" .state)" running
assert_eq 'forks' "$(sort -u "$tmp/forks" | wc -l)" 3

n=0
while read -r fork; do
	n=$((n + 1))
	inside "$fork" 'cat kept /tmp/file; hostname; cat /etc/hostname
	    cat /etc/machine-id; echo "$COLOUR"; pgrep -c bash -U sandbox || :
	    tail -n 1 second; grep -cxF "$(tail -n 1 second)" first' \
	    >"$tmp/in" </dev/null
	readarray -t lines <"$tmp/in"
	assert_eq 'files' "${lines[0]} ${lines[1]}" 'kept temporary'
	assert_eq 'host name' "${lines[2]} ${lines[3]}" "$fork $fork"
	echo "${lines[4]}" >>"$tmp/machines"
	assert_eq 'env' "${lines[5]}" blue
	assert_match 'numbers' "${lines[7]}" '^[0-9]+$'
	assert_eq 'one instant' "${lines[8]}" 1
	assert_eq 'name' "$(field "$fork" .name)" "copy-$n"
	assert_eq 'from' "$(field "$fork" .forked_from)" "$id"
	assert_eq 'inherited' "$(field "$fork" '"\(.limits) \(.ttl) \(.state)"')" \
	    "$(field "$id" '"\(.limits) \(.ttl) \(.state)"')"
	assert_eq 'policy' "$(sg egress show "$fork" --json)" \
	    "$(sg egress show "$id" --json)"
done <"$tmp/forks"
inside "$id" cat /etc/machine-id >>"$tmp/machines"
assert_eq 'machine ids' "$(grep -cxE '[0-9a-f]{32}' "$tmp/machines") $(sort -u \
    "$tmp/machines" | wc -l)" '4 4'

# What one writes the others do not see, and a source that goes takes nothing
# along.
assert_eq 'one instant for all' "$(while read -r fork; do
	inside "$fork" 'tail -n 1 first second' </dev/null | cksum
    done <"$tmp/forks" | sort -u | wc -l)" 1
assert_eq 'no snapshot stays' "$(sg snapshot list --json | jq '.snapshots | length')" 0
fork=$(head -n 1 "$tmp/forks")
inside "$fork" 'echo mine >kept'
assert_eq 'source' "$(inside "$id" cat kept)" kept
assert_eq 'next' "$(inside "$(sed -n 2p "$tmp/forks")" cat kept)" kept

# Not running, or asleep: forked all the same, and left as it is.
sg pause "$id"
paused=$(sg fork "$id")
assert_eq 'paused' "$(field "$id" .state) $(inside "$paused" cat kept)" \
    'paused kept'
sg stop "$fork"
second=$(sg fork "$fork")
assert_eq 'suspended' "$(field "$fork" .state) $(inside "$second" cat kept)" \
    'suspended mine'
sg destroy "$id"
assert_eq 'orphan' "$(inside "$paused" cat kept)" kept
sg destroy "$paused" "$second"

# Refusals: a source that is gone, too many, a bad name.
for words in "$id" "$fork --count 0" "$fork --count 101" "$fork --name A"; do
	# shellcheck disable=SC2086
	! sg fork $words 2>>"$tmp/words" || fail "forked: $words"
done
assert_eq 'refusals' "$(wc -l <"$tmp/words")" 5
cat "$tmp/words"
