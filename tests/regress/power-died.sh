#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: an init that dies as it starts is a fault of the host's, and no word about the
# sandbox: it is there, suspended, and the next who comes has it started.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id" 2>/dev/null'
sg exec "$id" -- sh -c 'echo kept >/workspace/kept'
sg stop "$id"
mapfile -t workers < <(sg_children "$(sg_pid sandboxd)" sandboxd-worker)
let_go() { kill -CONT "$(sg_pid sandboxd)" "${workers[@]}" 2>/dev/null || true; }
at_exit let_go

# Its start waits for a worker, and what came of it for sandboxd.
inits()
{
	find /sys/fs/cgroup -path "*/$id*" -name cgroup.procs -exec cat {} + \
	    2>/dev/null | sort -u
}
state() { sg get "$id" --json | jq -r "$1"; }
kill -STOP "${workers[@]}"
curl -s --unix-socket "$SG_RUN/api.sock" -o "$tmp/answer" -w '%{http_code}' \
    -X POST "http://localhost/v1/sandboxes/$id/resume" >"$tmp/status" &
asking=$!
is_asked() { [ "$(state .power_state.phase)" != stable ]; }
sg_wait_for is_asked || fail "nobody asks: $(state .power_state)"
kill -STOP "$(sg_pid sandboxd)"
kill -CONT "${workers[@]}"
has_init() { [ -n "$(inits)" ]; }
sg_wait_for has_init || fail 'no init'
mapfile -t pids < <(inits)
has_run() { readlink /proc/"${pids[0]}"/exe | grep -q sandbox-init; }
sg_wait_for has_run || fail "no init: $(readlink /proc/"${pids[0]}"/exe)"
kill -STOP "${pids[@]}"
let_go
sleep 1
kill -KILL "${pids[@]}"
wait "$asking"
assert_eq 'status' "$(cat "$tmp/status")" 503
assert_eq 'its words' "$(jq -r '.error | .code, .cause' "$tmp/answer")" \
    $'unavailable\nnot_started'
assert_eq 'afterwards' "$(state .state)" suspended
case $(state .status_reason) in
"it did not start: init "*) ;;	# that it hung up, or that it died
*)	fail "$(state .status_reason)" ;;
esac
assert_eq 'its file' "$(sg exec "$id" -- cat /workspace/kept)" kept
