#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: what processes wrote is told once they are gone, once their sandbox
# sleeps, of the life before, and once the sandbox is no more; bounded, and by
# nobody who may not run anything there.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product logs

id=$(sg create --disk 64M 2>/dev/null)
at_exit "sg destroy $id 2>/dev/null"
run() { sg wait "$id" "$(sg exec -d "$id" -- sh -c "$1")"; }
has() { sg logs "$id" 2>&1 | grep -qx "$1"; }

assert_eq 'nothing yet' "$(sg logs "$id")" ''
run 'echo one; echo two; printf "three\nhalf"; echo oops >&2'
sg_wait_for has oops
assert_eq 'stdout' "$(sg logs "$id" 2>/dev/null | head -n 4)" \
    $'one\ntwo\nthree\nhalf'
assert_eq 'stderr' "$(sg logs "$id" 2>&1 >/dev/null)" oops
assert_eq 'over ctl@' "$(sg_ssh -l ctl sandbox logs "$id" --tail 5 2>/dev/null |
    head -n 1)" one
assert_match 'its time' "$(sg logs "$id" -t 2>/dev/null | head -n 1)" \
    '^20..-..-..T..:..:..\....Z one$'
assert_eq 'a limit' "$(sg logs "$id" --limit 6)" $'one\ntw'
assert_eq 'since' "$(sg logs "$id" --since 2100-01-01T00:00:00Z)" ''
assert_match 'what ran' "$(sg logs "$id" --json | head -n 1 |
    jq -r '.stream, .text' | xargs)" 'started .*echo one'

# As text, and what is refused.
get() { curl -s --unix-socket "$SG_RUN/api.sock" \
    "http://host/v1/sandboxes/$id/logs?$1"; }
assert_eq 'text' "$(get 'format=text&tail=5' | sort | xargs)" \
    'half one oops three two'
for query in tail=-1 limit=0 since=x format=x 'follow=1&previous=1'; do
	assert_eq "$query" "$(get "$query" | jq -r .error.field)" \
	    "$(sed 's/=.*//' <<<"$query")"
done

# Asleep; and then awake, in another life.
sg stop "$id"
assert_eq 'asleep' "$(sg logs "$id" 2>/dev/null | head -n 1)" one
assert_eq 'and stays so' "$(sg get "$id" --json | jq -r .state)" suspended
run 'echo again'
sg_wait_for has again
assert_eq 'this life' "$(sg logs "$id")" again
assert_eq 'the one before' "$(sg logs -p "$id" 2>/dev/null | head -n 1)" one

# A fork, and a template, begin without.
fork=$(sg fork "$id")
at_exit "sg destroy $fork"
assert_eq 'of a fork' "$(sg logs "$fork"; sg logs -p "$fork")" ''

# Followed: what comes, over a restore, and to the end.
timeout 900 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" logs -f "$id" \
    --tail 1 >"$tmp/followed" &
follower=$!
sg_wait_for grep -qx again "$tmp/followed"
snapshot=$(sg snapshot create "$id")
at_exit "sg snapshot rm $snapshot"
run 'echo followed'
sg_wait_for grep -qx followed "$tmp/followed"
sg restore "$id" "$snapshot" 2>/dev/null
run 'echo restored'
sg_wait_for grep -qx restored "$tmp/followed"
assert_eq 'what was before' "$(sg logs -p "$id" | xargs)" 'again followed'

# Bounded: the newest is there, the file is as large as it may be.
run 'yes $(seq 1 200) | head -c 3000000; echo; echo newest'
sg_wait_for eval 'sg logs "$id" -n 1 | grep -qx newest'
size=$(stat -c %s "$SG_STATE/disks/$id/log")
[ "$size" -le 1048576 ] || fail "a log of $size bytes"
kept=$(sg logs "$id" | wc -c)
[ "$kept" -gt 900000 ] || fail "$kept bytes are kept"
assert_eq 'ten lines' "$(sg logs "$id" -n 10 | wc -l)" 10

# Nobody else's; and once it is gone, told still.
! sg_ssh -l "$id" sandbox 'ls /proc/1/fd' 2>/dev/null || fail 'its log is seen'
sg destroy "$id"
sg_wait_for sg_is_dead "$follower" || fail 'a follower outlives the sandbox'
assert_eq 'followed' "$(head -n 3 "$tmp/followed" | xargs)" \
    'again followed restored'
assert_eq 'when it is gone' "$(sg logs "$id" -n 1)" newest
assert_eq 'and by whom' "$(stat -c %a "$SG_STATE/disks/.logs")" 700
! sg logs sb_000000000000 2>"$tmp/words" || fail 'a log of none'
assert_match 'none' "$(cat "$tmp/words")" 'no such sandbox'
