// SPDX-License-Identifier: Apache-2.0
// Contexts of node by @e2b/code-interpreter and by sandbox0, in the sandbox NODE,
// which is of the template node.
"use strict";
const { Sandbox } = require("@e2b/code-interpreter");
const { step, fails, assert, run } = require("./steps.js");

const language = "javascript";
let sandbox;

step("runCode: javascript: the value, what it prints, and state", async () => {
	sandbox = await Sandbox.connect(process.env.NODE);
	const seen = [];
	let execution = await sandbox.runCode("let x = 20; console.log('a');" +
	    " console.error('b'); console.log('hällo'); x + 1", { language,
	    onStdout: ({ line }) => seen.push(`out ${line}`),
	    onStderr: ({ line }) => seen.push(`err ${line}`) });
	assert.equal(execution.text, "21");
	assert.deepEqual(seen, ["out a\n", "err b\n", "out hällo\n"]);
	execution = await sandbox.runCode("x += 1; await Promise.resolve(x * 2)",
	    { language: "js" });
	assert.equal(execution.text, "42");
});
step("runCode: javascript: an error, a time-out; the context goes on",
    async () => {
	const { error } = await sandbox.runCode(
	    "function f() { null.g }\nf()", { language });
	assert.equal(error.name, "TypeError");
	assert.match(error.value, /null/);
	assert.match(error.traceback, /at f /);
	await fails(sandbox.runCode("for (;;);", { language,
	    timeoutMs: 1000 }), "TimeoutError", /timed out/);
	assert.equal((await sandbox.runCode("x", { language })).text, "21");
});
step("sandbox0: sandbox.run: node keeps its state", async () => {
	const { Client } = await import("sandbox0");
	const { E2B_API_URL: baseUrl, E2B_API_KEY: token, NODE } = process.env;
	const one = new Client({ baseUrl, token }).sandbox(NODE);
	const first = await one.run("node", "const y = 6; console.log('y', y)");
	assert.equal(first.outputRaw, "y 6\n");
	const second = await one.run("node", "y * 7");
	assert.equal(second.outputRaw, "42\n");
	assert.equal(second.contextId, first.contextId);
});

run(async () => {});
