// SPDX-License-Identifier: Apache-2.0
// Sandboxes of other makers, by npm packages: "make" prints a line each of who
// made which, "use TEXT ID..." has each of them read in every one a file that
// has that text, and write one of its own.
"use strict";
const assert = require("assert");
const { Sandbox } = require("e2b");
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } =
    require("@modelcontextprotocol/sdk/client/streamableHttp.js");

const { API_URL, TOKEN } = process.env;
const TIMEOUT_S = 600;

const open_mcp = async () => {
	const client = new Client({ name: "regress", version: "1" });
	await client.connect(new StreamableHTTPClientTransport(
	    new URL(`${API_URL}/mcp`), { requestInit: { headers:
		{ Authorization: `Bearer ${TOKEN}` } } }));
	return async (name, args) => {
		const result = await client.callTool({ name, arguments: args });
		assert(!result.isError, result.content[0].text);
		return result.structuredContent;
	};
};
const open_sandbox0 = async () => new (await import("sandbox0")).Client(
    { baseUrl: API_URL, token: TOKEN });

const make = async () => {
	const mcp = await open_mcp(), sandbox0 = await open_sandbox0();
	const e2b = await Sandbox.create("base",
	    { timeoutMs: 1000 * TIMEOUT_S });
	const claimed = await sandbox0.sandboxes.claim("default",
	    { ttl: TIMEOUT_S });
	const made = await mcp("sandbox_create", { ttl: `${TIMEOUT_S}s` });
	console.log(`e2b ${e2b.sandboxId}`);
	console.log(`sandbox0 ${claimed.id}`);
	console.log(`mcp ${made.id}`);
};

const use = async (text, ids) => {
	const mcp = await open_mcp(), sandbox0 = await open_sandbox0();
	for (const id of ids) {
		const e2b = await Sandbox.connect(id);
		assert.equal(await e2b.files.read("copied"), text);
		await e2b.files.write("from-e2b", `e2b ${text}`);
		assert.equal((await e2b.commands.run("cat copied")).stdout, text);
		const seen = await sandbox0.sandboxes.get(id);
		assert.equal(seen.status, "running");
		const claimed = sandbox0.sandbox(seen.id);
		const { stdout } = await claimed.cmd(
		    "sh -c 'cat copied from-e2b; pwd'");
		assert(stdout.startsWith(`${text}e2b ${text}`), stdout);
		const home = stdout.trim().split("\n").at(-1);
		await claimed.writeFile(`${home}/from-sandbox0`, "sandbox0\n");
		assert.equal(Buffer.from(await claimed.readFile(
		    `${home}/copied`)).toString(), text);
		const file = await mcp("sandbox_read_file",
		    { sandbox_id: id, path: "copied" });
		assert.equal(file.content, text);
		const done = await mcp("sandbox_exec", { sandbox_id: id,
		    command: "cat from-e2b from-sandbox0; echo mcp >from-mcp" });
		assert.equal(done.stdout, `e2b ${text}sandbox0\n`);
	}
};

const [what, text, ...ids] = process.argv.slice(2);
(what === "make" ? make() : use(text, ids)).then(() => process.exit(0),
    (error) => {
	console.error(error);
	process.exit(1);
});
