#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real gateway before the real sandboxd: who gets in, who does not and in
# what words, and that what dies is started again while clients wait.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/instance.sh"
build=${build:?} work=${work:?}
for program in gateway gateway-broker gateway-session gateway-http \
    gateway-lobby gateway-webhook; do
	[ -x "$build/bin/$program" ] || { echo "no $program"; exit 77; }
done
gateway=
trap 'stop_gateway; finish $?' EXIT
port=$((20000 + $$ % 10000))
api() { # PATH [CURL OPTION...]
	timeout 30 curl -sS --unix-socket "$work/run/api.sock" \
	    "http://localhost/v1$1" "${@:2}"
}
login() { # USER [SSH OPTION...] -- [COMMAND...]
	timeout 120 ssh -F none -p $port -o StrictHostKeyChecking=no \
	    -o UserKnownHostsFile="$work/known" -o LogLevel=ERROR \
	    -o IdentitiesOnly=yes -o IdentityAgent=none \
	    -o BatchMode=yes -l "$1" "${@:2}" 2>&1 </dev/null | sed -u 's/\r//g'
}
start_gateway() {
	"$build/bin/gateway" -c "$work/conf" 2>>"$work/log" </dev/null &
	gateway=$!
	for _ in $(seq 600); do
		api /status >/dev/null 2>&1 && return
		kill -0 $gateway 2>/dev/null || break
		sleep 0.1
	done
	fail "gateway did not start"
}
stop_gateway() {
	[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true
	[ -z "$gateway" ] || wait "$gateway" || true
	gateway=
}
child() { pgrep -P "$gateway" -f "$1 -c" | head -1; }
add_key() { # FILE: makes it the admin's
	api /ssh-keys -H 'Content-Type: application/json' \
	    -d "{\"name\":\"k\",\"public_key\":\"$(cat "$1.pub")\"}"
}

chmod 711 "$work"
touch "$work/log"
configure
cat >>"$work/conf" <<-END
	[gateway]
	cgroup =
	ssh_listen = 127.0.0.1:$port
	ssh_host = localhost
END
start
start_gateway
ssh-keygen -q -t ed25519 -N "" -f "$work/key"
ssh-keygen -q -t ed25519 -N "" -f "$work/stranger"
add_key "$work/key" | grep -q SHA256: || fail "key not added"
id=$("$build/tests/rpcctl" "$work/run/sandboxd.sock" default create \
    | cut -d' ' -f1)
foreign=$(create)

# Who may, does.
check hello "$(login "$id" -i "$work/key" -- localhost echo hello)" "login"
check 0 "$(login "$id+root" -i "$work/key" -- localhost id -u)" "as root"

# All others hear the same words.
refused="Permission denied (publickey,keyboard-interactive,password)."
for who in "$id stranger" "$foreign key" "sb_0123456789abcde key" "root key" \
    "$id+nobody key" "$id+root+root key" "../../etc key"; do
	read -r name key <<<"$who"
	got=$(login "$name" -i "$work/$key" -- localhost true) || true
	check "$name@localhost: $refused" "$got" "$name with $key"
done
grep -q '"event":"login","from"' "$work/audit.log" || fail "no audit"
grep -q "login_refused\|offer_refused" "$work/audit.log" || fail "no refusal"

# Rights of what was made.
check "600 sandgate" "$(stat -c '%a %U' "$work/state/keys/keys.db")" "keys.db"
check "700 root" "$(stat -c '%a %U' "$work/state/hostkeys")" "host keys"
check "660 sandgate" "$(stat -c '%a %G' "$work/run/api.sock")" "API socket"
broker=$(child gateway-broker)
check "$(id -u sandgate)" "$(stat -c %u "/proc/$broker/task")" "broker's uid"
check 0000000000000000 "$(awk '/^CapEff/{print $2}' "/proc/$broker/status")" \
    "broker's capabilities"
check 00000000000401e0 "$(awk '/^CapEff/{print $2}' \
    "/proc/$gateway/status")" "gateway's capabilities"

# A second instance says so; a taken port too.
got=$("$build/bin/gateway" -c "$work/conf" 2>&1) && fail "second instance"
[[ $got == *"another gateway runs already as process $gateway"* ]] ||
    fail "second instance: $got"
sed "s,^run_dir.*,run_dir = $work/run2," "$work/conf" >"$work/conf2"
got=$("$build/bin/gateway" -c "$work/conf2" 2>&1) && fail "taken port"
[[ $got == *"cannot listen on 127.0.0.1:$port: Address already in use"* ]] ||
    fail "taken port: $got"

# A session outlives everything; the next one waits instead of failing.
login "$id" -i "$work/key" -- localhost \
    'echo in; until [ -e go ]; do sleep 0.1; done; echo survived' \
    >"$work/long" &
long=$!
for _ in $(seq 600); do
	grep -q in "$work/long" && break
	sleep 0.1
done
old=$(child gateway-session)
kill -HUP "$gateway"
for _ in $(seq 600); do
	new=$(child gateway-session)
	[ -z "$new" ] || [ "$new" = "$old" ] || break
	sleep 0.1
done
[ -n "$new" ] && [ "$new" != "$old" ] || fail "zygote not renewed"
for victim in gateway-session gateway-http gateway-lobby gateway-webhook \
    gateway-broker; do
	for _ in $(seq 600); do
		[ -z "$(child $victim)" ] || break
		sleep 0.1
	done
	kill -KILL "$(child $victim)"
	check "after $victim" "$(login "$id" -i "$work/key" -- localhost \
	    echo "after $victim")" "login after $victim was killed"
done
kill -KILL "$gateway"
wait "$gateway" 2>/dev/null || true
start_gateway
check again "$(login "$id" -i "$work/key" -- localhost echo again)" "again"
login "$id" -i "$work/key" -- localhost touch go
wait $long || fail "the long session ended early: $(cat "$work/long")"
check $'in\nsurvived' "$(cat "$work/long")" "long session"
check 1 "$(grep -c . "$work/known")" "host keys kept"

# A revoked token is refused at once.
made=$(api /tokens -H 'Content-Type: application/json' -d '{"name":"ci"}')
token=$(grep -o 'sg_[A-Za-z0-9_-]*' <<<"$made")
number=$(grep -o '"id": *[0-9]*' <<<"$made" | grep -o '[0-9]*$')
status() {
	api /status -o /dev/null -w '%{http_code}' -H "X-API-Key: $token"
}
check 200 "$(status)" "token"
api "/tokens/$number" -X DELETE >/dev/null
check 401 "$(status)" "revoked token"
stop_gateway
grep Sanitizer "$work/log" && fail "a sanitizer spoke"
echo passed
