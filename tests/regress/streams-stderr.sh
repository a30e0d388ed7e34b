#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: standard output and standard error stay apart, in order.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

same_as_sshd 'both' sg_ssh @ 'echo out; echo err >&2; echo out2; echo err2 >&2'
same_as_sshd 'terminal joins them' sg_ssh -tt @ 'echo out; echo err >&2'
same_as_sshd 'no line end' sg_ssh @ 'printf a; printf b >&2; exit 3'
# sshd's pipes are the user's, who opens them again by name.
same_as_sshd 'by their names' bash -c "echo in | ssh -F '$SG_SSH_CONFIG' @ '
    cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr
    [ -O /dev/stdin ] && stat -Lc \"%a %F\" /dev/stdin /dev/stdout /dev/stderr
    echo more | tee /dev/fd/2'"
assert_match 'by its name' "$(cat "$tmp/sandbox.err")" 'err.*more'
# Much on both at once, read slowly: nothing is lost and neither waits.
sg_ssh sandbox 'seq 200000 & seq 200000 >&2; wait' >"$tmp/out" 2>"$tmp/err"
assert_eq 'standard output' "$(sha <"$tmp/out")" "$(seq 200000 | sha)"
assert_eq 'standard error' "$(sha <"$tmp/err")" "$(seq 200000 | sha)"
