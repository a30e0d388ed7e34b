#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a process that is killed, or whose time is over, ends with all that it
# started, also what has left its session and its parent; others go on.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'
grep -q cgroup2 /proc/mounts || skip 'the host has no v2 tree'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
base=http://x/v1/sandboxes/$id
ask() { curl -sS -m 60 --unix-socket "$SG_RUN/api.sock" -X "$1" \
    -H 'Content-Type: application/json' ${3+-d "$3"} "$base/$2"; }
start() { ask POST processes "$1" | jq -r .id; }
# How many sleep for that long.
count() { ask POST exec "{\"command\":\"pgrep -cfx 'sleep $1' || true\"}" |
    jq -j .stdout; }
are() { [ "$(count "$1")" = "$2" ]; }
# A daemon as they are made, in a session of its own and nobody's child, and a
# process in the foreground; SECONDS tells them apart.
tree() { echo "setsid sh -c 'setsid sleep $1 & exit 0'; sleep $1"; }

one=$(start "{\"command\":\"$(tree 1001)\"}")
other=$(start "{\"command\":\"$(tree 1002)\"}")
sg_wait_for are 1001 2
sg_wait_for are 1002 2
ask DELETE "processes/$one"
assert_eq 'it was killed' "$(ask GET "processes/$one/wait" | jq -r .signal)" KILL
sg_wait_for are 1001 0
assert_eq 'the other goes on' "$(count 1002)" 2

# By its time: a process, and an exec, whose answer does not wait for it.
start "{\"command\":\"$(tree 1003)\",\"timeout_ms\":500}" >/dev/null
assert_eq 'an exec, by its time' "$(ask POST exec \
    "{\"command\":\"$(tree 1004)\",\"timeout_ms\":500}" |
    jq -rc '[.signal, .timed_out]')" '["KILL",true]'
sg_wait_for are 1003 0
sg_wait_for are 1004 0

# What it left when it ended goes on, until it is killed then. The shell may be
# gone before setsid has become the sleep.
ask POST exec '{"command":"setsid sleep 1005 >/dev/null 2>&1 & echo","tag":"left"}' \
    >/dev/null
sg_wait_for are 1005 1
ask DELETE "processes/$(ask GET 'processes?tag=left' | jq -r '.processes[0].id')"
sg_wait_for are 1005 0

# One that never stops making more.
bomb=$(start '{"command":"f() { f & sleep 1006; }; for i in 1 2 3 4 5; do f & done; wait"}')
sg_wait_for eval '[ "$(ask POST exec \
    "{\"argv\":[\"pgrep\",\"-cfx\",\"sleep 1006\"]}" | jq -j .stdout)" -gt 20 ]'
ask DELETE "processes/$bomb"
assert_eq 'it was killed, too' "$(ask GET "processes/$bomb/wait" | jq -r .signal)" \
    KILL
sg_wait_for are 1006 0

# A pause does not change that.
sg pause "$id"
sg resume "$id"
assert_eq 'after a pause' "$(count 1002)" 2
ask DELETE "processes/$other"
sg_wait_for are 1002 0
