// SPDX-License-Identifier: Apache-2.0
// The npm package sandbox0, a method a step: network, snapshots, templates,
// limits, and keys by what its documentation says.
"use strict";
const { execFileSync } = require("child_process");
const { createHash } = require("crypto");
const http = require("http");
const { step, differs, refused, fails, assert, run } = require("./steps.js");

const { SANDBOX0_BASE_URL: baseUrl, SANDBOX0_TOKEN: token } = process.env;
let client, sandbox;
const made = [];

/* That it fails with this status and code. */
const failsWith = async (promise, status, code, words) => {
	const error = await fails(promise, "APIError", words);
	assert.equal(error.statusCode, status);
	assert.equal(error.code, code);
};

/* Without what is not there. */
const plain = (value) => JSON.parse(JSON.stringify(value));

/* What has no method in the package. */
const ask = async (method, path, body) => {
	const response = await fetch(baseUrl + path, { method, headers:
	    { Authorization: `Bearer ${token}`,
	    "Content-Type": "application/json" },
	    body: body && JSON.stringify(body) });
	return { status: response.status, ...(await response.json()) };
};
const textOf = async (one, path) =>
    Buffer.from(await one.readFile(path)).toString();

step("sandboxes.claim: network", async () => {
	const sdk = await import("sandbox0");
	client = new sdk.Client({ baseUrl, token });
	sandbox = await client.sandboxes.claim("default", { network:
	    { mode: "block-all", egress: { trafficRules: [{ name: "docs",
	    action: "allow", cidrs: ["192.0.2.0/24"], ports: [{ port: 443 }] }]
	    } } });
	const policy = plain(await sandbox.getNetworkPolicy());
	assert.deepEqual(policy, { mode: "block-all", egress: { trafficRules:
	    [{ name: "docs", action: "allow", cidrs: ["192.0.2.0/24"],
	    ports: [{ port: 443 }] }] } });
});
step("updateNetworkPolicy: trafficRules, the first match wins", async () => {
	const wish = { mode: "allow-all", egress: { trafficRules: [
	    { name: "a", action: "allow", cidrs: ["192.0.2.1"] },
	    { name: "b", action: "deny", cidrs: ["192.0.2.0/24"], ports: [
		{ port: 80, endPort: 90, protocol: "tcp" },
		{ port: 53, protocol: "udp" }] }] } };
	await sandbox.updateNetworkPolicy(wish);
	const { mode, egress } = plain(await sandbox.getNetworkPolicy());
	assert.equal(mode, "allow-all");
	assert.deepEqual(egress, wish.egress);
	const checked = async (address, port, protocol) => (await ask("POST",
	    `/v1/sandboxes/${sandbox.id}/egress/check`,
	    { host: address, port, protocol })).allowed;
	assert.equal(await checked("192.0.2.1", 80, "tcp"), true);
	assert.equal(await checked("192.0.2.2", 85, "tcp"), false);
	assert.equal(await checked("192.0.2.2", 443, "tcp"), true);
	assert.equal(await checked("192.0.2.2", 53, "udp"), false);
});
/* Written, and read back as it was. */
const keeps = async (policy) => {
	await sandbox.updateNetworkPolicy(policy);
	assert.deepEqual(plain(await sandbox.getNetworkPolicy()), policy);
};
step("updateNetworkPolicy: a rule of names and addresses is one", async () => {
	await keeps({ mode: "block-all", egress: { trafficRules: [
	    { name: "all", action: "allow", cidrs: ["192.0.2.0/24"],
	    domains: ["example.org", "*.example.com"], ports: [{ port: 22 },
		{ port: 443, protocol: "tcp" },
		{ port: 8000, endPort: 8010, protocol: "tcp" },
		{ port: 443, protocol: "udp" }] },
	    { name: "all", action: "allow", cidrs: ["198.51.100.0/24"] },
	    { name: "all", action: "allow", domains: ["example.net"] }] } });
	const { rules } = await ask("GET",
	    `/v1/sandboxes/${sandbox.id}/egress`);
	assert.equal(rules.length, 8);
	assert.deepEqual(rules[2].protocols, ["tcp"]);
});
step("updateNetworkPolicy: the lists of older clients", async () => {
	await keeps({ mode: "block-all", egress:
	    { allowedCidrs: ["192.0.2.0/24"], allowedDomains: ["example.org"],
	    allowedPorts: [{ port: 443, protocol: "tcp" }] } });
	await keeps({ mode: "allow-all", egress: { deniedPorts: [{ port: 80 }],
	    deniedCidrs: ["192.0.2.0/24"] } });
	await keeps({ mode: "allow-all", egress: { trafficRules: [] } });
	/* What is added by another's words is no list of theirs. */
	await keeps({ mode: "block-all", egress:
	    { allowedCidrs: ["192.0.2.0/24"] } });
	const path = `/v1/sandboxes/${sandbox.id}/egress`;
	const { rules } = await ask("GET", path);
	await ask("PUT", path, { default: "deny", rules: [...rules,
	    { action: "allow", cidrs: ["198.51.100.1/32"] }] });
	assert.equal(plain(await sandbox.getNetworkPolicy()).egress
	    .trafficRules.length, 2);
	await failsWith(sandbox.updateNetworkPolicy({ mode: "block-all",
	    egress: { allowedPorts: [{ port: 80, endPort: 79 }] } }), 400,
	    "bad_request", /endPort must be at least port/);
});
step("updateNetworkPolicy: appProtocols", async () => {
	const rule = { name: "git", action: "allow", domains: ["example.org"],
	    ports: [{ port: 443 }], appProtocols: ["tls"] };
	await sandbox.updateNetworkPolicy({ mode: "block-all", egress:
	    { trafficRules: [rule] } });
	assert.deepEqual(plain(await sandbox.getNetworkPolicy()).egress
	    .trafficRules, [rule]);
});
refused("updateNetworkPolicy: protocolRules, a proxy, other appProtocols",
    "they are not enforced here", async () => {
	const refuses = (egress, words) => failsWith(
	    sandbox.updateNetworkPolicy({ mode: "allow-all", egress }), 400,
	    "bad_request", words);
	await refuses({ protocolRules: [{ protocol: "http" }] },
	    /egress\.protocolRules: are not enforced here/);
	await refuses({ proxy: { type: "socks5", address: "a:1" } },
	    /egress\.proxy: is not enforced here/);
	await refuses({ trafficRules: [{ action: "deny", appProtocols:
	    ["ssh"] }] }, /trafficRules\[0\]: appProtocols.*enforced here/);
	await refuses({ trafficRules: [{ action: "deny", domains: ["a.b"] }] },
	    /trafficRules\[0\]: domains: names can be allowed alone/);
});
step("sandboxes.update: network", async () => {
	await client.sandboxes.update(sandbox.id, { config: { network:
	    { mode: "block-all" } } });
	assert.equal((await sandbox.getNetworkPolicy()).mode, "block-all");
});
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
/* What a service answers from outside. */
const visit = (url, headers) => new Promise((resolve, reject) => {
	const { host } = new URL(url);
	/* A connection of its own: who uses a service that goes is cut. */
	http.get({ agent: false, host: "127.0.0.1",
	    port: process.env.PROXY_PORT, headers:
	    { Host: host, ...headers } }, (response) => {
		let text = "";
		response.on("data", (data) => { text += data; });
		response.on("end", () => resolve([response.statusCode, text]));
	}).on("error", reject);
});
step("updateServices, getServices, clearServices; what is served", async () => {
	await sandbox.writeFile("/tmp/www/index.html", "served");
	await sandbox.cmdStream("python3 -m http.server 8017 -d /tmp/www");
	const { sandboxId, services } = await sandbox.updateServices([
	    { id: "web", port: 8017, ingress: { _public: true, routes: [
		{ id: "all", auth: { mode: "none" }, resume: true }] } },
	    { id: "locked", port: 8017, ingress: { _public: true, routes: [
		{ id: "all", auth: { mode: "bearer", bearerTokenSha256:
		sha256("a token that is long") }, methods: ["GET"],
		resume: true }] } }]);
	assert.equal(sandboxId, sandbox.id);
	const [locked, web] = services.sort((a, b) => a.id < b.id ? -1 : 1);
	assert.equal(web.port, 8017);
	assert.equal(web.ingress._public, true);
	assert.equal(locked.ingress.routes[0].auth.mode, "bearer");
	assert.deepEqual(locked.ingress.routes[0].methods, ["GET"]);
	let seen;
	for (let i = 0; i < 100; i++) {
		seen = await visit(web.publicUrl);
		if (seen[0] === 200)
			break;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.deepEqual(seen, [200, "served"]);
	assert.equal((await visit(locked.publicUrl))[0], 401);
	assert.deepEqual(await visit(locked.publicUrl, { Authorization:
	    "Bearer a token that is long" }), [200, "served"]);
	assert.deepEqual((await sandbox.updateServices([{ id: "web",
	    port: 8017, ingress: { _public: true, routes: [] } }])).services
	    .map((one) => one.id), ["web"]);
	assert.notEqual((await visit(locked.publicUrl, { Authorization:
	    "Bearer a token that is long" }))[0], 200);
	assert.deepEqual((await sandbox.clearServices()).services, []);
	assert.deepEqual((await sandbox.getServices()).services, []);
});
step("sandboxes.claim, update: services", async () => {
	const one = (id, port) => ({ id, port, ingress: { _public: true,
	    routes: [{ id: "all", resume: true }] } });
	const other = await client.sandboxes.claim("default", { services:
	    [one("web", 8017), one("api", 8018)] });
	made.push(other.id);
	const served = async () => (await other.getServices()).services.map(
	    (service) => [service.id, service.port]).sort();
	assert.deepEqual(await served(), [["api", 8018], ["web", 8017]]);
	assert.deepEqual((await client.sandboxes.get(other.id)).services.map(
	    (service) => [service.id, service.ingress._public]).sort(),
	    [["api", true], ["web", true]]);
	await client.sandboxes.update(other.id, { config: { services:
	    [one("web", 8019)] } });
	assert.deepEqual(await served(), [["web", 8019]]);
	await client.sandboxes.update(other.id, { config: { services: [] } });
	assert.deepEqual(await served(), []);
	await client.sandboxes.delete(made.pop());
});
step("previews: opened by their URL, renewed, revoked", async () => {
	const path = `/api/v1/sandboxes/${sandbox.id}/previews`;
	const made = await ask("POST", path, { port: 8017,
	    path: "/index.html?a=b#c", ttl_seconds: 60 });
	assert.equal(made.status, 201);
	const { id, url, target_url, expires_at, port } = made.data;
	assert.equal(port, 8017);
	assert.match(target_url, /\/index\.html\?a=b#c$/);
	const within = (at, seconds) => Math.abs(Date.parse(at) - Date.now() -
	    1000 * seconds) < 30000;
	assert(within(expires_at, 60));
	/* The URL sets what opens it, and a page of its own uses that. */
	const open = (to, headers) => new Promise((resolve, reject) => {
		const { host, pathname, search } = new URL(to);
		http.get({ agent: false, host: "127.0.0.1",
		    port: process.env.PROXY_PORT, path: pathname + search,
		    headers: { Host: host, ...headers } }, (response) => {
			let text = "";
			response.on("data", (data) => { text += data; });
			response.on("end", () => resolve([response.statusCode,
			    text, response.headers["set-cookie"]]));
		}).on("error", reject);
	});
	assert.equal((await open(target_url))[0], 401);
	const [status, text, cookies] = await open(url);
	assert.deepEqual([status, text], [200, "served"]);
	assert.match(cookies[0], /HttpOnly/);
	const headers = { Cookie: cookies[0].split(";")[0] };
	assert.equal((await open(target_url, headers))[0], 200);
	const renewed = await ask("PUT", `${path}/${id}`,
	    { ttl_seconds: 600 });
	assert.equal(renewed.status, 200);
	assert(within(renewed.data.expires_at, 600));
	assert.equal(renewed.data.url, renewed.data.target_url);
	assert(within((await ask("PUT", `${path}/${id}`, { ttl_seconds: 60 }))
	    .data.expires_at, 600), "it never lives shorter");
	for (const wish of [{}, { port: 8017, ttl_seconds: 29 },
	    { port: 8017, protocol: "https" }, { port: 8017, path: "x" },
	    { port: 8017, path: "//x" }])
		assert.equal((await ask("POST", path, wish)).status, 400,
		    JSON.stringify(wish));
	assert.equal((await ask("DELETE", `${path}/${id}`)).status, 200);
	assert.equal((await open(target_url, headers))[0], 401);
	for (const method of ["PUT", "DELETE"])
		assert.equal((await ask(method, `${path}/${id}`,
		    method === "PUT" ? {} : undefined)).status, 404);
});
refused("updateServices: what is started for it, cors",
    "a service is a port that somebody listens at", async () => {
	const refuses = (service, words) => failsWith(sandbox.updateServices([
	    { id: "web", port: 80, ingress: { _public: true, routes: [] },
	    ...service }]), 400, "bad_request", words);
	await refuses({ runtime: { type: "cmd" } },
	    /services\[0\]\.runtime.*manual/);
	await refuses({ ingress: { _public: true, routes: [{ id: "a",
	    resume: true, cors: { allowedOrigins: ["*"] } }] } },
	    /services\[0\]\.ingress\.routes: cors/);
});
step("sandboxes.claim: webhook; verifyWebhookSignature", async () => {
	const posts = [];
	const receiver = http.createServer((request, response) => {
		const parts = [];
		request.on("data", (data) => parts.push(data));
		request.on("end", () => {
			posts.push({ body: Buffer.concat(parts), signature:
			    request.headers["x-sandbox0-signature"] });
			response.writeHead(204).end();
		});
	});
	await new Promise((resolve) => receiver.listen(0, "127.0.0.1",
	    resolve));
	const url = `http://127.0.0.1:${receiver.address().port}/`;
	const other = await client.sandboxes.claim("default", { webhook:
	    { url, secret: "s3cret" } });
	made.push(other.id);
	await client.sandboxes.pause(other.id);
	for (let i = 0; i < 300 && !posts.some((post) => JSON.parse(post.body)
	    .event_type === "sandbox.paused"); i++)
		await new Promise((resolve) => setTimeout(resolve, 100));
	receiver.close();
	const { body, signature } = posts.find((post) => JSON.parse(post.body)
	    .event_type === "sandbox.paused");
	assert.equal(JSON.parse(body).sandbox_id, other.id);
	const sdk = await import("sandbox0");
	assert.equal(sdk.verifyWebhookSignature("s3cret", body, signature),
	    true);
	assert.equal(sdk.verifyWebhookSignature("other", body, signature),
	    false);
});
refused("sandboxes.claim: watch_dir", "watchFiles tells of files",
    () => failsWith(
    client.sandboxes.claim("default", { webhook: { url: "http://192.0.2.1/",
    watchDir: "/tmp" } }), 400, "bad_request", /watch_dir/));
let snapshot;
step("createRootFSSnapshot, get, list", async () => {
	await sandbox.cmd("sh -c 'echo before >a; pwd >where'");
	snapshot = await client.sandboxes.createRootFSSnapshot(sandbox.id,
	    { name: "s0-before", description: "a try", expiresAt:
	    new Date(Date.now() + 3600000) });
	assert.equal(snapshot.sandboxId, sandbox.id);
	assert.equal(snapshot.name, "s0-before");
	assert(Math.abs(snapshot.expiresAt - Date.now() - 3600000) < 60000);
	const again = await client.sandboxes.getRootFSSnapshot(snapshot.id);
	assert.equal(again.description, "a try");
	assert.deepEqual((await client.sandboxes.listRootFSSnapshots(
	    sandbox.id)).map((one) => one.id), [snapshot.id]);
});
differs("restoreRootFS", "of the disk: what ran begins anew", async () => {
	await sandbox.cmd("sh -c 'echo after >a'");
	const answer = await client.sandboxes.restoreRootFS(sandbox.id,
	    { snapshotId: snapshot.id });
	assert.equal(answer.snapshotId, snapshot.id);
	assert.equal(answer.status, "running");
	assert.equal((await sandbox.cmd("cat a")).stdout, "before\n");
});
step("fork: its disk, a ttl of its own", async () => {
	const { sourceSandboxId, sandbox: other } =
	    await client.sandboxes.fork(sandbox.id, { config: { ttl: 900 } });
	made.push(other.id);
	assert.equal(sourceSandboxId, sandbox.id);
	assert.notEqual(other.id, sandbox.id);
	assert(Math.abs(other.expiresAt - Date.now() - 900000) < 60000);
	const handle = client.sandboxes.sandbox(other.id);
	assert.equal(client.sandbox(other.id).id, handle.id);
	assert.equal((await handle.cmd("cat a")).stdout, "before\n");
	await handle.cmd("sh -c 'echo other >a'");
	assert.equal((await sandbox.cmd("cat a")).stdout, "before\n");
});
step("sandboxes.claim: snapshot_id", async () => {
	const other = await client.sandboxes.claim(undefined,
	    { snapshotId: snapshot.id });
	made.push(other.id);
	assert.equal((await other.cmd("cat a")).stdout, "before\n");
});
step("deleteRootFSSnapshot", async () => {
	assert.equal((await client.sandboxes.deleteRootFSSnapshot(
	    snapshot.id)).data.deleted, true);
	await failsWith(client.sandboxes.getRootFSSnapshot(snapshot.id), 404,
	    "not_found", /./);
});
/* Lines of what its processes wrote, and the answer's head. */
const logs = async (query) => {
	const response = await fetch(`${baseUrl}/api/v1/sandboxes/` +
	    `${sandbox.id}/logs?${query}`, { headers: { Authorization:
	    `Bearer ${token}` } });
	return [response, await response.text()];
};
step("logs: tail_lines, limit_bytes, timestamps, since_seconds", async () => {
	await sandbox.cmd("sh -c 'seq 8000001 8000004'");
	const [response, text] = await logs("tail_lines=2&container=procd");
	assert.equal(response.status, 200);
	assert.match(response.headers.get("content-type"), /^text\/plain/);
	assert.equal(response.headers.get("x-sandbox-id"), sandbox.id);
	assert.equal(response.headers.get("x-sandbox-log-container"),
	    "procd");
	assert.equal(response.headers.get("x-sandbox-log-previous"), "false");
	assert.match(response.headers.get("x-sandbox-pod-name"), /^sb-/);
	assert.equal(text, "8000003\n8000004\n");
	assert.equal((await logs("tail_lines=2&limit_bytes=8"))[1],
	    "8000003\n");
	assert.match((await logs("tail_lines=1&timestamps=true"))[1],
	    /^\d{4}-\d\d-\d\dT[0-9:.]+Z 8000004\n$/);
	assert.match((await logs("since_seconds=600"))[1], /8000001\n/);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	await sandbox.cmd("echo 8000004");
	assert.equal((await logs("since_seconds=1"))[1], "8000004\n");
	assert.match((await logs(""))[1], /8000001\n/);
	for (const query of ["tail_lines=5001", "limit_bytes=8388609",
	    "container=other", "follow=maybe", "follow=true&previous=true"])
		assert.equal((await logs(query))[0].status, 400, query);
	for (const [id, status, code] of [["sb_0000000000000", 404,
	    "not_found"], [process.env.SG_FOREIGN, 403, "forbidden"]]) {
		const answer = await ask("GET", `/api/v1/sandboxes/${id}/logs`);
		assert.equal(answer.status, status, id);
		assert.equal(answer.error.code, code);
	}
});
step("logs: follow", async () => {
	const response = await fetch(`${baseUrl}/api/v1/sandboxes/` +
	    `${sandbox.id}/logs?follow=true&tail_lines=1`, { headers:
	    { Authorization: `Bearer ${token}` } });
	const reader = response.body.getReader();
	await sandbox.cmd("echo 8000005");
	let text = "";
	while (!text.includes("8000005\n"))
		text += Buffer.from((await reader.read()).value).toString();
	assert(text.startsWith("8000004\n"));
	await reader.cancel();
});
step("logs: previous", async () => {
	await ask("POST", `/v1/sandboxes/${sandbox.id}/suspend`);
	await client.sandboxes.resume(sandbox.id);
	await sandbox.cmd("echo 8000006");
	assert.equal((await logs(""))[1].includes("8000005"), false);
	const [response, text] = await logs("previous=true&tail_lines=1");
	assert.equal(response.headers.get("x-sandbox-log-previous"), "true");
	assert.equal(text, "8000005\n");
});
step("listLogs: of all lives, pages, stream, context_id", async () => {
	const messages = (page) => page.logs.map((one) => one.message);
	let all = [], cursor;
	do {
		const page = await sandbox.listLogs({ limit: 2, cursor });
		assert(page.logs.length <= 2);
		all = all.concat(page.logs);
		cursor = page.nextCursor;
	} while (cursor);
	const whole = await sandbox.listLogs({ limit: 1000 });
	assert.deepEqual(all.map((one) => one.cursor),
	    whole.logs.map((one) => one.cursor));
	const texts = messages(whole);
	assert(texts.indexOf("8000001") < texts.indexOf("8000005"));
	assert(texts.indexOf("8000005") < texts.indexOf("8000006"));
	const one = whole.logs.at(-1);
	assert.equal(one.sandboxId, sandbox.id);
	assert.equal(one.stream, "stdout");
	assert(Math.abs(Date.now() - one.occurredAt) < 3600000);
	assert.deepEqual(messages(await sandbox.listLogs({ startTime:
	    new Date(Date.now() + 60000) })), []);
	await sandbox.cmd("sh -c 'echo 8000007 >&2'");
	assert.deepEqual(messages(await sandbox.listLogs({ stream:
	    "stderr" })).slice(-1), ["8000007"]);
	const context = await sandbox.createContext({ type: "cmd", cmd:
	    { command: ["sh", "-c", "echo 8000008; echo \"grüße\""] } });
	let seen;
	do
		seen = await sandbox.listLogs({ contextId: context.id });
	while (seen.logs.length < 2);
	assert.deepEqual(messages(seen), ["8000008", "grüße"]);
	assert.equal(seen.logs[0].contextId, context.id);
	await failsWith(sandbox.listLogs({ limit: 1001 }), 400,
	    "bad_request", /limit: must be from 1 to 1000/);
	await failsWith(sandbox.listLogs({ cursor: "x" }), 400,
	    "bad_request", /cursor/);
});
/* Lines of a watch until one is so; and the last place to go on from. */
const watched = async (stream, is_so) => {
	const seen = [];
	let place;
	for await (const line of stream) {
		place = line.cursor ?? place;
		if (line.data)
			seen.push(line.data);
		if (seen.some(is_so) && place)
			break;
	}
	await stream.body.cancel();
	return [seen, place];
};
step("watchLogs: what comes, and on from a place", async () => {
	const stream = await sandbox.watchLogs();
	await sandbox.cmd("echo 8000009");
	const [seen, place] = await watched(stream,
	    (one) => one.message === "8000009");
	assert.equal(seen[0].message, "8000009");
	await sandbox.cmd("echo 8000010");
	const [rest] = await watched(await sandbox.watchLogs({ cursor: place }),
	    (one) => one.message === "8000010");
	assert.deepEqual(rest.map((one) => one.message), ["8000010"]);
});
step("listObservabilityEvents: pages, filters", async () => {
	const { events } = await sandbox.listObservabilityEvents();
	const actions = events.map((event) => event.action);
	assert.equal(actions[0], "sandbox.create");
	assert(actions.includes("sandbox.suspend"));
	assert(actions.includes("sandbox.wake"));
	assert.equal(events[0].sandboxId, sandbox.id);
	assert.equal(events[0].actor.kind, "api_key");
	assert.equal(events[0].integrity.signatureStatus, "unavailable");
	assert.equal(new Set(events.map((event) => event.eventId)).size,
	    events.length);
	const some = await sandbox.listObservabilityEvents({ limit: 2,
	    eventType: "lifecycle" });
	assert.equal(some.events.length, 2);
	const next = await sandbox.listObservabilityEvents({ limit: 1,
	    eventType: "lifecycle", cursor: some.nextCursor });
	assert.deepEqual(next.events[0], events.filter((event) =>
	    event.eventType === "lifecycle")[2]);
	assert((await sandbox.listObservabilityEvents({ action:
	    "sandbox.wake" })).events.every((event) =>
	    event.action === "sandbox.wake" && event.outcome === "succeeded"));
	assert.deepEqual((await sandbox.listObservabilityEvents({ actorId:
	    "nobody" })).events, []);
	const { eventId } = events[1];
	assert.deepEqual((await client.listSandboxObservabilityEvents(
	    sandbox.id, { eventId })).events.map((event) => event.eventId),
	    [eventId]);
});
step("watchObservabilityEvents", async () => {
	const stream = await sandbox.watchObservabilityEvents({ eventType:
	    "lifecycle" });
	await client.sandboxes.pauseAndWait(sandbox.id);
	await client.sandboxes.resumeAndWait(sandbox.id);
	const [seen] = await watched(stream,
	    (event) => event.action === "sandbox.resume");
	/* What came before may be written late. */
	assert.deepEqual(seen.map((event) => event.action).slice(-2),
	    ["sandbox.pause", "sandbox.resume"]);
});
const name = `s0-${process.pid}-${Date.now() % 100000}`;
step("templates.createFromSandbox, waitUntilReady", async () => {
	const template = await client.templates.createFromSandbox(
	    { templateId: name, sandboxId: sandbox.id, specOverrides:
	    { description: "a try" } }, { wait: true });
	assert.equal(template.templateId, name);
	assert.equal(template.scope, "team");
	assert.equal(template.status.creation.state, "ready");
});
step("templates.list, get; claim of it", async () => {
	const all = await client.templates.listTemplate();
	assert.deepEqual((await client.templates.list()).map((one) =>
	    one.templateId), all.map((one) => one.templateId));
	assert(all.some((one) => one.templateId === "default" &&
	    one.scope === "public"));
	assert(all.some((one) => one.templateId === name));
	assert.equal((await client.templates.get("default")).templateId,
	    "default");
	const other = await client.sandboxes.claim(name);
	made.push(other.id);
	assert.equal((await other.cmd("cat a")).stdout, "before\n");
	await client.sandboxes.delete(made.pop());
});
step("templates.delete", async () => {
	assert.match((await client.templates.delete(name)).data.message,
	    /deleted/);
	await failsWith(client.templates.get(name), 404, "not_found", /./);
});
refused("templates.create, update: of a spec",
    "sandgate template build makes them, or createFromSandbox", async () => {
	await failsWith(client.templates.create({ templateId: "x", spec:
	    {} }), 400, "bad_request", /from-sandbox/);
	await failsWith(client.templates.update("x", { spec: {} }), 400,
	    "bad_request", /from-sandbox/);
});
step("getMetrics, getMetricsCatalog: what is used, a point a step", async () => {
	const one = await client.sandboxes.claim("default");
	await one.cmd("timeout 1 sh -c 'while :; do :; done'");
	const get = async (name, more) => (await one.getMetrics({ metrics:
	    [name], ...more })).series[0].segments[0].points.map((p) =>
	    p.value);
	let busy = 0;
	for (let i = 0; i < 300 && busy < 0.1; i++)
		busy = Math.max(...await get("sandbox.cpu.time",
		    { statistic: "last", stepSeconds: 1 }));
	assert(busy >= 0.1 && busy < 60, busy);
	const limit = (await get("sandbox.memory.limit")).at(-1);
	const used = (await get("sandbox.memory.usage")).at(-1);
	assert(used > 0 && used <= limit && limit % 1048576 === 0);
	const all = await one.getMetrics({ maxPoints: 10 });
	assert.equal(all.stepSeconds, 361);
	assert.equal(all.freshness.status, "fresh");
	assert.equal(all.endTime - all.startTime, 3600000);
	const names = new Set(all.series.map((series) => series.metric));
	const { metrics } = await one.getMetricsCatalog();
	assert.deepEqual(new Set(metrics.map((metric) => metric.name)), names);
	assert(names.has("sandbox.network.io") && names.size === 12);
	assert.deepEqual(all.series.filter((series) =>
	    series.metric === "sandbox.network.io").map((series) =>
	    series.dimensions.direction), ["receive", "transmit"]);
	await failsWith(one.getMetrics({ metrics: ["sandbox.network.errors"] }),
	    400, "bad_request", /metrics: .*not counted here/);
	await client.sandboxes.delete(one.id);
});
step("quotas.list, get", async () => {
	const all = await client.quotas.list();
	assert(all.length === 7 && all.every((one) => one.unlimited));
	const one = await client.quotas.get("active_sandboxes");
	assert.equal(one.kind, "capacity");
	assert.equal(one.unit, "count");
	assert(one.current >= 1);
	const answer = await ask("GET", "/api/v1/quotas/nosuch");
	assert.equal(answer.status, 400);
});
step("usage.listWindows: a run each, by memory, on from a cursor", async () => {
	const all = async (from) => {
		const windows = [];
		for (let cursor = from;;) {
			const page = await client.usage.listWindows({ cursor,
			    limit: 3 });
			assert(page.windows.length <= 3);
			windows.push(...page.windows);
			cursor = page.nextCursor;
			if (page.windows.length < 3)
				return { windows, cursor };
		}
	};
	const { cursor } = await all("0");
	const one = await client.sandboxes.claim("default");
	const { resources } = plain(await client.sandboxes.get(one.id));
	const mib = parseInt(resources.memory, 10);
	await client.sandboxes.pauseAndWait(one.id);
	await client.sandboxes.resumeAndWait(one.id);
	await client.sandboxes.updateMemory(one.id, `${2 * mib}Mi`);
	await client.sandboxes.delete(one.id);
	let mine = [];
	for (let i = 0; i < 300 && mine.length < 3; i++)
		mine = (await all(cursor)).windows.filter((window) =>
		    window.sandboxId === one.id);
	assert.equal(mine.length, 3);
	const ms = (window) => window.windowEnd - window.windowStart;
	assert.deepEqual(mine.map((window) => window.value),
	    [mib, mib, 2 * mib].map((n, i) => n * ms(mine[i])));
	assert(mine.every((window) => ms(window) >= 0 && window.unit ===
	    "mib_milliseconds" && window.subjectId === one.id));
	assert(mine[1].windowStart >= mine[0].windowEnd);
	assert.equal(+mine[2].windowStart, +mine[1].windowEnd);
	assert.deepEqual((await client.usage.listWindows({ windowType:
	    "sandbox.egress_bytes" })).windows, []);
	await failsWith(client.usage.listWindows({ cursor: "x" }), 400,
	    "bad_request", /cursor/);
});
/* Every method of a resource, with what it needs in order to ask. */
const all_refused = async (resource, words) => {
	for (const [name, wish] of Object.entries(words))
		await failsWith(resource[name](...wish), 404, "not_found",
		    /nothing at this path of Sandbox0's API/);
};
refused("volumes: all", "a disk that is mounted is one (sandgate disk)",
    async () => {
	await all_refused(client.volumes, { create: [{}], open: [{}], list: [],
	    get: ["v"], delete: ["v"], fork: ["v"],
	    createSnapshot: ["v", { name: "s" }], listSnapshots: ["v"],
	    getSnapshot: ["v", "s"], deleteSnapshot: ["v", "s"],
	    restoreSnapshot: ["v", "s"], readFile: ["v", "/a"],
	    statFile: ["v", "/a"], listFiles: ["v", "/"],
	    writeFile: ["v", "/a", "x"], importArchive: ["v", "/", "x"],
	    mkdir: ["v", "/a"], deleteFile: ["v", "/a"],
	    moveFile: ["v", "/a", "/b"] });
	await assert.rejects(client.volumes.watchFiles("v", "/"), /404/);
});
refused("credentialSources: all",
    "nothing is put into requests on their way",
    () => all_refused(client.credentialSources, { list: [], get: ["c"],
    create: [{ name: "c" }], update: ["c", { name: "c" }],
    delete: ["c"] }));
step("ssh keys: add, list, delete; what one opens", async () => {
	const key = process.env.SSH_KEY;
	const added = await ask("POST", "/users/me/ssh-keys",
	    { name: "laptop", public_key: key });
	assert.equal(added.status, 201);
	assert.match(added.data.fingerprint_sha256, /^SHA256:/);
	assert.equal(added.data.key_type, "ssh-ed25519");
	assert.equal(added.data.public_key, key);
	assert.equal((await ask("POST", "/users/me/ssh-keys",
	    { name: "again", public_key: key })).status, 409);
	const { SG_SSH_CONFIG, SSH_KEY_FILE } = process.env;
	assert.equal(execFileSync("timeout", ["250", "ssh", "-F",
	    SG_SSH_CONFIG, "-i", SSH_KEY_FILE, "-l", sandbox.id, "bare",
	    "echo $((40 + 2))"], { encoding: "utf8",
	    stdio: ["ignore", "pipe", "inherit"] }), "42\n");
	const { data } = await ask("GET", "/users/me/ssh-keys");
	assert(data.ssh_keys.some((one) => one.id === added.data.id &&
	    one.name === "laptop"));
	assert.equal((await ask("DELETE",
	    `/users/me/ssh-keys/${added.data.id}`)).status, 200);
	assert.equal((await ask("DELETE",
	    `/users/me/ssh-keys/${added.data.id}`)).status, 404);
});
step("sandboxes.delete", () => client.sandboxes.delete(sandbox.id));

run(async () => {
	for (const id of made)
		await client.sandboxes.delete(id);
});
