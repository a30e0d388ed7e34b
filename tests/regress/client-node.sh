#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: ssh2 and ssh2-sftp-client, which many editors and build tools contain.
# shellcheck source=tests/regress/lib-client.sh
. "$(dirname "$0")/lib-client.sh"

needs_npm
cd "$tmp"
make_tree tree
at_exit 'sg_ssh sandbox "rm -rf $workspace/ssh2 $workspace/node"'
ln -s "$npm" node_modules
page libraries 'ssh2 and ssh2-sftp-client' >program.js
assert_eq 'said' "$(timeout 300 node program.js | sort | tr '\n' ' ')" \
    '3 4 through ssh2 '
cmp tree/big ssh2 || fail 'fastPut, fastGet: differs'
same_tree uploadDir tree "$workspace/node"
diff <(listing tree) <(listing node) || fail 'downloadDir: differs'
cat >more.js <<END
const assert = require("assert");
const { Client } = require("ssh2");
const client = new Client();
const size = { rows: 21, cols: 91 };
client.on("ready", () => client.shell(size, (error, shell) => {
	let text = "";
	assert.ifError(error);
	shell.on("data", (data) => { text += data; });
	shell.on("close", (status) => {
		assert.match(text, /21 91/);
		assert.equal(status, 8);
		client.exec("kill -USR1 \$\$", (error, stream) => {
			assert.ifError(error);
			stream.resume().on("close", (status, signal) => {
				assert.equal(signal, "SIGUSR1");
				console.log("done");
				client.end();
			});
		});
	});
	shell.write("stty size; exit 8\n");
})).connect({ host: "127.0.0.1", port: $SG_PORT, username: "$SG_SANDBOX",
    privateKey: require("fs").readFileSync("$HOME/.ssh/id_ed25519") });
END
assert_eq 'shell, signal' "$(timeout 300 node more.js)" 'done'
