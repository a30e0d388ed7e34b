#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: 20 sessions run at once over one ControlMaster connection.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

control=(-o "ControlPath=$tmp/ctl")
sg_ssh "${control[@]}" -o ControlMaster=yes -o ControlPersist=yes -nN -f sandbox
at_exit 'ssh -F "$SG_SSH_CONFIG" -o "ControlPath=$tmp/ctl" -O exit sandbox'
sg_ssh "${control[@]}" sandbox "rm -f mux.go"
pids=()
for n in {1..20}; do
	seq "$n" $((n + 20000)) >"$tmp/in$n"
	# All must be there at once: each waits until the 21st says go.
	sg_ssh "${control[@]}" sandbox "touch mux.$n
	    while [ ! -e mux.go ]; do sleep 0.1; done
	    cat; echo err $n >&2; exit $((n + 100))" <"$tmp/in$n" \
	    >"$tmp/out$n" 2>"$tmp/err$n" &
	pids[n]=$!
done
at_exit 'sg_ssh sandbox "rm -f mux.*"'
sg_ssh "${control[@]}" sandbox 'for n in $(seq 600); do
	[ "$(ls -d mux.* | wc -l)" -ge 20 ] && break; sleep 0.1
    done; ls -d mux.* | wc -l; touch mux.go' >"$tmp/count"
assert_eq 'sessions at once' "$(cat "$tmp/count")" 20
for n in {1..20}; do
	status=0
	wait "${pids[n]}" || status=$?
	assert_eq "session $n" "$status" $((n + 100))
	cmp "$tmp/in$n" "$tmp/out$n" || fail "session $n: wrong output"
	assert_eq "session $n" "$(cat "$tmp/err$n")" "err $n"
done
# A file transfer beside a shell on the same connection.
random_file 5000000 "$tmp/data"
sg_scp "${control[@]}" "$tmp/data" sandbox:mux.data &
copy=$!
assert_eq 'meanwhile' "$(sg_ssh "${control[@]}" sandbox echo hi)" hi
wait "$copy"
assert_eq 'copied' "$(sg_ssh "${control[@]}" sandbox cat mux.data | sha)" \
    "$(sha <"$tmp/data")"
