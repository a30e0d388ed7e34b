#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: a create that is asked for again, also at once and over kill -9 of who
# was making it, is one sandbox.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons
# shellcheck source=tests/regress/lib-dialect.sh
. "$here/lib-dialect.sh"

mine=()
at_exit 'sg destroy "${mine[@]}" >/dev/null 2>&1 || true'

# create KEY BODY [PATH]: the status, and the answer in $tmp/answer.
create()
{
	ask POST "${3:-/v1/sandboxes}" -H "Idempotency-Key: $1" \
	    -H 'Content-Type: application/json' -d "$2"
}

# made KEY BODY: the id.
made()
{
	local got

	got=$(create "$@")
	[ "$got" = 201 ] || fail "$1: $got, $(cat "$tmp/answer")"
	answer .id
}

# with_key NAME: how many of the test's sandboxes there are.
named()
{
	sg list --json | jq -r --arg name "$1" \
	    '[.sandboxes[] | select(.name == $name)] | length'
}

# One key, one sandbox, in whatever order the members come.
first=$(made "k-$$" "{\"name\":\"idem-$$\",\"env\":{\"A\":\"1\",\"B\":\"2\"}}")
mine+=("$first")
assert_eq 'again' "$first" \
    "$(made "k-$$" "{\"env\":{\"B\":\"2\",\"A\":\"1\"}, \"name\":\"idem-$$\"}")"
assert_eq 'of that name' "$(named "idem-$$")" 1

# Another body is refused, in words that say what is there.
assert_eq 'another body' "$(create "k-$$" '{"name":"other"}')" 409
assert_eq 'its code' "$(answer .error.code)" already_exists
grep -q "$first" "$tmp/answer" || fail 'it does not say what it made'
assert_eq 'a bad key' "$(create 'a key' '{}')" 400
assert_eq 'its field' "$(answer .error.field)" Idempotency-Key
assert_eq 'too long' "$(create "$(printf '%0256d' 0)" '{}')" 400

# Another user's key is another.
sg user add "idem-$$" >/dev/null
at_exit 'sg user remove "idem-$$" >/dev/null'
theirs=$(key=$(sg --user "idem-$$" token create idem 2>/dev/null) \
    made "k-$$" "{\"name\":\"theirs-$$\"}")
mine+=("$theirs")
[ "$theirs" != "$first" ] || fail 'a key of another user counts'

# One that has ended is told of, and not made again.
sg destroy "$first"
assert_eq 'after its end' "$first" \
    "$(made "k-$$" "{\"name\":\"idem-$$\",\"env\":{\"A\":\"1\",\"B\":\"2\"}}")"
assert_eq 'its state' "$(answer .state)" destroyed
assert_eq 'made again' "$(named "idem-$$")" 0

# A create that fails gives its key up.
assert_eq 'no such template' "$(create "f-$$" '{"template":"absent"}')" 404
again=$(made "f-$$" '{}')
mine+=("$again")

# A dozen at once.
for n in {1..12}; do
	(tmp=$tmp/$n; mkdir "$tmp"; made "many-$$" "{\"name\":\"many-$$\"}" \
	    >"$tmp/id") &
	jobs[n]=$!
done
wait "${jobs[@]}"
mapfile -t ids < <(cat "$tmp"/*/id | sort -u)
mine+=("${ids[@]}")
assert_eq 'at once' "${#ids[@]}" 1
assert_eq 'of that name' "$(named "many-$$")" 1

# The command line, and a fork, whose source may be gone by then.
line=$(sg create --idempotency-key "cli-$$" --name "cli-$$" 2>/dev/null)
assert_eq 'the command line' "$line" \
    "$(sg create --idempotency-key "cli-$$" --name "cli-$$" 2>/dev/null)"
fork=$(sg fork "$line" --idempotency-key "fork-$$")
mine+=("$line" "$fork")
assert_eq 'a fork' "$(sg fork "$line" --idempotency-key "fork-$$")" "$fork"
assert_eq 'two forks' "$(create "forks-$$" '{"count":2}' \
    "/v1/sandboxes/$line/fork")" 400
sg destroy "$line"
assert_eq 'its fork' "$(create "fork-$$" '{}' "/v1/sandboxes/$line/fork")" 201
assert_eq 'is it' "$(answer '.sandboxes[0].id')" "$fork"

# Whoever is killed while it is made: asked again, there is one.
for n in {1..6}; do
	(tmp=$tmp/$n; create "kill-$n-$$" "{\"name\":\"kill-$n-$$\"}" \
	    >/dev/null 2>&1) &
	cut=$!
	# A little later every time, so that each step is hit once.
	sleep "0.0$n"
	if [ $((n % 2)) = 0 ]; then
		http=$(gateway_child gateway-http)
		kill_hard "$http"
		sg_wait_for another_gateway_child gateway-http "$http" ||
		    fail 'no new gateway-http'
	else
		kill_hard "$(sg_pid sandboxd)"
		sg_start sandboxd
	fi
	wait "$cut" || true
	sg_wait_api
	id=$(made "kill-$n-$$" "{\"name\":\"kill-$n-$$\"}")
	mine+=("$id")
	assert_eq "killed, $n" "$(sg exec "$id" -- echo in)" in
	assert_eq 'of that name' "$(named "kill-$n-$$")" 1
	assert_eq 'once more' "$id" \
	    "$(made "kill-$n-$$" "{\"name\":\"kill-$n-$$\"}")"
done
# And what had ended before the kill is remembered after it.
assert_eq 'after a restart' "$first" \
    "$(made "k-$$" "{\"name\":\"idem-$$\",\"env\":{\"A\":\"1\",\"B\":\"2\"}}")"
assert_eq 'its state' "$(answer .state)" destroyed
echo 'asked again, also at once and over kill -9: one sandbox'
