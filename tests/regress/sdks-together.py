# SPDX-License-Identifier: Apache-2.0
# The same as sdks-together.js as Sandbase's documentation has it, by requests;
# and what Acontext's clients send for sandboxes, which npm's package of it has
# no words for: an artifact goes into each, and comes back from it.
import os
import sys

import requests

BASE = os.environ["API_URL"]
HEADERS = {"Authorization": "Bearer " + os.environ["TOKEN"]}


def post(path, **body):
    answer = requests.post(BASE + path, headers=HEADERS, timeout=120, **body)
    answer.raise_for_status()
    return answer.json()


def acontext(path, **body):
    return post("/api/v1" + path, **body)["data"]


if sys.argv[1] == "make":
    made = post("/sandboxes", json={"templateID": "base", "timeout": 600})
    print("sandbase", made["sandboxID"])
    print("acontext", acontext("/sandbox")["sandbox_id"])
    sys.exit()
text = sys.argv[2]
disk = "/disk/" + acontext("/disk")["id"]
acontext(disk + "/artifact", data={"file_path": "/in/"},
         files={"file": ("artifact", text.encode())})
for sandbox in sys.argv[3:]:
    done = post(f"/sandboxes/{sandbox}/processes", json={
        "cmd": "sh", "args": ["-c", "cat ~/copied ~/from-mcp"]})
    assert done["stdout"] == text + "mcp\n", done
    post(f"/sandboxes/{sandbox}/files", data={"path": "/tmp/from-sandbase"},
         files={"file": ("x", b"sandbase\n")})
    assert acontext(disk + "/artifact/download_to_sandbox", json={
        "file_path": "/in/", "filename": "artifact", "sandbox_id": sandbox,
        "sandbox_path": "/tmp/"}) == {"success": True}
    done = acontext(f"/sandbox/{sandbox}/exec", json={
        "command": "cat /tmp/artifact /tmp/from-sandbase"})
    assert done["stdout"] == text + "sandbase\n", done
    back = acontext(disk + "/artifact/upload_from_sandbox", json={
        "sandbox_id": sandbox, "sandbox_path": "/tmp/",
        "sandbox_filename": "artifact", "file_path": f"/{sandbox}/"})
    assert back["meta"]["__artifact_info__"]["size"] == len(text), back
requests.delete(BASE + "/api/v1" + disk, headers=HEADERS,
                timeout=120).raise_for_status()
