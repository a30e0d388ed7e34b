#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: who reaches what, in one table: roles down, and across whose a sandbox is,
# by every way in. A route of the API that the table has not is a failure.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product organisations
orgs_start

declare -A sandbox
make()
{
	sandbox[$1]=$(sg_as "${@:2}" 2>/dev/null) || fail "no sandbox for $1"
}
make own-ana ana create
make own-max max create
make shared nia create
make private nia create --private
make foreign ben create

disk=$(sg_as nia disk create)

# Ways: each succeeds where the one who goes it gets what it is for.
ssh_way() { [ "$(ssh_as "$1" "$2" echo in 2>/dev/null)" = in ]; }
root_way() { ssh_way "$1" "$2+root"; }
sftp_way()
{
	timeout 300 sftp -q -F "$SG_SSH_CONFIG" -i "$tmp/$1" -o User="$2" \
	    -b - bare <<<'ls /etc/hostname' >/dev/null 2>&1
}
ctl_get_way() { ssh_as "$1" ctl get "$2" >/dev/null 2>&1; }
cli_get_way() { sg_as "$1" get "$2" >/dev/null 2>&1; }
cli_list_way() { sg_as "$1" list --json 2>/dev/null | grep "$2" >/dev/null; }
cli_share_way() { sg_as "$1" ssh-token "$2" >/dev/null 2>&1; }
api_get_way() { [ "$(api_as "$1" GET "/v1/sandboxes/$2")" = 200 ]; }
api_share_way()
{
	[ "$(api_as "$1" POST "/v1/sandboxes/$2/ssh-access" \
	    "{\"public_key\": \"$(cut -d' ' -f1-2 "$tmp/$1.pub")\"}")" = 200 ]
}
token_way()
{
	[ "$(api_as "$1" POST /v1/tokens "{\"name\": \"one\", \"sandbox\": \"$2\",
	    \"ttl_seconds\": 60}")" = 201 ]
}

# check WHAT WAY USER ID y|n
check()
{
	local got=n

	"$2" "$3" "$4" && got=y
	[ "$got" = "$5" ] || { wrong=$((wrong + 1))
		echo "WRONG: $1 $2: $got, and it should be $5" >&2; }
}

wrong=0
enter='ssh_way root_way sftp_way cli_share_way api_share_way'
see='ctl_get_way cli_get_way cli_list_way api_get_way'
# user  ways  own shared private foreign
while read -r user ways own shared private foreign; do
	for way in ${!ways}; do
		[ "$own" = - ] ||
		    check "$user own" "$way" "$user" "${sandbox[own-$user]}" "$own"
		check "$user shared" "$way" "$user" "${sandbox[shared]}" "$shared"
		check "$user private" "$way" "$user" "${sandbox[private]}" \
		    "$private"
		check "$user foreign" "$way" "$user" "${sandbox[foreign]}" \
		    "$foreign"
	done
done <<'END'
ana enter y y y n
ana see   y y y n
max enter y y n n
max see   y y n n
vic enter - n n n
vic see   - y n n
END
for user in ana max vic; do
	check "$user token for it" token_way "$user" "${sandbox[foreign]}" n
	check "$user token for it" token_way "$user" "${sandbox[shared]}" y
done

# What is about no sandbox, and what may not work on one of another's.
new_way() { [ "$(ssh_as "$1" new echo in 2>/dev/null)" = in ]; }
made_way()
{
	local id

	id=$("$@" 2>/dev/null) && sg destroy --org "$red" "$id"
}
cli_make_way() { made_way sg_as "$1" create; }
ctl_make_way() { made_way ssh_as "$1" ctl create; }
for way in new_way cli_make_way ctl_make_way; do
	check 'an admin makes' "$way" ana - y
	check 'a member makes' "$way" max - y
	check 'a viewer makes' "$way" vic - n
done
users_way() { sg_as "$1" user set vic --role viewer >/dev/null 2>&1; }
orgs_way() { sg_as "$1" org list >/dev/null 2>&1; }
acting_way() { sg_as "$1" --user nia key list >/dev/null 2>&1; }
other_org_way() { sg_as "$1" --org "$blue" list >/dev/null 2>&1; }
for way in users_way acting_way; do
	check 'an admin' "$way" ana - y
	check 'a member' "$way" max - n
	check 'a viewer' "$way" vic - n
done
for user in ana max vic; do
	check "$user" orgs_way "$user" - n
	check "$user" other_org_way "$user" - n
done

# Every route: METHOD PATH BODY, then what an admin, a member and a viewer of
# red get, and a stranger of blue who names red's things.
key="$(cut -d' ' -f1-2 "$tmp/ben.pub")"
code()
{
	local got

	got=$(api_as "$1" "$2" "$3" "$4" "$header" 2>/dev/null) || true
	[[ $got =~ ^($5)$ ]] || { wrong=$((wrong + 1))
		echo "WRONG: $1 $2 $3: $got, not $5: $(cat "$tmp/answer")" >&2; }
}
snapshot=$(sg_as ana snapshot create "${sandbox[shared]}" --name kept)
printf '%s\n' 'Connection: Upgrade' 'Upgrade: websocket' \
    'Sec-WebSocket-Version: 13' \
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' >"$tmp/greeting"
covered=
while IFS='|' read -r method path body admin member viewer stranger; do
	covered+="$method ${path%%\?*}"$'\n'
	at=${path/\{id\}/${sandbox[shared]}}
	at=${at/\{name\}/vic}
	at=${at/\{snapshot\}/$snapshot}
	at=${at/\{pid\}/1}
	at=${at/\{ctx\}/c}
	at=${at/\{service\}/vic}
	at=${at/\{preview\}/999999}
	case $path in
	/v1/organisations/*) at=/v1/organisations/$red ;;
	/v1/ssh-keys/*|/v1/tokens/*|/v1/webhooks/*|/v1/ssh-*s/\{id\})
		at=${path/\{id\}/999999} ;;
	/v1/disks/*) at=${path/\{id\}/$disk} ;;
	/v1/recordings/*) at=/v1/recordings/none ;;
	esac
	header='' api_time=120
	case "$method $path" in
	'POST /v1/sandboxes/{id}/files?'*) # a body in parts
		header='Content-Type: multipart/form-data; boundary=x' ;;
	'GET /v1/sandboxes/{id}/exec') # a WebSocket, which curl sits in
		header=@$tmp/greeting api_time=10 ;;
	esac
	code ana "$method" "$at" "$body" "$admin"
	code max "$method" "$at" "$body" "$member"
	code vic "$method" "$at" "$body" "$viewer"
	code ben "$method" "$at" "$body" "$stranger"
done <<END
GET|/v1/sandboxes||200|200|200|200
GET|/v1/sandboxes/{id}||200|200|200|403
POST|/v1/sandboxes/{id}/ssh-access|{}|200|200|403|403
POST|/v1/sandboxes/{id}/kill||204|204|403|403
POST|/v1/sandboxes/{id}/pause||200|200|403|403
POST|/v1/sandboxes/{id}/resume||200|200|403|403
POST|/v1/sandboxes/{id}/suspend||200|200|403|403
POST|/v1/sandboxes/{id}/wake||200|200|403|403
POST|/v1/sandboxes/{id}/snapshots|{}|201|201|403|403
GET|/v1/sandboxes/{id}/snapshots||200|200|200|200
GET|/v1/snapshots||200|200|200|200
GET|/v1/snapshots/{snapshot}||200|200|200|404
POST|/v1/sandboxes/{id}/restore|{"snapshot": "kept"}|200|200|403|403
POST|/v1/sandboxes/{id}/fork|{"name": "other"}|201|201|403|403
GET|/v1/sandboxes/{id}/env||200|200|403|403
PATCH|/v1/sandboxes/{id}|{"auto_resume": true}|200|200|403|403
POST|/v1/sandboxes/{id}/refresh|{}|200|200|403|403
POST|/v1/sandboxes/{id}/keepalive|{"timeout": "5m"}|409|409|409|403
POST|/v1/sandboxes/{id}/sessions|{}|201|201|403|403
GET|/v1/sandboxes/{id}/events||200|200|200|403
GET|/v1/sandboxes/{id}/logs||200|200|403|403
GET|/v1/events||200|200|200|200
GET|/v1/metrics||200|200|200|200
GET|/v1/sandboxes/{id}/metrics||200|200|200|403
GET|/v1/sandboxes/{id}/egress||200|200|200|403
PUT|/v1/sandboxes/{id}/egress|{"default": "allow", "rules": []}|200|200|403|403
POST|/v1/sandboxes/{id}/egress/check|{"host": "::1", "port": 1}|200|200|200|403
GET|/v1/sandboxes/{id}/egress/counts||200|200|200|403
GET|/v1/sandboxes/{id}/egress/log||200|200|200|403
DELETE|/v1/sandboxes/{id}/egress||204|204|403|403
POST|/v1/sandboxes/{id}/services|{"name": "vic", "port": 80}|201|201|403|403
GET|/v1/sandboxes/{id}/services||200|200|200|403
DELETE|/v1/sandboxes/{id}/services/{service}||204|404|403|403
POST|/v1/sandboxes/{id}/previews|{"port": 80}|201|201|403|403
GET|/v1/sandboxes/{id}/previews||200|200|200|403
DELETE|/v1/sandboxes/{id}/previews/{preview}||404|404|403|403
POST|/v1/sandboxes/{id}/exec|{"command": "true"}|200|200|403|403
POST|/v1/sandboxes/{id}/execute|{"command": "true"}|200|200|403|403
POST|/v1/sandboxes/{id}/import|{"name": "vic", "source": "none"}|400|400|403|403
POST|/v1/sandboxes/{id}/upload?path=/tmp/up|x|204|204|403|403
PUT|/v1/sandboxes/{id}/upload?path=/tmp/up|x|204|204|403|403
GET|/v1/sandboxes/{id}/download?path=/tmp/up||200|200|403|403
POST|/v1/sandboxes/{id}/contexts|{"language": "bash", "id": "c"}|201|409|403|403
GET|/v1/sandboxes/{id}/contexts||200|200|403|403
GET|/v1/sandboxes/{id}/contexts/{ctx}||200|200|403|403
POST|/v1/sandboxes/{id}/contexts/{ctx}/run|{"code": "true"}|200|200|403|403
POST|/v1/sandboxes/{id}/run-python|{"code": "1"}|200|200|403|403
POST|/v1/sandboxes/{id}/contexts/{ctx}/interrupt||204|204|403|403
POST|/v1/sandboxes/{id}/contexts/{ctx}/restart||200|200|403|403
DELETE|/v1/sandboxes/{id}/contexts/{ctx}||204|204|403|403
POST|/v1/sandboxes/{id}/processes|{"command": "true"}|201|201|403|403
GET|/v1/sandboxes/{id}/processes||200|200|403|403
GET|/v1/sandboxes/{id}/processes/{pid}||200|200|403|403
GET|/v1/sandboxes/{id}/processes/{pid}/output||200|200|403|403
GET|/v1/sandboxes/{id}/processes/{pid}/wait||200|200|403|403
POST|/v1/sandboxes/{id}/processes/{pid}/stdin|x|409|409|403|403
POST|/v1/sandboxes/{id}/processes/{pid}/stdin/close||409|409|403|403
POST|/v1/sandboxes/{id}/processes/{pid}/resize|{"rows": 1, "cols": 1}|409|409|403|403
POST|/v1/sandboxes/{id}/processes/{pid}/signal|{"signal": "TERM"}|404|404|403|403
DELETE|/v1/sandboxes/{id}/processes/{pid}||204|204|403|403
GET|/v1/sandboxes/{id}/exec||101|101|403|403
GET|/v1/sandboxes/{id}/files?path=/etc/hostname||200|200|403|403
POST|/v1/sandboxes/{id}/files?path=/tmp|--x--|200|200|403|403
PUT|/v1/sandboxes/{id}/files?path=/tmp/file|x|200|200|403|403
GET|/v1/sandboxes/{id}/files/stat?path=/tmp/file||200|200|403|403
GET|/v1/sandboxes/{id}/files/list?path=/tmp||200|200|403|403
GET|/v1/sandboxes/{id}/files/search?path=/etc&name=host*&text=x||200|200|403|403
GET|/v1/sandboxes/{id}/files/watch?path=/absent||404|404|403|403
GET|/v1/sandboxes/{id}/files/tar?path=/etc/skel||200|200|403|403
PUT|/v1/sandboxes/{id}/files/tar?path=/tmp/tar|x|400|400|403|403
POST|/v1/sandboxes/{id}/files/chmod|{"path": "/tmp/file", "mode": "0640"}|200|200|403|403
POST|/v1/sandboxes/{id}/files/mkdir|{"path": "/tmp/folder"}|200|200|403|403
POST|/v1/sandboxes/{id}/files/move|{"path": "/tmp/file", "target": "/tmp/file2"}|200|404|403|403
DELETE|/v1/sandboxes/{id}/files?path=/tmp/file2||204|404|403|403
GET|/v1/ssh-keys||200|200|200|200
POST|/v1/ssh-keys|{"public_key": "$key"}|201|409|409|409
DELETE|/v1/ssh-keys/{id}||404|404|404|404
GET|/v1/tokens||200|200|200|200
POST|/v1/tokens|{"name": "n"}|201|201|201|201
DELETE|/v1/tokens/{id}||404|404|404|404
GET|/v1/webhooks||200|200|200|200
POST|/v1/webhooks|{"url": "http://127.0.0.1:1/"}|201|403|403|403
GET|/v1/webhooks/{id}||404|404|404|404
POST|/v1/webhooks/{id}/test||404|404|403|404
GET|/v1/webhooks/{id}/deliveries||404|404|404|404
DELETE|/v1/webhooks/{id}||404|404|403|404
POST|/v1/disks|{}|201|201|403|201
GET|/v1/disks||200|200|200|200
GET|/v1/disks/{id}||200|200|200|404
PUT|/v1/disks/{id}/artifacts?path=/a.txt|words|201|201|403|404
GET|/v1/disks/{id}/artifacts?path=/a.txt||200|200|403|404
GET|/v1/disks/{id}/artifacts/stat?path=/a.txt||200|200|200|404
GET|/v1/disks/{id}/artifacts/list?path=/||200|200|200|404
GET|/v1/disks/{id}/artifacts/search?glob=*||200|200|200|404
GET|/v1/disks/{id}/artifacts/search?grep=words||200|200|403|404
PATCH|/v1/disks/{id}/artifacts?path=/a.txt|{"metadata": {"a": "b"}}|200|200|403|404
POST|/v1/disks/{id}/artifacts/to-sandbox|{"path": "/a.txt", "sandbox": "${sandbox[shared]}", "target": "/tmp/a"}|204|204|403|404
POST|/v1/disks/{id}/artifacts/from-sandbox|{"path": "/b.txt", "sandbox": "${sandbox[shared]}", "source": "/tmp/a"}|201|201|403|404
DELETE|/v1/disks/{id}/artifacts?path=/a.txt||204|404|403|404
DELETE|/v1/disks/{id}||204|404|403|404
GET|/v1/ssh-cas||200|200|200|200
POST|/v1/ssh-cas|{"public_key": "$key"}|201|403|403|403
DELETE|/v1/ssh-cas/{id}||404|403|403|403
GET|/v1/ssh-revocations||200|200|200|200
POST|/v1/ssh-revocations|{"key_id": "x"}|201|403|403|403
DELETE|/v1/ssh-revocations/{id}||404|403|403|403
GET|/v1/ssh||200|200|200|200
GET|/v1/organisation||200|200|200|200
GET|/v1/quotas||200|200|200|200
GET|/v1/usage||200|200|200|200
PATCH|/v1/organisation|{"recording": false}|200|403|403|403
GET|/v1/organisation/egress||200|200|200|200
PUT|/v1/organisation/egress|{"default": "allow", "rules": []}|200|403|403|403
DELETE|/v1/organisation/egress||204|403|403|403
GET|/v1/organisations||403|403|403|403
POST|/v1/organisations|{"name": "mine"}|403|403|403|403
GET|/v1/organisations/{name}||200|200|200|403
PATCH|/v1/organisations/{name}|{"member_reach": "shared"}|200|403|403|403
DELETE|/v1/organisations/{name}||403|403|403|403
GET|/v1/users||200|200|200|200
POST|/v1/users|{"name": "new"}|201|403|403|403
GET|/v1/users/{name}||200|200|200|404
PATCH|/v1/users/{name}|{"role": "viewer"}|200|403|403|403
GET|/v1/recordings||200|403|403|403
GET|/v1/recordings/{id}||404|403|403|403
GET|/v1/templates||200|200|200|200
POST|/v1/templates|{"name": "vic", "sandbox": "${sandbox[shared]}"}|201|201|403|404
GET|/v1/templates/{name}||200|200|200|404
GET|/v1/templates/{name}/log||200|200|200|404
DELETE|/v1/templates/{name}||204|404|403|404
GET|/v1/pool||403|403|403|403
PUT|/v1/pool/{name}|{"size": 0}|403|403|403|403
DELETE|/v1/pool/{name}||403|403|403|403
GET|/v1/status||200|200|200|200
GET|/readyz||200|200|200|200
GET|/metrics||200|200|200|200
DELETE|/v1/snapshots/{snapshot}||204|404|403|404
DELETE|/v1/sandboxes/{id}||204|204|403|404
POST|/v1/sandboxes/{id}/stop||200|200|403|404
POST|/v1/sandboxes|{}|201|201|403|201
DELETE|/v1/users/{name}||204|403|401|403
END

# Disks where members reach but their own: whose it is, what another member gets,
# an admin, and a stranger; by the API's own routes and Acontext's.
sg_as ana org set --member-reach own >/dev/null
disk=$(sg_as nia disk create)
header=
while IFS='|' read -r method path body own other admin stranger; do
	at=${path/\{id\}/$disk}
	code max "$method" "$at" "${body/DISK/$disk}" "$other"
	code ben "$method" "$at" "${body/DISK/$disk}" "$stranger"
	code nia "$method" "$at" "${body/DISK/$disk}" "$own"
	code ana "$method" "$at" "${body/DISK/$disk}" "$admin"
done <<'END'
PUT|/v1/disks/{id}/artifacts?path=/a.txt|words|201|404|201|404
GET|/v1/disks/{id}||200|404|200|404
GET|/v1/disks/{id}/artifacts?path=/a.txt||200|404|200|404
GET|/v1/disks/{id}/artifacts/stat?path=/a.txt||200|404|200|404
GET|/v1/disks/{id}/artifacts/list?path=/||200|404|200|404
GET|/v1/disks/{id}/artifacts/search?glob=*||200|404|200|404
GET|/v1/disks/{id}/artifacts/search?grep=words||200|404|200|404
PATCH|/v1/disks/{id}/artifacts?path=/a.txt|{"metadata": {"a": "b"}}|200|404|200|404
GET|/api/v1/disk/{id}/artifact?file_path=/a.txt||200|404|200|404
GET|/api/v1/disk/{id}/artifact/ls?path=/||200|404|200|404
GET|/api/v1/disk/{id}/artifact/glob?query=*||200|404|200|404
GET|/api/v1/disk/{id}/artifact/grep?query=words||200|404|200|404
POST|/v1/sandboxes|{"disks": "DISK:/mnt:ro"}|201|404|201|404
DELETE|/v1/disks/{id}||409|404|409|404
DELETE|/api/v1/disk/{id}||409|404|409|404
END
for user in max ben; do
	code "$user" GET /v1/disks '' 200
	! grep -q "$disk" "$tmp/answer" || fail "$user is told of $disk"
done
sg list --org "$red" --json | jq -r --arg disk "$disk" \
    '.sandboxes[] | select(.disks // "" | contains($disk)) | .id' |
    while read -r id; do sg destroy --org "$red" "$id"; done
code max DELETE "/v1/disks/$disk" '' 404
code nia DELETE "/v1/disks/$disk/artifacts?path=/a.txt" '' 204
code nia DELETE "/v1/disks/$disk" '' 204
sg_as ana org set --member-reach shared >/dev/null

# Each token is narrower than its user, and each route needs what it needs.
while read -r scope see make enter admin; do
	token_of[narrow]=$(sg token create narrow --org "$red" --user ana \
	    --scope "$scope" 2>/dev/null)
	code narrow GET /v1/sandboxes '' "$see"
	code narrow POST /v1/sandboxes '{}' "$make"
	code narrow GET /v1/tokens '' "$admin"
	assert_match "$scope by ssh" \
	    "$(secret_login "${sandbox[own-ana]}" "${token_of[narrow]}")" \
	    "exit $enter\$"
done <<'END'
read 200 403 (255|5) 403
create 403 201 (255|5) 403
exec 403 403 0 403
files 403 403 1 403
admin 403 403 (255|5) 200
read,create,exec 200 201 0 403
END

missing=$(awk '/^  "\// { path = $1; gsub(/[":]/, "", path) }
    /^    (get|post|put|patch|delete):/ { sub(":", "", $1)
	print toupper($1), path }' "$top/docs/openapi.yaml" |
    grep -v /healthz | grep -vxFf <(printf %s "$covered") || true)
[ -z "$missing" ] || fail "routes that nobody says who may:"$'\n'"$missing"
assert_eq 'wrong cells' "$wrong" 0
