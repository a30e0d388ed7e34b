#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: how many run, how often one is made, how many are connected and for how
# long a sandbox is are limits of an organisation too; a refusal says which, its
# value, what is taken, whose it is, and when it goes on.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product organisations
orgs_start
sg org set "$red" --max-running 2 --max-cpu 3 --max-ttl 1h --max-hard-ttl 2h \
    >/dev/null
assert_eq 'the ceilings' "$(sg org show "$red" --json |
    jq -r '.ceilings | .running, .cpu, .ttl, .hard_ttl, .sessions')" \
    $'2\n3\n3600\n7200\n0'
assert_match 'above the ceiling' \
    "$(sg_as ana org set --max-ttl 2h 2>&1 || true)" \
    "max_ttl: at most 3600, as the operator of this host lets $red"

# Time: what an organisation may wish is what it gets unless it says less.
assert_match 'ttl' "$(sg_as max create --ttl 2h 2>&1 || true)" \
    "ttl: 7200 s is more than max_ttl, 3600 s, of organisation $red"
assert_eq 'by the API' "$(api_as max POST /v1/sandboxes '{"ttl": "2h"}') $(
    jq -r .error.field "$tmp/answer")" '400 ttl'
assert_match 'for ever' "$(sg_as max create --ttl 0 2>&1 || true)" \
    'ttl: never is more than max_ttl, 3600 s'
first=$(sg_as max create 2>/dev/null)
assert_eq 'what it got' "$(sg_as max get "$first" --json |
    jq -r '.ttl, .hard_ttl')" $'3600\n7200'
assert_match 'changed' "$(sg_as max set "$first" --hard-ttl 3h 2>&1 || true)" \
    'hard_ttl: 10800 s is more than max_hard_ttl, 7200 s, of organisation'
assert_match 'refreshed' "$(sg_as max refresh "$first" 2h 2>&1 || true)" \
    'duration: 7200 s is more than max_ttl, 3600 s, of organisation'

# Running: what is at rest leaves its place, and needs one to come back.
second=$(sg_as max create 2>/dev/null)
assert_match 'a third' "$(sg_as max create 2>&1 || true)" \
    "max_running: organisation $red may have 2 and has 2 of it"
sg_as max pause "$first" >/dev/null
third=$(sg_as max create --cpus 0.5 2>/dev/null)
for way in "sg_as nia resume $first" "ssh_as nia $first true"; do
	assert_match "$way" "$($way 2>&1 || true)" \
	    "max_running: organisation $red may have 2 and has 2"
done
sg_as max stop "$third" >/dev/null
assert_eq 'there is room again' "$(ssh_as nia "$first" echo in)" in
assert_match 'cpu' "$(sg_as max create --cpus 1 2>&1 || true)" 'max_running:'
sg_as max destroy "$second"
assert_match 'cpu' "$(sg_as max create --cpus 2 2>&1 || true)" \
    "max_cpu: organisation $red may have 3 and has 1.500 of it"

# How often.
sg_as max destroy "$third"
sg_as ana org set --max-creates-per-minute 2 >/dev/null
for _ in $(seq 20); do
	made=$(sg_as max create 2>"$tmp/why") || break
	sg_as max destroy "$made"
done
assert_match 'too often' "$(cat "$tmp/why")" \
    "max_creates_per_minute: organisation $red may make 2 in 60 s and has \
made [2-5]; try again in [1-9][0-9]? s"
assert_eq 'as the API has it' "$(api_as max POST /v1/sandboxes '{}')" 429
assert_eq 'its cause' "$(jq -r .error.cause "$tmp/answer")" \
    max_creates_per_minute
after=$(jq -r '.error.retry_after' "$tmp/answer")
[ "$after" -ge 1 ] && [ "$after" -le 60 ] || fail "retry_after $after"
curl -sS -o /dev/null -D "$tmp/head" --unix-socket "$SG_RUN/api.sock" \
    -H "Authorization: Bearer ${token_of[max]}" -d '{}' \
    -H 'Content-Type: application/json' http://localhost/v1/sandboxes
assert_match 'the header' "$(cat "$tmp/head")" 'Retry-After: [1-9][0-9]?'
assert_eq 'others have theirs' "$(status_of sg_as ben create 2>/dev/null |
    tail -n 1)" 0

# Connected at once.
sg_as ana org set --max-sessions 1 >/dev/null
ssh_as nia "$first" 'echo in; exec sleep 300' >"$tmp/in" &
holder=$!
for _ in $(seq 300); do
	[ -s "$tmp/in" ] && break
	sleep 0.1
done
assert_match 'one too many' "$(ssh_as max "$first" true 2>&1 || true)" \
    "max_sessions: organisation $red may have 1 SSH connections at once and \
has 1"
end_job "$holder"
