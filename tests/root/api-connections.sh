#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Issue 7: connections to the API that stay. The broker is asked nothing after
# the first request of one, what was revoked is refused at the next, and 2 000
# that wait cost no thread and little memory.
. "$(dirname "$0")/instance.sh"
gateway=
chmod 0755 "$work"
configure
cat >>"$work/conf" <<END
[gateway]
cgroup =
ssh_listen = 127.0.0.1:$((20000 + $$ % 10000))
[http]
max_connections = 2100
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
for _ in $(seq 200); do
	pgrep -P "$gateway" gateway-http >/dev/null &&
	    pgrep -P "$gateway" gateway-broker >/dev/null && break
	sleep 0.05
done
timeout 200 python3 - "$work/run/api.sock" \
    "$(pgrep -P "$gateway" gateway-http)" \
    "$(pgrep -P "$gateway" gateway-broker)" <<'END' || fail "see above"
import json, resource, socket, sys, time
path, http, broker = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))

class Connection:
    def __init__(self, token=None):
        self.head = "X-API-Key: %s\r\n" % token if token else ""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
    def ask(self, method, target, body=""):
        self.socket.sendall(("%s %s HTTP/1.1\r\nHost: x\r\n%s"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (method, target, self.head, len(body), body)).encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive()
        head, data = data.split(b"\r\n\r\n", 1)
        length = [int(line.split(b":")[1]) for line in head.split(b"\r\n")
                  if line.lower().startswith(b"content-length")]
        while length and len(data) < length[0]:
            data += self.receive()
        return int(head.split()[1]), data
    def receive(self):
        data = self.socket.recv(65536)
        assert data, "the connection ended"
        return data

def status(pid, key):
    for line in open("/proc/%s/status" % pid):
        if line.startswith(key + ":"):
            return int(line.split()[1])

def check(expected, found, what):
    assert found == expected, "%s: %r, not %r" % (what, found, expected)

# The broker sleeps: it wakes for its own timer alone, every ten seconds.
admin = Connection()
_, made = admin.ask("POST", "/v1/tokens", '{"name":"kept"}')
made = json.loads(made)
kept, second = Connection(made["token"]), Connection(made["token"])
other = "/v1/sandboxes/sb_000000000000"
for connection in kept, second:
    check(404, connection.ask("GET", other)[0], "get")
    check(200, connection.ask("GET", "/v1/sandboxes")[0], "list")
woken = status(broker, "voluntary_ctxt_switches")
for _ in range(300):
    check(404, kept.ask("GET", other)[0], "get")
    check(200, kept.ask("GET", "/v1/sandboxes")[0], "list")
    check(404, kept.ask("DELETE", other)[0], "destroy")
    check(400, kept.ask("POST", "/v1/sandboxes", '{"cpu":0}')[0], "create")
woken = status(broker, "voluntary_ctxt_switches") - woken
print("the broker woke %d times in 1200 requests" % woken)
assert woken <= 30, "the broker is asked"

# Revoked by one connection, refused at the next request of the others.
check(204, admin.ask("DELETE", "/v1/tokens/%d" % made["id"])[0], "revoke")
check(401, kept.ask("GET", other)[0], "revoked")
check(401, second.ask("GET", other)[0], "revoked, elsewhere")
check(401, kept.ask("GET", "/v1/tokens")[0], "revoked, to the broker")
check(404, admin.ask("GET", other)[0], "who revoked")

# Expired, likewise.
_, made = admin.ask("POST", "/v1/tokens", '{"name":"short","ttl_seconds":2}')
short = Connection(json.loads(made)["token"])
check(404, short.ask("GET", other)[0], "not expired yet")
time.sleep(2.2)
check(401, short.ask("GET", other)[0], "expired")

# 2 000 that stay and say nothing.
before_kib = status(http, "VmRSS")
waiting = []
for _ in range(2000):
    waiting.append(Connection())
    check(404, waiting[-1].ask("GET", other)[0], "one of many")
kib = status(http, "VmRSS") - before_kib
print("2000 connections: %.1f KiB each, %d thread, %d KiB in all" %
      (kib / 2000, status(http, "Threads"), status(http, "VmRSS")))
check(1, status(http, "Threads"), "threads")
# The sanitizer's own memory is none of ours.
if "asan" not in open("/proc/%s/maps" % http).read():
    assert kib / 2000 < 64, "too much memory"
begin = time.monotonic()
for connection in waiting:
    check(404, connection.ask("GET", other)[0], "again")
print("one more request of each: %.2f ms" %
      ((time.monotonic() - begin) * 1000 / len(waiting)))
check(404, kept.ask("GET", "/nothing")[0], "an old one")
END
echo passed
