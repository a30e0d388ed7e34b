# SPDX-License-Identifier: Apache-2.0
# The same as sdks-together.js as Sandbase's documentation has it: requests.
import os
import sys

import requests

BASE = os.environ["API_URL"]
HEADERS = {"Authorization": "Bearer " + os.environ["TOKEN"]}


def post(path, **body):
    answer = requests.post(BASE + path, headers=HEADERS, timeout=120, **body)
    answer.raise_for_status()
    return answer.json()


if sys.argv[1] == "make":
    made = post("/sandboxes", json={"templateID": "base", "timeout": 600})
    print("sandbase", made["sandboxID"])
    sys.exit()
text = sys.argv[2]
for sandbox in sys.argv[3:]:
    done = post(f"/sandboxes/{sandbox}/processes", json={
        "cmd": "sh", "args": ["-c", "cat ~/copied ~/from-mcp"]})
    assert done["stdout"] == text + "mcp\n", done
    post(f"/sandboxes/{sandbox}/files", data={"path": "/tmp/from-sandbase"},
         files={"file": ("x", b"sandbase\n")})
