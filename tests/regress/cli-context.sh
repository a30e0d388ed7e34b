#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: contexts: what goes before what, whose token goes where, and that nobody
# else may read them.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the command line'

token=$(sg token create "context-$$" 2>/dev/null)
# shellcheck disable=SC2034 # at the end
id=$(sg token list --json | jq -r --arg name "context-$$" '.tokens[] |
    select(.name == $name).id')
at_exit 'sg token revoke "$id"'
export XDG_CONFIG_HOME=$tmp/config
unset SANDGATE_API SANDGATE_SOCKET SANDGATE_TOKEN SANDGATE_CONTEXT \
    SANDGATE_CONFIG
file=$XDG_CONFIG_HOME/sandgate/config.ini
api=http://127.0.0.1:$SG_API_PORT

# As sg, but that nothing says where the API is.
bare()
{
	"$BUILD/bin/sandgate" "$@"
}

# who [WORD...]: the user that the API sees, or nobody.
who()
{
	bare status --json "$@" 2>/dev/null | jq -r .identity.user
}

assert_eq 'none yet' "$(bare context list --json)" "$(jq . <<<'{"contexts":[]}')"
bare context set tcp --api "$api" --token-file - <<<"$token"
assert_eq 'its mode' "$(stat -c %a "$file" "$(dirname "$file")" | xargs)" \
    '600 700'
assert_match 'the first is used' "$(who)" .
bare context set wrong --api "$api" --token-file - <<<sgt_absent
bare context set local --socket "$SG_RUN/api.sock" --user "absent-$$"
assert_eq 'a context with a token that is none' "$(who --context wrong)" ''
assert_eq 'by the environment' "$(SANDGATE_CONTEXT=wrong who)" ''
assert_match 'an option before it' "$(SANDGATE_CONTEXT=wrong who \
    --context tcp)" .
# Who a context acts for is said, whatever comes of it.
assert_match 'its user' "$(bare status --context local 2>&1 || true)" \
    "absent-$$"
bare context use wrong
assert_eq 'the one in use' "$(who)" ''
assert_match 'SANDGATE_TOKEN before its own' \
    "$(SANDGATE_TOKEN=$token who)" .
assert_eq 'but not before a named one' \
    "$(SANDGATE_TOKEN=$token who --context wrong)" ''
assert_match 'SANDGATE_SOCKET before the one in use' \
    "$(SANDGATE_SOCKET=$SG_RUN/api.sock who)" .
# Its token is for its own API: this one is asked without.
bare context use tcp
assert_eq 'another API' "$(who --api "$api")" ''
assert_eq 'two at once' "$(status_of bare status --api "$api" --context tcp \
    2>/dev/null)" 2

# A verb with an option of that name has it; in front of the verb it is ours.
assert_match "the verb's own" "$(bare --context local run-python x - \
    --context c </dev/null 2>&1 || true)" "absent-$$"

assert_eq 'a list' "$(bare context list --json | jq -r '[.contexts[] |
    .name + (if .current then "*" else "" end) + (.token|tostring)] |
    join(" ")')" 'tcp*true wrongtrue localfalse'
bare context list | grep -q "$token" && fail 'a token on the screen'
bare context rm tcp
assert_eq 'none is used' "$(bare context list --json |
    jq '[.contexts[] | select(.current)] | length')" 0
assert_eq 'no such' "$(status_of bare context use tcp 2>/dev/null)" 1
assert_eq 'no name' "$(status_of bare context set 'A b' 2>/dev/null)" 2
assert_eq 'no value' "$(status_of bare context set x --api 'http://a b' \
    2>/dev/null)" 1
assert_eq 'no token' "$(status_of bare context set x --token-file /dev/null \
    2>/dev/null)" 1

# What others may read is not used, nor what makes no sense, and it says why.
chmod 644 "$file"
assert_match 'mode 644' "$(bare context list 2>&1 || true)" 'chmod 600'
assert_eq 'and no verb' "$(status_of bare status 2>/dev/null)" 1
chmod 600 "$file"
{ echo '[x]'; printf 'api = %0300d\n' 0; } >"$file"
assert_match 'a long line' "$(bare context list 2>&1 || true)" 'config.ini:2'
printf '[x]\nodd = 1\n' >"$file"
assert_match 'an odd key' "$(bare context list 2>&1 || true)" \
    'config.ini:2.*odd'
echo 'contexts are found in order, and their tokens kept'
