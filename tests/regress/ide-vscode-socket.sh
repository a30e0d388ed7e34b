#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: the way of VS Code's remotes with a socket in place of a port
# (remote.SSH.remoteServerListenOnSocket).
# shellcheck source=tests/regress/lib-ide.sh
. "$(dirname "$0")/lib-ide.sh"

ide_upload
port=$(free_port)
home=$(ssh "$me" pwd)
ide_connect -L "$port:$home/$ide_home/server.sock" -- \
    --socket-path "server.sock"
assert_match 'a socket' "$listening" 'server\.sock$'
commit=$(jq -r .commit "$npm/code-server/lib/vscode/product.json")
assert_eq 'version' "$(ide_get /version)" "$commit"
assert_eq 'WebSocket and handshake' "$(timeout 300 /usr/bin/python3 \
    "$here/ide_socket.py" "$port" "token-$marker")" $'101\nsign'


