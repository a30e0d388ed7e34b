// SPDX-License-Identifier: Apache-2.0
// The npm package sandbox0, a method a step: sandboxes and their time.
"use strict";
const { step, differs, refused, fails, assert, run } = require("./steps.js");

const { SANDBOX0_BASE_URL: baseUrl, SANDBOX0_TOKEN: token } = process.env;
const NEVER = new Date("0001-01-01T00:00:00Z").getTime();
let sdk, client, sandbox;

/* That it fails with this status and code, and says which request it was. */
const failsWith = async (promise, status, code, words) => {
	const error = await fails(promise, "APIError", words);
	assert.equal(error.statusCode, status);
	assert.equal(error.code, code);
	assert.match(error.requestId, /^req_[0-9a-f]+$/);
	return error;
};

/* What `look` gives, once it is so. */
const until = async (look, is_so) => {
	for (let i = 0; i < 600; i++) {
		const seen = await look();
		if (is_so(seen))
			return seen;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.fail("it never came to be");
};
const near = (time, seconds, since) => assert(
    Math.abs(time - since - 1000 * seconds) < 10000,
    `${(time - since) / 1000} s, not ${seconds}`);

step("sandboxes.claim: env_vars, ttl, hard_ttl", async () => {
	sdk = await import("sandbox0");
	client = new sdk.Client({ baseUrl, token });
	sandbox = await client.sandboxes.claim("default", { envVars:
	    { APP_ENV: "development" }, ttl: 600, hardTtl: 3600 });
	assert.match(sandbox.id, /^sb_[0-9a-z]{12,}$/);
	assert.equal(sandbox.status, "running");
	assert.equal(sandbox.template, "default");
	assert.match(sandbox.podName, /^sb-/);
});
step("sandboxes.claim: no such template, a ttl over hard_ttl", async () => {
	await failsWith(client.sandboxes.claim("nosuch"), 404, "not_found",
	    /nosuch/);
	await failsWith(client.sandboxes.claim("default", { ttl: 9,
	    hardTtl: 8 }), 400, "bad_request", /ttl: 9 s is more/);
	const error = await failsWith(client.sandboxes.claim("default",
	    { ttl: -1 }), 400, "bad_request", /config\.ttl/);
	assert.equal(error.details.field, "config.ttl");
});
step("sandboxes.get", async () => {
	const seen = await client.sandboxes.get(sandbox.id);
	assert.equal(seen.id, sandbox.id);
	assert.equal(seen.templateId, "default");
	assert.equal(seen.status, "running");
	assert.equal(seen.paused, false);
	assert.equal(seen.autoResume, true);
	assert(seen.teamId && seen.userId && seen.podName);
	assert.equal(seen.ssh.username, sandbox.id);
	assert(seen.ssh.host && seen.ssh.port > 0);
	assert.match(seen.resources.memory, /^\d+Mi$/);
	near(seen.expiresAt, 600, seen.createdAt);
	near(seen.hardExpiresAt, 3600, seen.createdAt);
	assert.equal(seen.claimedAt.getTime(), seen.createdAt.getTime());
});
/* What this version of the package does not tell. */
const whole = async (id, method, path) => {
	const response = await fetch(`${baseUrl}/api/v1/sandboxes/${id}` +
	    (path ?? ""), { method, headers: { Authorization:
	    `Bearer ${token}` } });
	const { success, data } = await response.json();
	assert.equal(success, true);
	return { data, headers: response.headers };
};
step("sandboxes.get: power_state", async () => {
	const { data, headers } = await whole(sandbox.id);
	assert.equal(data.power_state.desired, "active");
	assert.equal(data.power_state.observed, "active");
	assert.equal(data.power_state.phase, "stable");
	assert.equal(data.power_state.desired_generation,
	    data.power_state.observed_generation);
	assert.equal(data.runtime_generation,
	    data.power_state.observed_generation);
	assert.match(headers.get("x-request-id"), /^req_[0-9a-f]+$/);
});
step("sandboxes.status", async () => {
	const seen = await client.sandboxes.status(sandbox.id);
	assert.equal(seen.sandboxId, sandbox.id);
	assert.equal(seen.status, "running");
	assert.equal(seen.templateId, "default");
	near(new Date(seen.expiresAt), 600, new Date(seen.createdAt));
});
step("sandboxes.update: ttl, hard_ttl, auto_resume", async () => {
	const before = Date.now();
	const seen = await client.sandboxes.update(sandbox.id, { config:
	    { ttl: 1200, hardTtl: 0, autoResume: false } });
	near(seen.expiresAt, 1200, before);
	assert.equal(seen.hardExpiresAt.getTime(), NEVER);
	assert.equal(seen.autoResume, false);
	const again = await client.sandboxes.update(sandbox.id, { config:
	    { autoResume: true } });
	assert.equal(again.autoResume, true);
	assert.equal(again.expiresAt.getTime(), seen.expiresAt.getTime());
});
step("sandboxes.updateMemory", async () => {
	const seen = await client.sandboxes.updateMemory(sandbox.id, "192Mi");
	assert.equal(seen.resources.memory, "192Mi");
	await failsWith(client.sandboxes.updateMemory(sandbox.id, "much"),
	    400, "bad_request", /config\.resources\.memory.*512Mi/);
});
step("sandboxes.update: env_vars and webhook do not change", async () => {
	await failsWith(client.sandboxes.update(sandbox.id, { config:
	    { envVars: { A: "b" } } }), 400, "bad_request",
	    /config\.env_vars: cannot change/);
	const response = await fetch(`${baseUrl}/api/v1/sandboxes/` +
	    sandbox.id, { method: "PUT", headers: { Authorization:
	    `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify({ config:
	    { webhook: { url: "http://192.0.2.1/" } } }) });
	assert.equal(response.status, 400);
	assert.match((await response.json()).error.message,
	    /config\.webhook: cannot change/);
});
step("sandboxes.refresh: its ttl, or a duration", async () => {
	let before = Date.now();
	let seen = await client.sandboxes.refresh(sandbox.id);
	assert.equal(seen.sandboxId, sandbox.id);
	near(seen.expiresAt, 1200, before);
	assert.equal(seen.hardExpiresAt.getTime(), NEVER);
	before = Date.now();
	seen = await client.sandboxes.refresh(sandbox.id, { duration: 1800 });
	near(seen.expiresAt, 1800, before);
});
step("sandboxes.pauseAndWait, resumeAndWait: generations", async () => {
	const before = await client.sandboxes.get(sandbox.id);
	const paused = await client.sandboxes.pauseAndWait(sandbox.id,
	    { timeoutMs: 60000 });
	assert.equal(paused.status, "paused");
	assert.equal(paused.paused, true);
	assert(paused.runtimeGeneration > before.runtimeGeneration);
	const resumed = await client.sandboxes.resumeAndWait(sandbox.id,
	    { timeoutMs: 60000 });
	assert.equal(resumed.status, "running");
	assert.equal(resumed.paused, false);
	assert(resumed.runtimeGeneration > paused.runtimeGeneration);
});
step("sandboxes.pause, resume: what they say", async () => {
	const paused = await client.sandboxes.pause(sandbox.id);
	assert.equal(paused.sandboxId, sandbox.id);
	assert.equal(paused.paused, true);
	const again = await client.sandboxes.pause(sandbox.id);
	assert.equal(again.paused, true);
	const { data } = await whole(sandbox.id);
	const { desired_generation, observed_generation, ...power } =
	    data.power_state;
	assert.deepEqual(power, { desired: "paused", observed: "paused",
	    phase: "stable" });
	assert.equal(observed_generation, desired_generation);
	const resumed = await client.sandboxes.resume(sandbox.id);
	assert.equal(resumed.sandboxId, sandbox.id);
	assert.equal(resumed.resumed, true);
	/* The seed's clients hold one generation against the other. */
	const told = await whole(sandbox.id, "POST", "/pause");
	assert.equal(told.data.power_state.desired_generation,
	    desired_generation + 2);
	const back = await whole(sandbox.id, "POST", "/resume");
	assert.equal(back.data.power_state.desired, "active");
	assert.equal(back.data.power_state.observed_generation,
	    desired_generation + 3);
});
step("auto_resume: who uses it has it run again, or is refused", async () => {
	await client.sandboxes.pause(sandbox.id);
	const handle = client.sandboxes.sandbox(sandbox.id);
	assert.equal((await handle.cmd("echo awake")).stdout, "awake\n");
	assert.equal((await client.sandboxes.get(sandbox.id)).status,
	    "running");
	const other = await client.sandboxes.claim("default", { config:
	    { autoResume: false, ttl: 900 }, memory: "160Mi" });
	const seen = await client.sandboxes.get(other.id);
	assert.equal(seen.autoResume, false);
	assert.equal(seen.resources.memory, "160Mi");
	near(seen.expiresAt, 900, seen.createdAt);
	await client.sandboxes.pause(other.id);
	await failsWith(other.cmd("true"), 409, "conflict", /paused/);
	assert.equal((await client.sandboxes.get(other.id)).status, "paused");
	await client.sandboxes.delete(other.id);
});
const others = [];
step("sandboxes.list: status, template_id, paused", async () => {
	for (let i = 0; i < 2; i++)
		others.push(await client.sandboxes.claim("default"));
	await client.sandboxes.pause(others[0].id);
	const ids = async (options) => (await client.sandboxes.list(options))
	    .sandboxes.map((one) => one.id).filter((id) => id === sandbox.id ||
	    others.some((other) => other.id === id)).sort();
	const [a, b] = others.map((one) => one.id);
	assert.deepEqual(await ids({ limit: 200 }),
	    [a, b, sandbox.id].sort());
	assert.deepEqual(await ids({ limit: 200, paused: true }), [a]);
	assert.deepEqual(await ids({ limit: 200, paused: false }),
	    [b, sandbox.id].sort());
	assert.deepEqual(await ids({ limit: 200, status: "running" }),
	    [b, sandbox.id].sort());
	assert.deepEqual(await ids({ limit: 200, status: "paused" }), [a]);
	assert.deepEqual(await ids({ limit: 200, status: "running",
	    paused: true }), [a]);
	assert.deepEqual(await ids({ limit: 200, templateId: "default",
	    paused: true }), [a]);
	assert.deepEqual(await ids({ templateId: "nosuch" }), []);
	assert.deepEqual(await ids({ templateId: "default", limit: 200 }),
	    [a, b, sandbox.id].sort());
	for (const status of ["starting", "failed", "terminating", "cleaned",
	    "completed"])
		assert.deepEqual(await ids({ status }), [], status);
	await failsWith(client.sandboxes.list({ status: "asleep" }), 400,
	    "bad_request", /status: must be one of starting, running/);
});
step("sandboxes.list: limit, offset, count, has_more", async () => {
	const whole = await client.sandboxes.list({ limit: 200 });
	assert.equal(whole.count, whole.sandboxes.length);
	assert.equal(whole.hasMore, false);
	const first = await client.sandboxes.list({ limit: 2 });
	assert.equal(first.sandboxes.length, 2);
	assert.equal(first.hasMore, true);
	assert.equal(first.count, whole.count);
	const next = await client.sandboxes.list({ limit: 1, offset: 2 });
	assert.deepEqual([...first.sandboxes, ...next.sandboxes],
	    whole.sandboxes.slice(0, 3));
	await failsWith(client.sandboxes.list({ limit: 201 }), 400,
	    "bad_request", /limit: must be a number from 1 to 200/);
});
step("sandboxes.list: completed ones", async () => {
	const last = others.pop();
	assert.match((await client.sandboxes.delete(last.id)).data.message,
	    /deleted/);
	const over = await client.sandboxes.list({ status: "completed",
	    limit: 200 });
	assert(over.sandboxes.every((one) => one.status === "completed"));
	assert(over.sandboxes.some((one) => one.id === last.id));
});
step("sandboxes.open: deleted at its end", async () => {
	const session = await client.sandboxes.open("default");
	const { id } = session.sandbox;
	assert.equal((await client.sandboxes.get(id)).status, "running");
	await session.close();
	await failsWith(client.sandboxes.get(id), 404, "not_found", /destroy/);
});
differs("the timeline of ttl and hard_ttl, in seconds",
    "hard_ttl cleans, as its documentation has it", async () => {
	const one = await client.sandboxes.claim("default",
	    { ttl: 2, hardTtl: 12 });
	others.push(one);
	const look = () => client.sandboxes.get(one.id);
	const paused = await until(look, (seen) => seen.paused);
	assert.equal(paused.status, "paused");
	const before = Date.now();
	const seen = await client.sandboxes.refresh(one.id);
	assert(seen.expiresAt - before > 0 &&
	    seen.hardExpiresAt - before >= 11000 &&
	    seen.hardExpiresAt - seen.expiresAt === 10000);
	await until(look, (now) => now.paused);
	assert(Date.now() >= seen.expiresAt - 100);
	const cleaned = await until(look, (now) => now.status === "cleaned");
	assert(Date.now() >= seen.hardExpiresAt - 100);
	assert.equal(cleaned.id, one.id);
	assert.deepEqual((await client.sandboxes.list({ status: "cleaned" }))
	    .sandboxes.map((other) => other.id), [one.id]);
	const back = await client.sandboxes.resumeAndWait(one.id);
	assert.equal(back.status, "running");
});
refused("sandboxes.claim: mounts", "there are no volumes", () =>
	failsWith(client.sandboxes.claim("default", { mounts: [
	    { sandboxvolumeId: "vol_1", mountPoint: "/mnt" }] }), 400,
	    "bad_request", /mounts: there are no volumes/));
step("sandboxes.delete", async () => {
	const answer = await client.sandboxes.delete(sandbox.id);
	assert.equal(answer.data.message, "sandbox deleted");
	await failsWith(client.sandboxes.get(sandbox.id), 404, "not_found",
	    /destroy/);
	await failsWith(client.sandboxes.delete(sandbox.id), 404,
	    "not_found", /./);
	await failsWith(client.sandboxes.get("sb_0000000000000"), 404,
	    "not_found", /./);
});
step("a wrong key", () =>
	failsWith(new sdk.Client({ baseUrl, token: "wrong" }).sandboxes.list(),
	    401, "unauthorized", /./));

run(async () => {
	for (const one of others)
		await client.sandboxes.delete(one.id);
});
