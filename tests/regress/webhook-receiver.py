#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Stands in for who receives webhooks: webhook-receiver.py FOLDER. Its port goes to
# FOLDER/port; each request is a line of FOLDER/log, as JSON. What it answers is
# decided by the path: /fail 503 for as long as FOLDER/failing exists, /move a
# redirect to /ok, /hang nothing, all else 204.
import http.server
import json
import os
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        failing = self.path == "/fail" and os.path.exists(folder + "/failing")
        status = 503 if failing else 302 if self.path == "/move" else 204
        line = {"path": self.path, "status": status, "body": body.decode(),
                "headers": {k.lower(): v for k, v in self.headers.items()}}
        with lock, open(folder + "/log", "a") as log:
            log.write(json.dumps(line) + "\n")
        if self.path == "/hang":
            time.sleep(60)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/ok")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(folder + "/port.new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
