#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: services over the life of their sandbox and of the daemons: a request
# wakes it, use keeps it, an end cuts, and a killed proxy is back.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
# shellcheck source=tests/regress/lib-service.sh
. "$here/lib-service.sh"
needs_product 'services'
service_serve 8000
at_exit 'for name in open still; do
    sg unexpose "$SG_SANDBOX" "$name" 2>/dev/null || true; done'
url=$(expose 8000 --name open --public)
still=$(expose 8000 --name still --public --no-resume)
state() { sg get "$SG_SANDBOX" --json | /usr/bin/python3 -c 'import json, sys
it = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }

# Use of it, told as what it is.
assert_eq 'a request' "$(get "${url}slow/1.5")" 200
assert_eq 'is use' "$(state 'it["last_activity"]["kind"]')" service

# Paused: one waits for it to run again, the other is refused, and a connection
# that was open before is of use after.
sg pause "$SG_SANDBOX"
assert_eq 'not woken' "$(get "$still")" 503
assert_match 'says why' "$(cat "$tmp/body")" 'does not run'
assert_eq 'still paused' "$(state 'it["state"]')" paused
assert_eq 'woken' "$(get "$url")" 200
assert_eq 'it runs' "$(state 'it["state"]')" running
assert_eq 'the other now' "$(get "$still")" 200
timeout 120 /usr/bin/python3 - "$SG_PROXY_PORT" "open--$host_id.sandgate.test" \
    "$BUILD/bin/sandgate" "$SG_RUN/api.sock" "$SG_SANDBOX" <<'END' ||
import http.client, subprocess, sys
port, host, sandgate, sock, sandbox = sys.argv[1:]
c = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
for i in range(5):
    c.request("GET", "/x", headers={"Host": host})
    r = c.getresponse()
    assert r.status == 200, r.status
    r.read()
    subprocess.check_call([sandgate, "--socket", sock, "pause", sandbox])
c.request("GET", "/x", headers={"Host": host})
assert c.getresponse().status == 200
END
	fail 'paused between the requests of a connection'
# Suspended: what served is gone with its processes, and that is said.
sg stop "$SG_SANDBOX" >/dev/null
assert_eq 'woken, and nobody there' "$(get "$url")" 502
assert_match 'says so' "$(cat "$tmp/body")" 'nothing listens on port 8000'
service_serve 8000
assert_eq 'served again' "$(get "$url")" 200

# One that ends cuts who uses it, and so does a preview.
token=$(preview 8000 20s)
is_cut() # NAME COMMAND...: a request that hangs ends as the command does.
{
	local words=$1 pid

	shift
	curl -sS -m 60 -o /dev/null --connect-to "::127.0.0.1:$SG_PROXY_PORT" \
	    "${at[@]}" 2>"$tmp/cut.err" &
	pid=$!
	sg_wait_for service_has 8000 01 || fail "$words: nobody is connected"
	"$@"
	wait "$pid" || true
	assert_match "$words" "$(cat "$tmp/cut.err")" \
	    'Empty reply|reset by peer|transfer closed'
}
at=("http://8000-$host_id.sandgate.test/never" -H "Sandgate-Preview: $token")
is_cut 'a preview expires' true
at=("${url}never")
is_cut 'a service is removed' sg unexpose "$SG_SANDBOX" open
url=$(expose 8000 --name open --public)
at=("${url}never")
is_cut 'a service is replaced' expose 8000 --name open --public
timed=$(expose 8000 --name open --public --timeout 1s)
assert_eq 'no answer in time' "$(get "${timed}never")" 504
url=$(expose 8000 --name open --public)

# Daemons that are killed.
remember
before=$(get "$url")
pid=$(proxy_pid)
kill_hard "$pid"
sg_within 10 test "$(get --retry 20 --retry-connrefused --retry-delay 0 \
    "$url")" = 200 || fail 'not back within a second'
assert_eq 'before' "$before" 200
all_is_well
kill_hard "$(gateway_child gateway-broker)"
answers() { [ "$(get "$url")" = 200 ]; }
sg_wait_for answers || fail 'not after the broker'
timeout 60 /usr/bin/python3 - "$SG_PROXY_PORT" "open--$host_id.sandgate.test" \
    "$(sg_pid sandboxd)" >"$tmp/out" <<'END' & slow=$!
import http.client, os, signal, sys, time
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=50)
c.request("GET", "/slow/3", headers={"Host": sys.argv[2]})
time.sleep(1)
os.kill(int(sys.argv[3]), signal.SIGKILL)
print(c.getresponse().status)
END
sg_wait_for sg_is_dead "$(sg_pid sandboxd)"
sg_start sandboxd
wait "$slow"
assert_eq 'what was asked before sandboxd died' "$(cat "$tmp/out")" 200
sg_wait_for answers || fail 'not after sandboxd'

# It goes with its sandbox.
id=$(sg create 2>/dev/null)
gone=$(sg expose "$id" 80 --public)
sg destroy "$id"
assert_eq 'gone' "$(get "$gone")" 401
sg services "$id" 2>/dev/null && fail 'services of what is gone'
exit 0
