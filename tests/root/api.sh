#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Issue 2: the HTTP API and the command line, against the real daemons: every
# route and verb, and gateway-http in its jail.
command -v curl >/dev/null || { echo "no curl"; exit 77; }
. "$(dirname "$0")/instance.sh"
port=$((20000 + $$ % 10000))
gateway=
chmod 0755 "$work"
configure
cat >>"$work/conf" <<END
[gateway]
cgroup =
ssh_listen = 127.0.0.1:$port
ssh_host = gateway.example
api_listen = 127.0.0.1:$((port + 10000))
END
stop_gateway() {
	status=$?
	[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true
	[ -z "$gateway" ] || wait "$gateway" || true
	finish "$status"
}
trap stop_gateway EXIT
start
"$build/bin/gateway" -c "$work/conf" >>"$work/log" 2>&1 </dev/null &
gateway=$!
api=$work/run/api.sock
curl=(curl -sS -m 60 --unix-socket "$api")
for _ in $(seq 1200); do
	"${curl[@]}" http://x/healthz >/dev/null 2>&1 && break
	sleep 0.05
done
sandgate() { timeout 60 "$build/bin/sandgate" --socket "$api" "$@"; }
code() { "${curl[@]}" -o /dev/null -w '%{http_code}' "$@"; }
json=(-H 'Content-Type: application/json')

check '{"status":"ok"}' "$("${curl[@]}" http://x/healthz)" healthz
sandgate status >/dev/null || fail status
check 404 "$(code http://x/v1/nothing)" "unknown path"
check 405 "$(code -X PUT http://x/v1/sandboxes)" "unknown method"
check 400 "$(code "${json[@]}" -d '{"memry":"1G"}' http://x/v1/sandboxes)" \
    "unknown field"
check 401 "$(code -H 'Authorization: Bearer no' http://x/v1/status)" \
    "bad token"

# gateway-http is in its jail
http=$(pgrep -P "$gateway" gateway-http)
check "$(id -u sandgate-net)" \
    "$(awk '$1 == "Uid:" {print $2}' "/proc/$http/status")" user
grep -q '^Seccomp:.2' "/proc/$http/status" || fail "no seccomp"
grep -q '^CapEff:.0000000000000000' "/proc/$http/status" || fail capabilities
grep -q '^NoNewPrivs:.1' "/proc/$http/status" || fail no_new_privs
check "$work/run/empty" "$(readlink "/proc/$http/root")" "root directory"

# a sandbox's life
id=$(sandgate create --name web --memory 256M --cpus 0.5 -e COLOUR=red \
    2>"$work/hint") || fail "create: $(cat "$work/hint")"
check "ssh -p $port $id@gateway.example" "$(cat "$work/hint")" hint
check 268435456 "$(sandgate --json get "$id" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["limits"]["memory_bytes"])')" \
    memory
sandgate list | grep -q "^$id  *web  *running" || fail "list: $(sandgate list)"
check 404 "$(code http://x/v1/sandboxes/sb_000000000000)" "foreign sandbox"

# in and out, without a question
check "red it's" "$(sandgate exec "$id" -- sh -c 'echo $COLOUR "it'\''s"')" exec
check 'a  b' "$(sandgate exec "$id" -- printf '%s' 'a  b')" quoting
sandgate exec "$id" -- 'exit 42' && status=0 || status=$?
check 42 "$status" "exit status"
check root "$(sandgate exec "$id" --root -- id -un)" root
head -c 100000 /dev/urandom >"$work/file one"
sandgate cp "$work/file one" "$id:/tmp/two" || fail "cp in"
sandgate cp "$id:/tmp/two" "$work/three" || fail "cp out"
cmp "$work/file one" "$work/three" || fail "cp changed the file"
check connected "$(echo 'echo connected; exit' | sandgate connect "$id" -- -T |
    tail -n 1)" connect
"$build/bin/sandgate" --socket "$api" exec "$id" -- \
    sh -c 'echo in; sleep 100' >"$work/in" &
exec_pid=$!
for _ in $(seq 600); do
	grep -q in "$work/in" && break
	sleep 0.1
done
kill -TERM $exec_pid
wait $exec_pid && status=0 || status=$?
check 255 "$status" "exit status after TERM"
check '' "$(find "${XDG_RUNTIME_DIR:-/tmp}" -maxdepth 1 \
    -name 'sandgate-??????' -type d -newer "$work/three")" "keys left behind"

# keys and tokens
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
key=$(sandgate key add "$work/key.pub" --name mine 2>/dev/null)
sandgate key list | grep -q "^$key  *mine  *ssh-ed25519" || fail "key list"
ssh_options=(-F /dev/null -i "$work/key" -p "$port" -o IdentitiesOnly=yes
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
    -o LogLevel=ERROR -o BatchMode=yes)
check in "$(timeout 20 ssh "${ssh_options[@]}" "$id@127.0.0.1" echo in)" ssh
sandgate key rm "$key"
timeout 20 ssh "${ssh_options[@]}" "$id@127.0.0.1" true 2>/dev/null &&
	fail "a removed key lets in"
sandgate key add "$work/key" 2>/dev/null && fail "took a private key"
token=$(sandgate token create ci --ttl 1h 2>/dev/null)
tcp=http://127.0.0.1:$((port + 10000))
check 401 "$(curl -s -o /dev/null -w '%{http_code}' "$tcp/v1/status")" \
    "TCP without a token"
SANDGATE_TOKEN=$token "$build/bin/sandgate" --api "$tcp/" list |
	grep -q "^$id" || fail "list over TCP"
SANDGATE_API=$tcp SANDGATE_TOKEN=$token "$build/bin/sandgate" --json \
    get "$id" | grep -q "\"id\": \"$id\"" || fail "get over TCP"
sandgate token revoke "$(sandgate token list | awk '$2 == "ci" {print $1}')"
SANDGATE_TOKEN=$token "$build/bin/sandgate" --api "$tcp" list 2>/dev/null &&
	fail "a revoked token works"

# sandboxd away: said as such; and back
stop KILL
check 503 "$(code http://x/v1/sandboxes)" "sandboxd is away"
sandgate status >/dev/null && fail "status without sandboxd"
start
for _ in $(seq 600); do
	[ "$(code http://x/v1/sandboxes)" = 200 ] && break
	sleep 0.1
done
sandgate destroy "$id" || fail destroy
sandgate destroy "$id" || fail "destroy again"

# what is remembered of it
sandgate get "$id" | grep -q '^ended .* destroyed by ' ||
	fail "get: $(sandgate get "$id")"
sandgate get "$id" | grep -q '^ssh ' && fail "get says how to connect to it"
check destroyed "$(sandgate --json get "$id" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["status"])')" status
sandgate list --destroyed | grep -q "^$id  *web .* destroyed by " ||
	fail "list --destroyed: $(sandgate list --destroyed)"
check 200 "$(code "http://x/v1/sandboxes?destroyed=1")" "list of destroyed"
check 400 "$(code "http://x/v1/sandboxes?destroyed=maybe")" "a bad filter"
check 204 "$(code -X DELETE "http://x/v1/sandboxes/$id")" "destroy again"
check 409 "$(code "${json[@]}" -d '{"ttl_seconds":60}' \
    "http://x/v1/sandboxes/$id/ssh-access")" "access to it"
check "" "$(sandgate list | tail -n +2)" "list at the end"
echo passed
