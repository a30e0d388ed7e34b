#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Issue 7: connections to the API that stay. The broker is asked nothing after
# the first request of one, and sandboxd one call for each; what was revoked is
# refused at the next, and 2 000
# that wait cost no thread and little memory. Where sandboxd is killed, what it
# was not sent yet is asked of the next one.
. "$(dirname "$0")/instance.sh"
gateway=
chmod 0755 "$work"
configure log_level=debug
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
cat >"$work/connection.py" <<'END'
import socket
path = None

class Connection:
    def __init__(self, token=None):
        self.head = "X-API-Key: %s\r\n" % token if token else ""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
    def send(self, method, target, body=""):
        self.socket.sendall(("%s %s HTTP/1.1\r\nHost: x\r\n%s"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (method, target, self.head, len(body), body)).encode())
    def ask(self, *request):
        self.send(*request)
        return self.take()
    def take(self):
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

def check(expected, found, what):
    assert found == expected, "%s: %r, not %r" % (what, found, expected)
END
cat >"$work/kept.py" <<'END'
import connection, json, resource, sys, time
from connection import Connection, check
connection.path, http, broker, log = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))

def status(pid, key):
    for line in open("/proc/%s/status" % pid):
        if line.startswith(key + ":"):
            return int(line.split()[1])

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

# Root is asked once for each, and for nothing else; what it asks a worker and
# an init for is behind that one call.
def calls():
    return [line.split("call=")[1].split()[0] for line in open(log)
            if "call=" in line and "audit=" in line]

def check_calls(expected, since, what):
    found = calls()[since:]
    for call in set(found) | set(expected):
        check(expected.get(call, 0), found.count(call), what + ": " + call)

since = len(calls())
for _ in range(20):
    code, created = kept.ask("POST", "/v1/sandboxes", "{}")
    check(201, code, "create")
    path = "/v1/sandboxes/" + json.loads(created)["id"]
    check(200, kept.ask("GET", path)[0], "get of one that is there")
    check(204, kept.ask("DELETE", path)[0], "destroy of one")
check_calls({"sandbox_create": 20, "sandbox_recall": 20,
             "sandbox_destroy": 20}, since, "20 lives")

# Revoked by one connection, refused at the next request of the others.
check(204, admin.ask("DELETE", "/v1/tokens/%d" % made["id"])[0], "revoke")
check(401, kept.ask("GET", other)[0], "revoked")
check(401, second.ask("GET", other)[0], "revoked, elsewhere")
check(401, kept.ask("GET", "/v1/tokens")[0], "revoked, to the broker")
check(404, admin.ask("GET", other)[0], "who revoked")

# Expired, likewise.
_, made = admin.ask("POST", "/v1/tokens", '{"name":"short","ttl_seconds":10}')
short = Connection(json.loads(made)["token"])
check(404, short.ask("GET", other)[0], "not expired yet")
time.sleep(10.2)
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
PYTHONPATH=$work timeout 200 python3 "$work/kept.py" "$work/run/api.sock" \
    "$(pgrep -P "$gateway" gateway-http)" \
    "$(pgrep -P "$gateway" gateway-broker)" "$work/log" ||
    fail "see above"

# A sandboxd that answers nothing, and is killed: what it was never sent waits
# for the next one, and nothing is asked twice.
cat >"$work/killed.py" <<'END'
import connection, fcntl, os, signal, struct, sys, termios, time
from connection import Connection, check
connection.path, sandboxd, waiting = sys.argv[1:]
SENT_MAX = 64 # CALLS_MAX of gateway/http/back/calls.h
other = "/v1/sandboxes/sb_000000000000"

def is_read(socket):
    left = fcntl.ioctl(socket, termios.TIOCOUTQ, b"\0" * 4)
    return struct.unpack("i", left)[0] == 0

many = [Connection() for _ in range(3 * SENT_MAX)]
for one in many:
    check(404, one.ask("GET", other)[0], "before")
os.kill(int(sandboxd), signal.SIGSTOP)
for one in many:
    one.send("GET", other)
for _ in range(1200):
    if all(is_read(one.socket) for one in many):
        break
    time.sleep(0.05)
open(waiting, "w").close()
found = [one.take()[0] for one in many]
print("sandboxd killed with %d asked: %d answered, %d unknown" %
      (len(many), found.count(404), found.count(503)))
check(len(many), found.count(404) + found.count(503), "answers")
assert found.count(503) <= SENT_MAX, "calls never sent failed"
check(404, many[0].ask("GET", other)[0], "after")
END
PYTHONPATH=$work timeout 200 python3 "$work/killed.py" \
    "$work/run/api.sock" "$daemon" "$work/waiting" &
client=$!
while [ ! -e "$work/waiting" ] && kill -0 "$client" 2>/dev/null; do
	sleep 0.05
done
stop KILL
start
wait "$client" || fail "see above"
echo passed
