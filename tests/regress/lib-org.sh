# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Two organisations of a test's own, as an operator makes them: red with ana (an
# admin), max and nia (members) and vic (a viewer), blue with ben (a member).
# Each has a key, $tmp/NAME, and a token, ${token_of[NAME]}.

declare -A token_of org_of

org_user()
{
	local org=$1 name=$2 role=$3

	sg user add "$name" --org "$org" --role "$role"
	ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$tmp/$name"
	sg key add "$tmp/$name.pub" --org "$org" --user "$name" \
	    >/dev/null 2>&1 || fail "no key for $name"
	token_of[$name]=$(sg token create test --org "$org" --user "$name" \
	    2>/dev/null)
	org_of[$name]=$org
}

# The names of organisations are given once, so each run has its own.
orgs_start()
{
	red=red-$RANDOM$RANDOM
	blue=blue-$RANDOM$RANDOM
	at_exit 'sg org rm "$red" --force; sg org rm "$blue" --force'
	sg org create "$red"
	sg org create "$blue"
	org_user "$red" ana admin
	org_user "$red" max member
	org_user "$red" nia member
	org_user "$red" vic viewer
	org_user "$blue" ben member
}

# sg_as USER WORDS...: the command line with his token.
sg_as()
{
	SANDGATE_TOKEN=${token_of[$1]} sg "${@:2}"
}

# ssh_as USER LOGIN COMMAND...: with his key and no other.
ssh_as()
{
	timeout 300 ssh -F "$SG_SSH_CONFIG" -i "$tmp/$1" -l "$2" bare \
	    "${@:3}" </dev/null
}

# api_as USER METHOD PATH [BODY [HEADER]]: the status; the answer in $tmp/answer.
api_as()
{
	local headers=(-H 'Content-Type: application/json')

	[[ ${5-} != Content-Type:* ]] || headers=()
	curl -sS -o "$tmp/answer" -w '%{http_code}' --max-time "${api_time:-120}" \
	    --unix-socket "$SG_RUN/api.sock" -X "$2" \
	    -H "Authorization: Bearer ${token_of[$1]}" ${5:+-H "$5"} \
	    ${4:+"${headers[@]}" -d "$4"} \
	    "http://localhost$3"
}
