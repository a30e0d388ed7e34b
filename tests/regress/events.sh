#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: what befalls a sandbox is in its log, by whom and why; it is followed,
# outlives the sandbox and every daemon, and is told to nobody else.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product events
orgs_start

id=$(sg_as ana create --memory 64M 2>/dev/null)
at_exit "sg destroy $id"
kinds() { sg_as ana events "$id" --json "$@" | jq -r .kind | xargs; }
ended_twice() { [ "$(of disconnected .id | wc -l)" = 2 ]; }
has() { [[ " $(kinds) " = *" $1 "* ]]; }
assert_eq 'made' "$(kinds)" 'created started'

# Followed from now on, of one and of all.
SANDGATE_TOKEN=${token_of[ana]} "$BUILD/bin/sandgate" --socket \
    "$SG_RUN/api.sock" events "$id" -f --json >"$tmp/one" 2>"$tmp/one.err" &
one=$!
at_exit "kill $one"
ssh -n -F "$SG_SSH_CONFIG" -i "$tmp/ana" -l ctl bare events -f \
    --kind paused,destroyed --json >"$tmp/all" 2>&1 &
all=$!
at_exit "kill $all"
sg_wait_for grep -q started "$tmp/one" || fail "no stream: $(cat "$tmp/one.err")"

assert_eq 'login' "$(ssh_as ana "$id" echo in)" in
sg_wait_for has disconnected || fail "no end of the login: $(kinds)"
sg_as ana pause "$id" && sg_as ana resume "$id"
sg_as ana set "$id" --ttl 1h
sg_as ana stop "$id" && sg_as ana wake "$id"
sg_as ana kill "$id"
wanted='created started connected exec disconnected paused resumed changed'
wanted+=' suspended woken killed'
sg_wait_for has killed || fail "no kill: $(kinds)"
assert_eq 'all of it' "$(kinds)" "$wanted"
of() { sg_as ana events "$id" --json --kind "$1" | jq -r "$2"; }
assert_match 'who paused it' "$(of paused .actor)" '^ana@red-'
assert_eq 'why' "$(of paused .cause)" "paused by $(of paused .actor)"
assert_eq 'what was run' "$(of exec .cause)" command
assert_match 'from where' "$(of connected .actor)" '^ana@red-.* from '

# What the kernel kills for memory.
ssh_as ana "$id" 'tail /dev/zero' >/dev/null 2>&1 || true
sg_wait_for has oom || fail "no oom: $(kinds)"
assert_eq 'how many' "$(of oom .cause)" \
    'killed 1, of memory_limit_bytes 67108864'
assert_eq 'by nobody' "$(of oom .actor)" host
sg_wait_for ended_twice || fail "not gone again: $(kinds)"
wanted=$(kinds)

# Pages: since an id, since a time, and by limits; ids only go up.
first=$(of created .id)
assert_eq 'after the first' "$(kinds --since "$first" -n 2)" 'started connected'
assert_eq 'the newest' "$(kinds -n 2)" "$(cut -d' ' -f14- <<<"$wanted")"
assert_eq 'since a time' "$(kinds --since 1h)" "$wanted"
assert_eq 'nothing' "$(kinds --since 2030-01-01T00:00:00Z)" ''
assert_eq 'order' "$(of '' .id)" "$(of '' .id | sort -n)"

# What the API starts; and other limits.
assert_eq 'a process' "$(api_as ana POST "/v1/sandboxes/$id/processes" \
    '{"command":"true"}')" 201
sg_as ana set "$id" --pids 200
wanted+=' exec resized'
assert_eq 'begun once' "$(kinds)" "$wanted"
assert_eq 'by the API' "$(of exec .cause | xargs)" 'command command api'
assert_eq 'which change' "$(of changed .cause)" time
assert_match 'which limits' "$(of resized .cause)" ' pids_limit 200, '

# Its disk: copied, exchanged and begun with.
snapshot=$(sg_as ana snapshot create "$id" --name "s-$RANDOM" 2>/dev/null)
fork=$(sg_as ana fork "$id" 2>/dev/null)
at_exit "sg destroy $fork"
sg_as ana restore "$id" "$snapshot"
wanted+=' snapshot forked suspended restored'
sg_wait_for has restored || fail "not restored: $(kinds)"
[[ $(kinds) == "$wanted"* ]] || fail "of its disk: $(kinds), not $wanted"
assert_match 'which snapshot' "$(of snapshot .cause)" "^$snapshot s-"
assert_eq 'which fork' "$(of forked .cause)" "$fork"
assert_eq 'what it began with' "$(sg_as ana events "$fork" --json --kind created \
    | jq -r .cause)" "a fork of $id"
assert_match 'by whom it was made' "$(of snapshot .actor)" '^ana@red-'
sg_wait_for has woken
wanted=$(kinds)

# Nobody else's.
assert_eq 'to another organisation' "$(sg_as ben events "$id" 2>&1)" \
    "sandgate: $id: is another organisation's"
[[ $(sg_as ben events --json) != *"$id"* ]] || fail 'ben is told of it'
assert_eq 'of one that never was' "$(sg_as ana events sb_000000000000 2>&1)" \
    "sandgate: no such sandbox"
assert_match 'a wrong kind' "$(sg_as ana events -k nothing 2>&1)" \
    'kind: "nothing" is no kind of event'
assert_eq 'a wrong limit' "$(api_as ana GET '/v1/events?limit=0')" 400

# kill -9 loses nothing that was answered; the streams go on behind it.
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api || fail 'no API'
assert_eq 'after kill -9' "$(kinds)" "$wanted"
sg_as ana destroy "$id"
sg_wait_for grep -q '"destroyed"' "$tmp/one" || fail "followed: $(cat "$tmp/one"*)"
assert_eq 'the stream' "$(jq -r .kind "$tmp/one" | xargs)" "$wanted destroyed"
sg_wait_for grep -q '"destroyed"' "$tmp/all" || fail "ctl: $(cat "$tmp/all")"
assert_eq 'after it is gone' "$(kinds)" "$wanted destroyed"
assert_match 'by whom' "$(of destroyed .actor)" '^ana@red-'
