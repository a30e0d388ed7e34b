#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: whoever is removed is out at once: sessions with their forwards, the
# lobby, the API, and what is being made for them; and the audit log says by
# whom. An organisation goes with its sandboxes or not at all.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
needs_product organisations
orgs_start
audited()
{
	tail -n 200 "$SG_LOG/audit.log" | grep "\"event\":\"$1\"" | tail -n 1
}

# stay USER LOGIN NAME: a session of his that stays, as pid $stayed.
stay()
{
	timeout 300 ssh -F "$SG_SSH_CONFIG" -i "$tmp/$1" -l "$2" bare \
	    'echo in; sleep 300' >"$tmp/$3.out" 2>"$tmp/$3.err" </dev/null &
	stayed=$!
	sg_wait_for grep -q in "$tmp/$3.out"
}
# out WHAT NAME WORDS: the session has ended, and its client was told why.
out()
{
	sg_within 50 sg_is_dead "$stayed" || fail "$1: still in"
	assert_match "$1" "$(cat "$tmp/$2.err")" "$3"
}

# A key, a user, a role, and what members reach.
shared=$(sg_as nia create 2>/dev/null)
stay max "$shared" key
sg key rm --org "$red" --user max \
    "$(sg key list --org "$red" --user max --json | jq '.ssh_keys[0].id')"
out 'a removed key' key 'The key was removed'
sg key add "$tmp/max.pub" --org "$red" --user max >/dev/null 2>&1
stay max "$shared" role
assert_eq 'may list' "$(api_as max GET /v1/sandboxes)" 200
sg_as ana user set max --role viewer
out 'another role' role 'Your role was changed'
assert_match 'who did that' "$(audited user_set)" '"user":"ana","name":"max"'
assert_eq 'may list' "$(api_as max GET /v1/sandboxes)" 200
assert_eq 'may make' "$(api_as max POST /v1/sandboxes '{}')" 403
sg_as ana user set max --role member
stay max "$shared" reach
sg_as ana org set --member-reach own >/dev/null
out 'reach' reach 'What members reach was changed'
assert_eq 'does not see it' "$(api_as max GET "/v1/sandboxes/$shared")" 404
assert_match 'nor enters' "$(ssh_as max "$shared" true 2>&1 || true)" denied
assert_eq 'his owner does' "$(ssh_as nia "$shared" echo in)" in
sg_as ana org set --member-reach shared >/dev/null

# What is being made for somebody who is removed: nothing of it stays.
ids()
{
	sg list --org "$red" --json | sg_ids | sort
}
before=$(ids)
# On a connection that has its capability already.
/usr/bin/python3 - "$SG_RUN/api.sock" "${token_of[nia]}" "$tmp/go" \
    >"$tmp/code" <<'END' &
import http.client, os, socket, sys, time
class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(sys.argv[1])
api = Local("localhost")
headers = {"Authorization": "Bearer " + sys.argv[2],
    "Content-Type": "application/json"}
api.request("GET", "/v1/sandboxes", headers=headers)
assert len(api.getresponse().read()) > 0
open(sys.argv[3] + ".ready", "w")
while not os.path.exists(sys.argv[3]):
    time.sleep(0.05)
api.request("POST", "/v1/sandboxes", "{}", headers)
open(sys.argv[3] + ".asked", "w")
print(api.getresponse().status)
END
making=$!
sg_wait_for test -e "$tmp/go.ready"
mapfile -t workers < <(sg_children "$(sg_pid sandboxd)" sandboxd-worker)
kill -STOP "${workers[@]}"
at_exit 'kill -CONT "${workers[@]}"'
at_exit 'kill "$making"'
touch "$tmp/go"
sg_wait_for test -e "$tmp/go.asked"
ssh_as nia new 'echo in' >"$tmp/new" 2>/dev/null &
new=$!
creating()
{
	[ "$(sg list --org "$red" --json | grep -c '"state": "creating"')" = 2 ]
}
sg_wait_for creating || fail 'nothing is being made'
sg_as ana user rm nia
kill -CONT "${workers[@]}"
wait "$making" || true
wait "$new" || true
assert_match 'a create of his' "$(cat "$tmp/code")" '^503$'
assert_eq 'a login that makes one' "$(cat "$tmp/new")" ''
is_undone() { [ "$(ids)" = "$before" ]; }
sg_wait_for is_undone || fail "left: $(ids)"
grep -q 'sandbox undone: id=' "$SG_LOG/sandboxd.log" || fail 'none was undone'
assert_eq 'nia at the API' "$(api_as nia GET /v1/sandboxes)" 401
assert_match 'nia by ssh' "$(ssh_as nia "$shared" true 2>&1 || true)" denied
assert_match 'her sandbox is kept' "$(ids)" "$shared"

# Who is added again by the same name is another.
private=$(sg create --org "$red" --user ana --private 2>/dev/null)
sg_as ana user add nia --role member
assert_eq 'not hers' "$(sg get "$private" --org "$red" --json |
    jq -r '.owner, .private')" $'ana\ntrue'

# The organisation.
stay max "$shared" org
sg org rm "$red" 2>"$tmp/err" && fail 'removed with sandboxes'
assert_match 'how many it has' "$(cat "$tmp/err")" 'still has 2 sandboxes'
sg_is_alive "$stayed" || fail 'a refusal ends nobody'
sg_as ana org rm "$red" --force 2>"$tmp/err" && fail 'removed by its admin'
sg org rm "$red" --force
out 'the organisation' org 'The organisation was removed'
assert_match 'who did that' "$(audited org_remove)" \
    "\"by\":\"uid 0\",\"name\":\"$red\""
for id in "$shared" "$private"; do
	"$BUILD/tests/sandboxd-client" "$SG_RUN/sandboxd.sock" get "$red" "$id" \
	    >/dev/null 2>&1 && fail "$id is left"
done
assert_eq 'ana' "$(api_as ana GET /v1/status)" 401
assert_match 'its name' "$(sg org create "$red" 2>&1 || true)" 'choose another'
assert_eq 'others' "$(api_as ben GET /v1/sandboxes)" 200
