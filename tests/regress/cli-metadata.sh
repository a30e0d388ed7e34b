#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #11: notes on sandboxes are kept, changed and found by, and lists have pages.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$(dirname "$0")/lib-kill.sh"
needs_product "the command line"

run=run-$$
odd=$'a b&c=d%41+\e[31m\u00fc'
ids=()
for n in 1 2 3; do
	ids+=("$(sg create --name "m$n" --metadata "run=$run" --metadata "n=$n" \
	    --metadata "odd=$odd" 2>/dev/null)")
	at_exit "sg destroy ${ids[-1]} 2>/dev/null"
done
mapfile -t ids < <(printf '%s\n' "${ids[@]}" | sort)
assert_eq 'kept' "$(sg get "${ids[0]}" --json | jq -r .metadata.odd)" "$odd"
assert_eq 'no escapes on a terminal' "$(sg get "${ids[0]}" | grep -c $'\e')" 0

# found WISH...: their ids.
found()
{
	sg list --json "$@" | jq -r '.sandboxes[].id'
}
assert_eq 'all of them' "$(found --metadata "run=$run")" \
    "$(printf '%s\n' "${ids[@]}")"
assert_eq 'by an odd value' "$(found --metadata "odd=$odd" --metadata \
    "run=$run" | wc -l)" 3
two=$(found --metadata "run=$run" --metadata n=2)
assert_eq 'one' "$(sg get "$two" --json | jq -r .name)" m2
assert_eq 'by name' "$(found --name m2 --metadata "run=$run")" "$two"
assert_eq 'none' "$(found --metadata "run=$run" --metadata n=4)" ''
assert_eq 'the other template' "$(found --metadata "run=$run" -t other)" ''

# Pages, with one destroyed and one paused in between.
page=$(sg list --json --metadata "run=$run" --limit 2)
assert_eq 'a page' "$(jq -r '.sandboxes[].id' <<<"$page")" \
    "$(printf '%s\n' "${ids[@]:0:2}")"
sg destroy "${ids[0]}"
after=$(jq -r .next <<<"$page")
page=$(sg list --json --metadata "run=$run" --limit 2 --after "$after")
assert_eq 'the rest' "$(jq -rc '[.sandboxes[].id, .next]' <<<"$page")" \
    "[\"${ids[2]}\",null]"
sg pause "${ids[1]}" >/dev/null
assert_eq 'paused' "$(found --status paused --metadata "run=$run")" \
    "${ids[1]}"
assert_eq 'remembered' "$(found --destroyed --metadata "run=$run")" \
    "${ids[0]}"

# Changed, and over a restart of sandboxd.
sg set "${ids[2]}" --metadata "run=$run" --metadata new= >/dev/null
sg set "${ids[2]}" --ttl 1h >/dev/null
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api || fail 'the API does not answer'
assert_eq 'changed' "$(sg get "${ids[2]}" --json | jq -c .metadata)" \
    "{\"new\":\"\",\"run\":\"$run\"}"

# refused WORDS OPTION...: with these words.
refused()
{
	local words=$1

	shift
	"$@" >/dev/null 2>"$tmp/words" && fail "$*: taken"
	assert_match "$*" "$(cat "$tmp/words")" "$words"
}
refused 'metadata: "x" is not NAME=VALUE' sg create --metadata x
refused 'metadata: longer than 2047' sg create \
    --metadata "a=$(printf '%2040s' '')"
refused 'metadata: has a name' sg create --metadata "$(printf '%0129d' 1)=x"
refused 'status: must be one of creating, running' sg list --status runing
refused 'limit: must be from 1 to 1000' sg list --limit 1001
refused "after: must be a sandbox's id" sg list --after x
