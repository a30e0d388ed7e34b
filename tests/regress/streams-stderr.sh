#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: standard output and standard error stay apart, in order.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"

same_as_sshd 'both' sg_ssh @ 'echo out; echo err >&2; echo out2; echo err2 >&2'
same_as_sshd 'terminal joins them' sg_ssh -tt @ 'echo out; echo err >&2'
same_as_sshd 'no line end' sg_ssh @ 'printf a; printf b >&2; exit 3'
# Much on both at once, read slowly: nothing is lost and neither waits.
sg_ssh sandbox 'seq 200000 & seq 200000 >&2; wait' >"$tmp/out" 2>"$tmp/err"
assert_eq 'standard output' "$(sha <"$tmp/out")" "$(seq 200000 | sha)"
assert_eq 'standard error' "$(sha <"$tmp/err")" "$(seq 200000 | sha)"
