#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: the table of organisations-matrix for the command line: each verb by an
# admin, a member and a viewer of the organisation, and by a stranger, who names
# what is another's. A verb that the table has not is a failure.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product organisations
orgs_start

new()
{
	sg_as nia create 2>/dev/null || fail 'no sandbox'
}
id=$(new)
snapshot=$(sg_as nia snapshot create "$id" --name kept)
process=$(sg_as nia exec "$id" -d -- sleep 1000 2>/dev/null |
    grep -o '[0-9]*' | tail -n 1)
disk=$(sg_as nia disk create)
echo words >"$tmp/words"
echo true >"$tmp/code"

# done_by USER WORDS...: y, where it was done. SPARE is a sandbox of its own, of
# nia's, for what cannot be done twice.
done_by()
{
	local user=$1 spare="" got=n words
	shift

	words=("${@//ID/$id}")
	words=("${words[@]//DISK/$disk}")
	words=("${words[@]//SNAPSHOT/$snapshot}")
	words=("${words[@]//PROCESS/$process}")
	if [[ $* = *SPARE* ]]; then
		spare=$(new)
		words=("${words[@]//SPARE/$spare}")
	fi
	SANDGATE_TOKEN=${token_of[$user]} timeout 60 "$BUILD/bin/sandgate" \
	    --socket "$SG_RUN/api.sock" "${words[@]}" </dev/null \
	    >"$tmp/out" 2>"$tmp/err" && got=y
	[ -z "$spare" ] || sg destroy --org "$red" "$spare" 2>/dev/null || true
	# What has made another is undone, whoever may.
	case "$got $1" in
	'y create'|'y fork')
		sg destroy --org "${org_of[$user]}" "$(head -n 1 "$tmp/out")" ;;
	esac
	echo "$got"
}

wrong=0 covered=' '
# verb, its words | admin member viewer stranger; - is not tried
while IFS='|' read -r line cells; do
	read -ra words <<<"$line"
	covered+="${words[0]} "
	read -ra wanted <<<"$cells"
	n=0
	for user in ana max vic ben; do
		want=${wanted[n++]}
		[ "$want" != - ] || continue
		got=$(done_by "$user" "${words[@]}")
		[ "$got" = "$want" ] || { wrong=$((wrong + 1))
			echo "WRONG: $user: $line: $got, and it should be" \
			    "$want: $(head -n 2 "$tmp/err")" >&2; }
	done
done <<END
create|y y n y
list|y y y y
get ID|y y y n
exec ID -- true|y y n n
exec ID -d -- true|y y n n
run -- true|y y n y
ps ID|y y n n
logs ID|y y n n
logs ID PROCESS|y y n n
signal ID PROCESS CONT|y y n n
run-python ID $tmp/code --language bash|y y n n
set ID --ttl 2h|y y n n
refresh ID|y y n n
pause SPARE|y y n n
resume ID|y y n n
stop SPARE|y y n n
wake ID|y y n n
kill SPARE|y y n n
fork ID|y y n n
snapshot create ID|y y n n
snapshot list ID|y y y y
snapshot show SNAPSHOT|y y y n
restore SPARE SNAPSHOT|y y n n
destroy SPARE|y y n n
template list|y y y y
template create verbs-$$ --from ID|y - n n
template show verbs-$$|y y y n
template rm verbs-$$|- - n n
template rm verbs-$$|y - - -
pool list|n n n n
expose ID 8090 --name verbs|y y n n
services ID|y y y n
unexpose ID verbs|- - n n
unexpose ID verbs|y - - -
preview ID 8090|y y n n
egress show ID|y y y n
egress set ID allow|y y n n
egress check ID 192.0.2.1 443|y y y n
egress reset ID|y y n n
events ID|y y y n
events|y y y y
webhook create http://127.0.0.1:1/ --sandbox ID|y y n n
webhook list|y y y y
disk create|y y n y
disk list|y y y y
disk put DISK $tmp/words /words.txt|y y n n
disk get DISK /words.txt|y y n n
disk ls DISK|y y y n
disk get DISK /words.txt ID:/tmp/words|y y n n
disk put DISK ID:/tmp/words /more.txt|y y n n
disk rm DISK|- - n n
disk rm DISK|y - - -
file ls ID /etc|y y n n
file find ID /etc host*|y y n n
key list|y y y y
token list|y y y y
ca list|y y y y
revoke list|y y y y
ssh-token ID|y y n n
org list|n n n n
org show|y y y y
org set --recording off|y n n n
quota|y y y y
usage|y y y y
user list|y y y y
user set vic --role viewer|y n n n
recordings|y n n n
top --once|y y y y
metrics ID|y y y n
status|y y y y
wait ID PROCESS|- - n n
attach ID PROCESS|- - n n
cp $tmp/words ID:/tmp/words|y y n n
snapshot rm SNAPSHOT|- - n n
snapshot rm SNAPSHOT|y - - -
END
# These ask the API for nothing that is somebody's, or are the sum of others:
# connect is ssh, port-forward the exec of the matrix, replay a recording's.
covered+='connect port-forward replay context mcp ssh-config completion '
covered+='version help '
for verb in $("$BUILD/bin/sandgate" help | sed -n 's/^  \([a-z][a-z-]*\)  *[a-z].*/\1/p'); do
	[[ $covered = *" $verb "* ]] || fail "$verb: nobody says who may"
done
assert_eq 'wrong cells' "$wrong" 0
