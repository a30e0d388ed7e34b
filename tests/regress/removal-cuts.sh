#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: {key, token, user, role, reach, organisation, certificate, authority} taken
# away ends {session, forward, stream of the API, download, what is being made}
# of whoever is in by it, at once, and of nobody else.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'users and roles'

red=red-$RANDOM$RANDOM blue=blue-$RANDOM$RANDOM green=green-$RANDOM$RANDOM
at_exit 'for org in "$red" "$blue" "$green"; do sg org rm "$org" --force; done'
declare -A org_of token_of box held
ways=(token ssh-token key plain serial key-id certified ca user role reach org)

# In each organisation a sandbox with a listener and a large file, and a
# recording as large.
furnish()
{
	local org=$1

	sg org create "$org"
	sg user add chief --org "$org" --role admin
	box[$org]=$(sg create --org "$org" --user chief 2>/dev/null)
	sg exec "${box[$org]}" --org "$org" --user chief -- sh -c 'truncate -s 1G /tmp/large
	    setsid python3 -c "
import socket, threading
s = socket.create_server((\"127.0.0.1\", 7000), backlog=64)
kept = []
while True:
    kept.append(s.accept()[0])
    kept[-1].sendall(b\"in\n\")" >/dev/null 2>&1 </dev/null & echo yes' \
	    >/dev/null
	sg org set --org "$org" --recording on >/dev/null
	user_of "$org" recorded
	ssh_by recorded true
	sg org set --org "$org" --recording off >/dev/null
	find "$SG_LOG/recordings/$org" -type f -exec truncate -s 1G {} +
	recording[$org]=$(sg recordings --all --json --org "$org" |
	    jq -r '.recordings[0].id')
}
declare -A recording

# user_of ORG WAY: a user with a key and a token.
user_of()
{
	org_of[$2]=$1
	[ "$2" != reach ] || local role=member
	sg user add "u-$2" --org "$1" --role "${role:-admin}"
	rm -f "$tmp/$2" "$tmp/$2.pub"
	ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$tmp/$2"
	sg key add "$tmp/$2.pub" --org "$1" --user "u-$2" >/dev/null 2>&1
	token_of[$2]=$(sg token create "t-$2" --org "$1" --user "u-$2" \
	    2>/dev/null)
}

# certify WAY CA SERIAL: another key, with a certificate and nothing else.
certify()
{
	rm -f "$tmp/$1" "$tmp/$1.pub"
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/$1"
	ssh-keygen -q -s "$tmp/$2" -z "$3" -I "id of $1" -n "u-$1" \
	    "$tmp/$1.pub"
}

# ssh_by WAY COMMAND...: into its organisation's sandbox, or login as $login.
ssh_by()
{
	timeout 900 ssh -F "$SG_SSH_CONFIG" -i "$tmp/$1" \
	    -l "${login:-${box[${org_of[$1]}]}}" bare "${@:2}" </dev/null
}
lobby_by()
{
	timeout 900 ssh -T -F "$SG_SSH_CONFIG" -i "$tmp/$1" -l ctl bare \
	    <"$tmp/$1.said"
}
secret_by()
{
	SSHPASS=${token_of[$1]} timeout 900 sshpass -e ssh \
	    -F "$SG_SSH_CONFIG" -o PubkeyAuthentication=no \
	    -o PreferredAuthentications=password -l "${box[${org_of[$1]}]}" \
	    bare "${@:2}" </dev/null
}
api_by()
{
	curl -sS -N -m 900 --unix-socket "$SG_RUN/api.sock" \
	    -H "Authorization: Bearer ${token_of[$1]}" \
	    -H 'Content-Type: application/json' "${@:2}"
}

# The same, read slowly. Not by --limit-rate: curl then takes 10 MB at a go and
# sleeps over them, whatever has ended meanwhile.
slowly_by()
{
	api_by "$@" | /usr/bin/python3 -c 'import sys, time
while sys.stdin.buffer.read1(65536):
    print("in", flush=True)
    time.sleep(0.05)'
}

# hold WAY NAME COMMAND...: in the background; what it says goes to a file.
hold()
{
	"${@:3}" >"$tmp/$1.$2.out" 2>"$tmp/$1.$2.err" &
	held[$1]+=" $!/$2"
	at_exit "end_job $!"
}
stay='echo in; sleep 900'
by_key()
{
	hold "$1" session ssh_by "$1" "$stay"
	hold "$1" forward ssh_by "$1" -W 127.0.0.1:7000
	# What it hears, and goes on listening.
	mkfifo "$tmp/$1.said"
	exec {said}<>"$tmp/$1.said"
	echo version >&"$said"
	hold "$1" lobby lobby_by "$1"
}
by_secret()
{
	hold "$1" secret secret_by "$1" "$stay"
	hold "$1" forwarded secret_by "$1" -W 127.0.0.1:7000
}
by_api()
{
	local at=http://x/v1/sandboxes/${box[${org_of[$1]}]}

	hold "$1" stream api_by "$1" -d "{\"command\":\"$stay\",\"stream\":true}" \
	    "$at/exec"
	hold "$1" exec api_by "$1" -d "{\"command\":\"touch $1.in; $stay\"}" \
	    "$at/exec"
	hold "$1" file slowly_by "$1" "$at/files?path=/tmp/large"
	# That are an admin's to see.
	[ "$1" = reach ] || hold "$1" recording slowly_by "$1" \
	    "http://x/v1/recordings/${recording[${org_of[$1]}]}"
}
is_in()
{
	local one name

	for one in ${held[$1]}; do
		name=${one#*/}
		[ "$name" = exec ] || [ -s "$tmp/$1.$name.out" ] || return 1
	done
}
# lives WAY: all of it, still.
lives()
{
	local one

	for one in ${held[$1]}; do
		sg_is_alive "${one%/*}" || fail "$1: ${one#*/} has ended:" \
		    "$(tail -c 300 "$tmp/$1.${one#*/}.err")"
	done
}
# gone WAY WORDS: all of it, and sessions were told why.
gone()
{
	local one

	for one in ${held[$1]}; do
		sg_within 50 sg_is_dead "${one%/*}" ||
		    fail "$1: ${one#*/} goes on"
		case ${one#*/} in
		session | secret)
			assert_match "$1" "$(cat "$tmp/$1.${one#*/}.err")" "$2"
			;;
		exec)
			assert_match "$1" "$(cat "$tmp/$1.exec.out")" \
			    '"unauthenticated"'
			;;
		esac
	done
}

furnish "$red"
furnish "$blue"
furnish "$green"
for n in 1 2; do
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/ca$n"
done
ca=$(sg ca add "$tmp/ca1.pub" --org "$red" 2>/dev/null)
other_ca=$(sg ca add "$tmp/ca2.pub" --org "$red" 2>/dev/null)
serial=0
for way in "${ways[@]}"; do
	case $way in
	org) user_of "$blue" "$way" ;;
	reach) user_of "$green" "$way" ;;
	*) user_of "$red" "$way" ;;
	esac
	serial=$((serial + 1))
	case $way in
	token) by_secret "$way" && by_api "$way" ;;
	ssh-token)
		token_of[$way]=$(sg ssh-token "${box[$red]}" --ttl 30m \
		    --org "$red" --user u-ssh-token 2>/dev/null)
		by_secret "$way"
		;;
	key | plain) by_key "$way" ;;
	serial | key-id | certified) certify "$way" ca1 $serial && by_key "$way" ;;
	ca) certify "$way" ca2 $serial && by_key "$way" ;;
	*) by_key "$way" && by_secret "$way" && by_api "$way" ;;
	esac
done
for way in "${ways[@]}"; do
	sg_wait_for is_in "$way" || fail "$way is not in: $(tail -n 3 \
	    "$tmp/$way".*.out "$tmp/$way".*.err)"
done

# From here on nothing is made: it is in the middle of it.
mapfile -t workers < <(sg_children "$(sg_pid sandboxd)" sandboxd-worker)
at_exit 'kill -CONT "${workers[@]}"'
ids()
{
	sg list --json --org "$1" | jq -r '.sandboxes[].id' | sort
}
# creating WAY N: so many are being made for its user.
creating()
{
	[ "$(sg list --json --org "${org_of[$1]}" | jq --arg user "u-$1" \
	    '[.sandboxes[] | select(.status == "creating" and
	    .owner == $user)] | length')" = "$2" ]
}
ids "$red" >"$tmp/before"
kill -STOP "${workers[@]}"
make()
{
	local way=$1 n=0

	case $way in
	ssh-token) return ;;
	token) ;;
	*)
		login=new hold "$way" new ssh_by "$way" true
		login=ctl hold "$way" ctl ssh_by "$way" create
		n=2
		;;
	esac
	case $way in
	token | user | role | org)
		hold "$way" create api_by "$way" -d '{}' http://x/v1/sandboxes
		n=$((n + 1))
		;;
	esac
	sg_wait_for creating "$way" $n || fail "$way: $(sg list --org \
	    "${org_of[$way]}"; tail -n 3 "$tmp/$way".{new,ctl}.err)"
}
fingerprint()
{
	ssh-keygen -lf "$tmp/$1.pub" | cut -d' ' -f2
}
number()
{
	sg "$1" list --json --org "$red" --user "u-$3" | jq ".$2[0].id"
}
take_away()
{
	case $1 in
	token | ssh-token)
		sg token list --json --org "$red" --user "u-$1" |
		    jq '.tokens[].id' | while read -r id; do
			sg token revoke "$id" --org "$red" --user "u-$1"
		done
		;;
	key) sg key rm "$(number key ssh_keys key)" --org "$red" --user u-key ;;
	plain | certified)
		sg revoke --org "$red" --fingerprint "$(fingerprint "$1")"
		;;
	serial) sg revoke --org "$red" --serial 5 --ca "$ca" ;;
	key-id) sg revoke --org "$red" --key-id 'id of key-id' ;;
	ca) sg ca rm "$other_ca" --org "$red" ;;
	user) sg user rm u-user --org "$red" ;;
	role) sg user set u-role --org "$red" --role viewer ;;
	reach) sg org set --org "$green" --member-reach own ;;
	org) sg org rm "$blue" --force & ;;
	esac >"$tmp/taken" 2>&1 || fail "$1: $(cat "$tmp/taken")"
}
declare -A words=([token]='The token was revoked'
    [ssh-token]='The token was revoked' [key]='The key was removed'
    [plain]='was revoked' [serial]='was revoked' [key-id]='was revoked'
    [certified]='was revoked' [ca]='authority .* was removed'
    [user]='The user was removed' [role]='Your role was changed'
    [reach]='What members reach was changed'
    [org]='The organisation was removed')
left=("${ways[@]}")
for way in "${ways[@]}"; do
	left=("${left[@]:1}")
	make "$way"
	lives "$way"
	take_away "$way"
	gone "$way" "${words[$way]}"
	for other in "${left[@]}"; do
		lives "$other"
	done
done
kill -CONT "${workers[@]}"
wait
as_before() { [ "$(ids "$red")" = "$(cat "$tmp/before")" ]; }
sg_wait_for as_before || fail "left: $(sg list --org "$red")"
sg org list --json | grep -q "\"$blue\"" && fail 'the organisation is left'
exit 0
