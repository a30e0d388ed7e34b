#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: gateway-http's own limits leave room for what it is to serve at once, and
# whoever makes it reach them harms nobody for long.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'the API'

# at_once HOW-MANY BODY: the number of each answer.
at_once()
{
	timeout 120 /usr/bin/python3 -c '
import collections, http.client, socket, sys, threading
path, count, body = sys.argv[1], int(sys.argv[2]), eval(sys.argv[3])
answers, gate = collections.Counter(), threading.Barrier(count)
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(100)
        self.sock.connect(path)
def ask():
    connection = Connection("localhost")
    try:
        connection.connect()
        gate.wait(60)
        connection.request("POST" if body else "GET", "/v1/sandboxes", body,
                           {"Content-Type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        answers[str(reply.status)] += 1
    except (OSError, http.client.HTTPException) as error:
        answers[type(error).__name__] += 1
threads = [threading.Thread(target=ask) for n in range(count)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(*("%s:%d" % row for row in answers.items()))' "$SG_RUN/api.sock" "$@"
}

http=$(sg_children "$(sg_pid gateway)" gateway-http)
limits=$(sed 's/  */ /g' "/proc/$http/limits")
assert_match 'locked memory' "$limits" 'Max locked memory 0 0'
assert_match 'no threads' "$limits" 'Max processes 0 0'
files=$(ulimit -Hn) # where the host lets it have fewer
[ "$files" != unlimited ] && [ "$files" -lt 32832 ] || files=32832
assert_match 'files' "$limits" "Max open files $files $files"
assert_eq 'at once' "$(at_once 100 '""')" 200:100
assert_eq 'with bodies as large as may be' "$(at_once 100 \
    '"{\"x\": \"" + "y" * ((1 << 20) - 10) + "\"}"')" 400:100
# A megabyte of which the parser makes fifty, more at once than there is room
# for. The sanitizer's memory has no bound.
grep -q asan "/proc/$http/maps" && exit 0
assert_match 'memory' "$limits" 'Max data size [0-9]{10} '
echo "hungry: $(at_once 100 '"{\"x\": [" + "[]," * 340000 + "[]]}"')"
assert_eq 'afterwards' "$(at_once 100 '""')" 200:100
assert_eq 'the same process' \
    "$(sg_children "$(sg_pid gateway)" gateway-http)" "$http"
grep VmHWM "/proc/$http/status"
