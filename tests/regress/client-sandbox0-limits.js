// SPDX-License-Identifier: Apache-2.0
// The npm package sandbox0: what a team may have, and how it is told that there
// is no more. OPERATOR is the command line as the operator has it, ORG the team;
// the host may promise twice its memory.
"use strict";
const { execFileSync } = require("child_process");
const { step, fails, assert, run } = require("./steps.js");

const { SANDBOX0_BASE_URL: baseUrl, SANDBOX0_TOKEN: token, OPERATOR, ORG } =
    process.env;
const made = [];
let client;

const set = (...options) => execFileSync("/bin/sh", ["-c",
    `exec ${OPERATOR} org set "$@"`, "sh", ORG, ...options]);
/* That it fails so, and says which request it was and when to come again. */
const throttled = async (promise, code, words) => {
	const error = await fails(promise, "APIError", words);
	assert.equal(error.statusCode, 429);
	assert.equal(error.code, code);
	assert.match(error.requestId, /^req_[0-9a-f]+$/);
	return error.retryAfter;
};

step("sandboxes.claim: one more than max_sandboxes is quota_exceeded", async () => {
	const sdk = await import("sandbox0");
	client = new sdk.Client({ baseUrl, token });
	set("--max-sandboxes", "2");
	for (let i = 0; i < 2; i++)
		made.push((await client.sandboxes.claim("default")).id);
	await throttled(client.sandboxes.claim("default"), "quota_exceeded",
	    /max_sandboxes: organisation .* may have 2/);
});
step("quotas.list, get: of what there are limits", async () => {
	const one = await client.quotas.get("active_sandboxes");
	assert.deepEqual([one.limitValue, one.current, one.remaining,
	    one.unlimited], [2, 2, 0, false]);
	set("--max-sandboxes", "0", "--max-disk", "64G");
	const disk = await client.quotas.get("volume_storage_gb");
	assert.deepEqual([disk.limitValue, disk.unit, disk.unlimited],
	    [64, "GB", false]);
	assert.equal(disk.remaining, disk.limitValue - disk.current);
	assert.deepEqual((await client.quotas.list()).filter((quota) =>
	    !quota.unlimited).map((quota) => quota.dimension),
	    ["volume_storage_gb"]);
});
step("sandboxes.claim: more in a minute is quota_exceeded, and when not",
    async () => {
	set("--max-disk", "0", "--max-creates-per-minute", "2");
	const retryAfter = await throttled(client.sandboxes.claim("default"),
	    "quota_exceeded", /max_creates_per_minute/);
	assert(retryAfter >= 1 && retryAfter <= 60, retryAfter);
	const one = await client.quotas.get("sandbox_claims");
	assert.deepEqual([one.kind, one.intervalMs, one.limitValue,
	    one.remaining], ["rate", 60000, 2, 0]);
	set("--max-creates-per-minute", "0");
});
step("sandboxes.claim: without room it is claim_start_throttled", async () => {
	const error = await fails(client.sandboxes.claim("default",
	    { memory: "1024Gi" }), "APIError", /is not from \d+ to \d+/);
	const most = Math.floor(/to (\d+)/.exec(error.message)[1] / 2 ** 20);
	let retryAfter;
	for (let i = 0; i < 3 && retryAfter === undefined; i++)
		try {
			made.push((await client.sandboxes.claim("default",
			    { memory: `${most}Mi` })).id);
		} catch (refusal) {
			retryAfter = await throttled(Promise.reject(refusal),
			    "claim_start_throttled", /memory_overcommit/);
		}
	assert(retryAfter >= 1, "there is room");
	/* There is for a smaller one. */
	await client.sandboxes.claim("default", { memory: "32Mi" }).then(
	    ({ id }) => made.push(id));
});

run(async () => {
	set("--max-sandboxes", "0", "--max-disk", "0",
	    "--max-creates-per-minute", "0");
	for (const id of made)
		await client.sandboxes.delete(id);
});
