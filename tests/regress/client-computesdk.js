// SPDX-License-Identifier: Apache-2.0
// The npm package @computesdk/e2b, a method a step.
"use strict";
const { e2b } = require("@computesdk/e2b");
const { step, assert, run } = require("./steps.js");

const sdk = e2b({ apiKey: `e2b_${process.env.E2B_API_KEY}` });
let sandbox;

step("sandbox.create", async () => {
	sandbox = await sdk.sandbox.create();
	assert.match(sandbox.sandboxId, /^sb-[0-9a-z]{12,}$/);
});
step("runCommand: output, exit code", async () => {
	const done = await sandbox.runCommand("echo out; echo err >&2; exit 3");
	assert.equal(done.stdout, "out\n");
	assert.equal(done.stderr, "err\n");
	assert.equal(done.exitCode, 3);
});
step("filesystem: write, read, list, exists, remove", async () => {
	const { filesystem } = sandbox;
	await filesystem.mkdir("/tmp/computesdk");
	await filesystem.writeFile("/tmp/computesdk/a", "text");
	assert.equal(await filesystem.readFile("/tmp/computesdk/a"), "text");
	const entries = await filesystem.readdir("/tmp/computesdk");
	assert.deepEqual(entries.map((one) => one.name), ["a"]);
	assert.equal(await filesystem.exists("/tmp/computesdk/a"), true);
	await filesystem.remove("/tmp/computesdk/a");
	assert.equal(await filesystem.exists("/tmp/computesdk/a"), false);
});
step("sandbox.getById, list", async () => {
	const seen = await sdk.sandbox.getById(sandbox.sandboxId);
	assert.equal((await seen.runCommand("echo again")).stdout, "again\n");
	const all = await sdk.sandbox.list();
	assert(all.some((one) => one.sandboxId === sandbox.sandboxId));
});
step("destroy", async () => {
	await sandbox.destroy();
	assert.equal(await sdk.sandbox.getById(sandbox.sandboxId), null);
});

run(async () => {});
