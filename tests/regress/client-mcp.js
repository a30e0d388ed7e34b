// SPDX-License-Identifier: Apache-2.0
// npm @modelcontextprotocol/sdk as a client of /mcp, or of `sandgate mcp` where
// MCP_COMMAND is set, a tool a step.
"use strict";
const { createHash } = require("crypto");
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } =
    require("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPClientTransport } =
    require("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { step, refused, assert, run } = require("./steps.js");

const { MCP_URL, MCP_COMMAND, MCP_TOKEN } = process.env;
const headers = { Authorization: `Bearer ${MCP_TOKEN}` };
const open = () => MCP_COMMAND ?
    new StdioClientTransport({ command: "/bin/sh",
	args: ["-c", `exec ${MCP_COMMAND}`], env: process.env }) :
    new StreamableHTTPClientTransport(new URL(MCP_URL),
	{ requestInit: { headers } });

let client, tools, sandbox_id;
const called = new Set();
/* What a tool answers; and the words of one that fails. */
const raw = (name, args, options) => {
	called.add(name);
	return client.callTool({ name, arguments: args }, undefined, options);
};
const call = async (name, args, options) => {
	const result = await raw(name, args, options);
	assert(!result.isError, `${name}: ${result.content[0].text}`);
	assert.deepEqual(JSON.parse(result.content[0].text),
	    result.structuredContent);
	return result.structuredContent;
};
const fails = async (name, args, words) => {
	const result = await raw(name, args);
	assert.equal(result.isError, true);
	assert.match(result.content[0].text, words);
};
const exec = (command, more) =>
    call("sandbox_exec", { sandbox_id, command, ...more });

step("connect: the revision, what there is, and how it is used", async () => {
	client = new Client({ name: "regress", version: "1" },
	    { capabilities: { roots: { listChanged: true } } });
	await client.connect(open());
	assert.equal(client.getServerVersion().name, "sandgate");
	assert(client.getServerCapabilities().tools);
	assert.match(client.getInstructions(), /sandbox_create/);
	await client.ping();
});
step("tools/list: each says what it is for and what it does", async () => {
	({ tools } = await client.listTools());
	assert(tools.length >= 12);
	for (const tool of tools) {
		assert(tool.description.length > 60, tool.name);
		assert.equal(tool.inputSchema.type, "object");
		assert.equal(tool.inputSchema.additionalProperties, false);
		for (const [name, one] of
		    Object.entries(tool.inputSchema.properties))
			assert(one.description.length > 3, `${tool.name} ${name}`);
	}
	/* Which the client holds every answer against. */
	for (const tool of tools) {
		assert.equal(tool.outputSchema.type, "object");
		assert(Object.keys(tool.outputSchema.properties).length > 0,
		    tool.name);
	}
	const made = tools.find((one) => one.name === "sandbox_exec")
	    .outputSchema.properties;
	assert.equal(made.exit_code.type, "integer");
	assert.match(made.stdout.description, /./);
	const hints = (name) => tools.find((one) => one.name === name)
	    .annotations;
	assert(hints("sandbox_list").readOnlyHint);
	assert(!hints("sandbox_list").destructiveHint);
	assert(hints("sandbox_destroy").destructiveHint);
	assert(hints("sandbox_destroy").idempotentHint);
	assert(!hints("sandbox_exec").readOnlyHint);
});
step("sandbox_create", async () => {
	const made = await call("sandbox_create", { name: `mcp-${process.pid}`,
	    env: { COLOUR: "red" }, metadata: { suite: "mcp" }, ttl: "10m" });
	sandbox_id = made.id;
	assert.match(sandbox_id, /^sb_[0-9a-z]{12,}$/);
	assert.equal(made.state, "running");
});
step("sandbox_create: what it refuses", async () => {
	await fails("sandbox_create", { memory: "lots" }, /^memory.*: /);
	await fails("sandbox_create", { colour: "red" },
	    /^colour: no such argument of sandbox_create/);
	await fails("sandbox_create", { template: "nosuch" }, /nosuch/);
});
step("sandbox_list, sandbox_get", async () => {
	let all = [], after;
	for (;;) {
		const page = await call("sandbox_list", after ?
		    { after, limit: 1 } : { limit: 1 });
		assert(page.sandboxes.length <= 1);
		all = all.concat(page.sandboxes);
		if (page.next === null)
			break;
		after = page.next;
	}
	const mine = all.find((one) => one.id === sandbox_id);
	assert.deepEqual(mine.metadata, { suite: "mcp" });
	assert.equal((await call("sandbox_get", { sandbox_id })).id, sandbox_id);
	/* Its other spelling is read, too. */
	assert.equal((await call("sandbox_get", { sandbox_id:
	    sandbox_id.replace("_", "-") })).id, sandbox_id);
	await fails("sandbox_get", {}, /^sandbox_id: must be given/);
	await fails("sandbox_get", { sandbox_id: "sb_000000000000" }, /not found|no such|there is no/i);
});
step("sandbox_exec: output, exit code, cwd, env, input", async () => {
	const done = await exec("echo $COLOUR-$A; pwd; cat; echo b >&2; exit 3",
	    { cwd: "/tmp", env: { A: "b c" }, input: "in\n" });
	assert.equal(done.stdout, "red-b c\n/tmp\nin\n");
	assert.equal(done.stderr, "b\n");
	assert.equal(done.exit_code, 3);
	assert.equal(done.truncated, false);
});
step("sandbox_exec: argv", async () => {
	const done = await call("sandbox_exec", { sandbox_id,
	    argv: ["printf", "%s|", "a b", "$HOME"] });
	assert.equal(done.stdout, "a b|$HOME|");
});
step("sandbox_exec: much output is cut, and said to be", async () => {
	const done = await exec("seq 200000");
	assert.equal(done.stdout.length, 65536);
	assert.equal(done.truncated, true);
	assert.equal(done.stdout_bytes, 1288895);
});
step("sandbox_exec: a time-out", async () => {
	const done = await exec("sleep 983", { timeout_ms: 500 });
	assert.equal(done.timed_out, true);
	assert.equal((await exec("pgrep -fc '^sleep 983' || true")).stdout,
	    "0\n");
});
step("sandbox_exec: cancelled, its process is gone", async () => {
	const abort = new AbortController();
	const going = raw("sandbox_exec", { sandbox_id,
	    command: "echo >begun; sleep 984" }, { signal: abort.signal });
	const ended = assert.rejects(going);
	for (;;) {
		const { stdout } = await exec("cat begun 2>/dev/null | wc -l");
		if (stdout.trim() === "1")
			break;
	}
	abort.abort();
	await ended;
	for (;;) {
		const { stdout } = await exec("pgrep -fc '^sleep 984' || true");
		if (stdout === "0\n")
			break;
	}
});
step("sandbox_exec: cancelled before it has begun", async () => {
	const abort = new AbortController();
	const going = raw("sandbox_exec", { sandbox_id,
	    command: "sleep 985" }, { signal: abort.signal });
	const ended = assert.rejects(going);
	abort.abort();
	await ended;
	for (;;) {
		const { stdout } = await exec("pgrep -fc '^sleep 985' || true");
		if (stdout === "0\n")
			break;
	}
});
step("sandbox_exec: progress has the last line, and grows", async () => {
	const seen = [];
	const going = raw("sandbox_exec", { sandbox_id, command:
	    "echo one; echo schön; until [ -e told ]; do sleep 0.02; done; " +
	    "rm told; echo done" }, { onprogress: (news) => seen.push(news),
	    timeout: 60000, resetTimeoutOnProgress: true });
	while (!seen.some((news) => news.message === "schön"))
		await new Promise((resolve) => setTimeout(resolve, 20));
	await exec("touch told");
	const { structuredContent } = await going;
	assert.equal(structuredContent.stdout, "one\nschön\ndone\n");
	assert(seen.every((news, i) => i === 0 ||
	    news.progress > seen[i - 1].progress));
});
step("sandbox_run_code: progress", async () => {
	const seen = [];
	const going = raw("sandbox_run_code", { sandbox_id, code:
	    "import os, time\nprint('step 1 of 2')\n" +
	    "while not os.path.exists('/tmp/told'): time.sleep(0.02)\n" +
	    "'both'" }, { onprogress: (news) => seen.push(news) });
	while (!seen.some((news) => news.message === "step 1 of 2"))
		await new Promise((resolve) => setTimeout(resolve, 20));
	await exec("touch /tmp/told");
	assert.equal((await going).structuredContent.result, "'both'");
});
step("several calls at once do not wait for each other", async () => {
	const slow = exec("until [ -e quick ]; do sleep 0.02; done; echo slow");
	const quick = await exec("echo quick; touch quick");
	assert.equal(quick.stdout, "quick\n");
	assert.equal((await slow).stdout, "slow\n");
});
step("sandbox_run_code: python keeps its state", async () => {
	await call("sandbox_run_code", { sandbox_id,
	    code: "import math\nx = 6\nprint('hello')" });
	const done = await call("sandbox_run_code", { sandbox_id,
	    code: "x * math.floor(7.2)" });
	assert.equal(done.result, "42");
	assert.equal(done.error, null);
});
step("sandbox_run_code: an error, and other languages", async () => {
	const failed = await call("sandbox_run_code", { sandbox_id,
	    code: "1 / 0" });
	assert.equal(failed.error.name, "ZeroDivisionError");
	assert.match(failed.error.traceback, /line 1/);
	const bash = await call("sandbox_run_code", { sandbox_id,
	    language: "bash", context: "mine", code: "y=5; echo $y" });
	assert.equal(bash.stdout, "5\n");
	await fails("sandbox_run_code", { sandbox_id, context: "mine",
	    code: "1" }, /^context: is one of bash/);
});
step("sandbox_run_code: a picture is one", async () => {
	const png = Buffer.from("89504e470d0a1a0a", "hex").toString("base64");
	const result = await raw("sandbox_run_code", { sandbox_id, code:
	    "class P:\n def _repr_png_(self):\n" +
	    "  import base64\n  return base64.b64decode('" + png + "')\nP()" });
	const picture = result.content.find((one) => one.type === "image");
	assert.equal(picture.mimeType, "image/png");
	assert.equal(picture.data, png);
});
step("sandbox_write_file, sandbox_read_file: text", async () => {
	const content = "grüße\n".repeat(20000);
	const written = await call("sandbox_write_file", { sandbox_id,
	    path: "/tmp/text", content });
	assert.equal(written.sha256, createHash("sha256").update(content)
	    .digest("hex"));
	let text = "", offset = 0, n = 0;
	for (;;) {
		const part = await call("sandbox_read_file", { sandbox_id,
		    path: "/tmp/text", offset });
		assert.equal(part.encoding, "utf-8");
		text += part.content;
		n++;
		if (!part.truncated)
			break;
		offset = part.next_offset;
	}
	assert.equal(text, content);
	assert.equal(n, 3);
});
step("sandbox_write_file, sandbox_read_file: bytes", async () => {
	const content = Buffer.from([0, 255, 254, 1]).toString("base64");
	await call("sandbox_write_file", { sandbox_id, path: "/tmp/bytes",
	    content, encoding: "base64" });
	const part = await call("sandbox_read_file", { sandbox_id,
	    path: "/tmp/bytes" });
	assert.equal(part.encoding, "base64");
	assert.equal(part.content, content);
	await fails("sandbox_write_file", { sandbox_id, path: "/tmp/bytes",
	    content: "!", encoding: "base64" }, /^content: is not base64/);
	await fails("sandbox_read_file", { sandbox_id, path: "/nosuch" },
	    /nosuch/);
	await call("sandbox_write_file", { sandbox_id, path: "/tmp/empty",
	    content: "" });
	assert.equal((await call("sandbox_read_file", { sandbox_id,
	    path: "/tmp/empty" })).content, "");
});
step("sandbox_list_files", async () => {
	await exec("mkdir -p /tmp/many; cd /tmp/many; seq 1100 | xargs touch");
	const all = await call("sandbox_list_files", { sandbox_id,
	    path: "/tmp/many" });
	assert.equal(all.entries.length, 1000);
	assert.equal(all.truncated, true);
	const tmp = await call("sandbox_list_files", { sandbox_id,
	    path: "/tmp" });
	const many = tmp.entries.find((one) => one.name === "many");
	assert.equal(many.type, "folder");
	assert.equal(tmp.truncated, false);
});
step("egress_show, egress_allow, egress_check", async () => {
	const check = async () => (await call("egress_check", { sandbox_id,
	    host: "192.0.2.7", port: 443 })).allowed;
	const locked = await call("sandbox_create", { ttl: "10m",
	    egress: { default: "deny", rules: [] } });
	const first = sandbox_id;
	sandbox_id = locked.id;
	try {
		assert.equal(await check(), false);
		const policy = await call("egress_allow", { sandbox_id,
		    hosts: ["192.0.2.0/24"], ports: ["443"], name: "work" });
		assert.equal(policy.rules[0].name, "work");
		assert.equal(await check(), true);
		assert.equal(policy.default, "deny");
		assert.deepEqual(await call("egress_show", { sandbox_id }),
		    policy);
		await call("egress_allow", { sandbox_id,
		    hosts: ["198.51.100.1"] });
		assert.equal((await call("egress_show", { sandbox_id }))
		    .rules.length, 2);
		assert.equal(await check(), true);
		await fails("egress_allow", { sandbox_id,
		    hosts: ["api.example.com", "192.0.2.1"] }, /^hosts: /);
		await fails("egress_allow", { sandbox_id, hosts: [] },
		    /^hosts: /);
	} finally {
		await call("sandbox_destroy", { sandbox_id });
		sandbox_id = first;
	}
});
step("sandbox_destroy: then it says so", async () => {
	await call("sandbox_destroy", { sandbox_id });
	await fails("sandbox_exec", { sandbox_id, command: "true" },
	    /is destroyed/);
});
step("every tool of tools/list was called", async () => {
	assert.deepEqual(tools.map((one) => one.name).filter((name) =>
	    !called.has(name)), []);
});
step("no such tool", async () => {
	await assert.rejects(raw("sandbox_fly", {}), /there is no tool/);
});
step("sendRootsListChanged: it is taken, and changes nothing", async () => {
	await client.sendRootsListChanged();
	await client.ping();
});
/* The server says at first that it has none, and so when it is asked. */
const absent = (method, params) => refused(method, "there is none",
    () => assert.rejects(client[method](params),
    /there is no method|not found/));
absent("listResources");
absent("listResourceTemplates");
absent("readResource", { uri: "file:///etc/passwd" });
absent("subscribeResource", { uri: "file:///etc/passwd" });
absent("unsubscribeResource", { uri: "file:///etc/passwd" });
absent("listPrompts");
absent("getPrompt", { name: "none" });
absent("complete", { ref: { type: "ref/prompt", name: "none" },
	argument: { name: "a", value: "b" } });
absent("setLoggingLevel", "debug");
step("close", async () => {
	if (client.transport.terminateSession)
		await client.transport.terminateSession();
	await client.close();
});

run(async () => {});
