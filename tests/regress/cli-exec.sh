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
export HERE="what is
'here' "
assert_eq '--cwd, --env' "$(sg exec "$SG_SANDBOX" -w /usr/share/../lib -e A=1 \
    -e "B=a 'b' \$c" --env HERE -- sh -c \
    'pwd; echo "$A|$B|$HERE"' )" "/usr/lib
1|a 'b' \$c|$HERE"
assert_eq '--cwd of root' "$(sg exec "$SG_SANDBOX" --root -w /root -- pwd)" /root
assert_eq 'no such place' "$(status_of sg exec "$SG_SANDBOX" -w /none -- \
    "echo ran; echo on" 2>/dev/null)" 1
assert_eq 'which runs nothing' "$(sg exec "$SG_SANDBOX" -w /none -- \
    'echo ran; echo on' 2>/dev/null || true)" ''
process=$(sg exec -d -w /usr/lib -e A=1 -e B="2  3" -u root "$SG_SANDBOX" -- \
    sh -c 'pwd; id -un; env')
said=$(sg logs -f "$SG_SANDBOX" "$process")
[[ $said == /usr/lib$'\n'root$'\n'* ]] || fail "in the background: $said"
for line in A=1 'B=2  3'; do
	grep -qx "$line" <<<"$said" || fail "no $line: $said"
done
refuses()
{
	local word=$1
	shift
	assert_eq "$*" "$(status_of sg exec "$SG_SANDBOX" "$@" -- true \
	    2>"$tmp/refusal")" 2
	grep -q -- "$word" "$tmp/refusal" || fail "$*: $(cat "$tmp/refusal")"
}
refuses B-C -e B-C=2
refuses HERE2 -e HERE2
refuses NAME=VALUE -e =2
refuses --detach -u root
refuses --root -d --as nobody --root
# Who asks is another option, of all verbs.
assert_eq '--user' "$(sg exec "$SG_SANDBOX" --user admin -- id -un)" sandbox
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
