#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #12: npm @e2b/cli, unmodified; and the same sandbox by its other names.
# shellcheck source=tests/regress/lib-sdk.sh
. "$(dirname "$0")/lib-sdk.sh"

export E2B_API_URL=$api_url E2B_SANDBOX_URL=$api_url E2B_API_KEY=$token
export HOME=$tmp
e2b() { timeout 250 "$sdk/.bin/e2b" sandbox "$@"; }

sandbox=$(sg create --name "cli-$$" 2>/dev/null)
at_exit 'sg destroy "$sandbox"'
id=sb-${sandbox#sb_}
e2b list --format json >"$tmp/list"
assert_eq 'list' "$(jq -r --arg id "$id" \
    '.[] | select(.sandboxId == $id) | .name, .state' "$tmp/list")" \
    "cli-$$"$'\nrunning'
e2b info "$id" --format json >"$tmp/info"
assert_eq 'info' "$(jq -r .templateId "$tmp/info")" base
e2b metrics "$id" --format json >"$tmp/metrics"
assert_eq 'metrics' "$(tail -1 "$tmp/metrics" | jq -r '.cpuCount >= 1 and
    .memUsed > 0 and .memUsed <= .memTotal and (.timestamp | length) == 24')" \
    true
assert_match 'metrics, as people read them' "$(e2b metrics "$id" | tail -1)" \
    'CPU.*Memory.*MiB.*Disk.*MiB'
status=0
e2b exec "$id" -- sh -c 'echo out; echo err >&2; exit 3' \
    >"$tmp/out" 2>"$tmp/err" || status=$?
assert_eq 'exec: status' "$status" 3
assert_eq 'exec: output' "$(cat "$tmp/out")" out
assert_match 'exec: error' "$(cat "$tmp/err")" '^err'
assert_eq 'exec: input' "$(echo piped | e2b exec "$id" cat)" piped
# A terminal, as script(1) makes one.
printf '%s\n' 'echo $((40 + 2))-$USER >typed' exit >"$tmp/typed"
(cat "$tmp/typed"; sleep 30) | timeout 250 script -qec \
    "'$sdk/.bin/e2b' sandbox connect $id" "$tmp/terminal" >/dev/null &
terminal=$!
for _ in $(seq 300); do
	[ -n "$(e2b exec "$id" -- sh -c 'cat typed 2>/dev/null')" ] && break
done
end_job "$terminal"
assert_match 'connect' "$(e2b exec "$id" cat typed)" '^42-'

# The same one by ssh, under either spelling.
for name in "$id" "$sandbox"; do
	assert_match "ssh $name" "$(timeout 250 ssh -F "$SG_SSH_CONFIG" \
	    -i "$SG_KEY" -l "$name" bare cat typed </dev/null)" '^42-'
done
e2b pause "$id" >/dev/null
assert_eq 'pause' "$(sg get "$sandbox" --json | jq -r .state)" paused
e2b resume "$id" >/dev/null
assert_eq 'resume' "$(sg get "$sandbox" --json | jq -r .state)" running
e2b kill "$id" >/dev/null
assert_match 'kill' "$(e2b info "$id" 2>&1)" "wasn't found"
assert_match 'kill again' "$(e2b kill "$id" 2>&1)" "wasn't found"
