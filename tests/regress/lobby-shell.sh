#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the lobby without a command, on a terminal, and what it does not do.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the lobby'

ctl()
{
	sg_ssh -l ctl sandbox "$@"
}
# Each line is a command; the last one's exit status counts.
status=0
printf '%s\n' version '' '# a comment' "get 'sb_000000000000'" 'bogus; version' \
    version | ctl >"$tmp/out" 2>"$tmp/err" || status=$?
assert_eq 'output' "$(cat "$tmp/out")" "$(sg version; sg version)"
assert_match 'errors' "$(cat "$tmp/err")" \
    $'no such sandbox\n.*no shell here: \';\' must be quoted'
assert_eq 'the last is well' "$status" 0
assert_eq 'the last is not' "$(printf 'version\nget x' |
    status_of ctl 2>/dev/null | tail -n 1)" 1
assert_eq 'nothing' "$(status_of ctl </dev/null)" 0
assert_match 'a long line' "$({ head -c 70000 /dev/zero | tr '\0' x
    printf '\nversion\n'; } | ctl 2>&1 | sort -r)" \
    "longer than.*"$'\n'"sandgate [0-9]"
many=$(for ((n = 0; n < 40; n++)); do echo "get $SG_SANDBOX --json"; done |
    ctl | jq -r .id | sort | uniq -c)
assert_match '40 commands' "$many" "^ *40 $SG_SANDBOX$"

# On a terminal there is the help, with line ends for it.
assert_match 'help' "$(ctl -tt </dev/null 2>/dev/null | od -c)" \
    'V   E   R.*\\r  \\n'
assert_eq 'one command' "$(ctl -tt version </dev/null 2>/dev/null | od -An -c |
    tail -n 1 | tr -s ' ')" "$(sg version | od -An -c | tail -n 1 |
    sed 's/\\n/\\r \\n/' | tr -s ' ')"

# What is not for here says so.
refused()
{
	assert_match "$1" "$("${@:3}" 2>&1 </dev/null || echo "exit $?")" "$2"
}
refused connect 'not here, but as: ssh ID@HOST.*exit 1' ctl connect "$SG_SANDBOX"
refused exec 'not here, but as: ssh ID@HOST COMMAND' ctl exec "$SG_SANDBOX" -- id
refused cp 'not here, but as: scp' ctl cp a "$SG_SANDBOX:b"
refused 'a file' 'no files here.*exit 1' ctl key add /etc/passwd
refused 'elsewhere' 'are not for here.*exit 2' ctl list --socket /run/x
refused 'elsewhere, first' 'are not for here' ctl -- --api=http://127.0.0.1 list
refused 'environment' 'HOME is not set here' ctl create --env HOME
refused sftp 'no files in the lobby' sftp -b /dev/null -F "$SG_SSH_CONFIG" \
    ctl@sandbox
refused scp 'no files in the lobby' scp -F "$SG_SSH_CONFIG" "$tmp/out" \
    ctl@sandbox:
refused 'a forward' 'prohibited|refused|fail' timeout 300 ssh \
    -F "$SG_SSH_CONFIG" -l ctl -W 127.0.0.1:22 sandbox
assert_match 'other names' "$(login ctl+root -i "$SG_KEY")" 'Permission denied'
assert_match 'wrong key' "$(login ctl -i "$SG_DIR/wrong")" 'Permission denied'
