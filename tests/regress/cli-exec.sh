#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: exec passes arguments, streams and the exit code.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product "the command line"

assert_eq 'arguments' "$(sg exec "$SG_SANDBOX" -- printf '%s|' 'a b' "c'd" '$x' \
    '*' '')" "a b|c'd|\$x|*||"
for code in 0 1 42 255; do
	assert_eq "exit $code" "$(status_of sg exec "$SG_SANDBOX" -- \
	    sh -c "exit $code")" "$code"
done
assert_eq 'standard input' "$(seq 1000 | sg exec "$SG_SANDBOX" -- sha256sum)" \
    "$(seq 1000 | sha256sum)"
assert_eq 'standard error' "$(sg exec "$SG_SANDBOX" -- sh -c \
    'echo out; echo err >&2' 2>&1 >/dev/null)" err
assert_eq 'default user' "$(sg exec "$SG_SANDBOX" -- id -un)" sandbox
assert_eq '--root' "$(sg exec "$SG_SANDBOX" --root -- id -un)" root
assert_eq 'no terminal' "$(sg exec "$SG_SANDBOX" -- sh -c \
    'test -t 0; echo $?')" 1
# A token with a user's own agent and configuration in the way.
assert_eq 'odd client configuration' "$(HOME=$tmp SSH_AUTH_SOCK=/nonexistent \
    sg exec "$SG_SANDBOX" -- echo fine)" fine
mkdir "$tmp/scratch"
TMPDIR=$tmp/scratch sg exec "$SG_SANDBOX" -- true
assert_eq 'nothing left behind' "$(ls -A "$tmp/scratch")" ''
assert_eq 'unknown sandbox' "$(status_of sg exec sb_000000000000000 -- true \
    2>/dev/null)" 1
