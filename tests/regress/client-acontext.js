// SPDX-License-Identifier: Apache-2.0
// The npm package @acontext/acontext for disks and artifacts, a method a step;
// for what it does not know yet, the requests that its successors send.
"use strict";
const { createHash, randomBytes } = require("crypto");
const { step, fails, assert, run } = require("./steps.js");
const { AcontextClient, FileUpload } = require("@acontext/acontext");

const { ACONTEXT_BASE_URL: baseUrl, ACONTEXT_API_KEY: apiKey,
    FOREIGN_KEY: foreign } = process.env;
const client = new AcontextClient({ baseUrl, apiKey });
const artifacts = client.disks.artifacts;
let disk, sandbox;

/* A request of a client that knows sandboxes, as it was captured: one without a
 * body has no type, and every answer has to say that it is JSON. */
const send = async (method, path, json) => {
	const response = await fetch(baseUrl + path, { method, headers: {
	    Authorization: `Bearer ${apiKey}`, Accept: "application/json",
	    "User-Agent": "acontext-ts/0.0.1", ...(json === undefined ? {} :
	    { "Content-Type": "application/json" }) },
	    body: json === undefined ? undefined : JSON.stringify(json) });
	assert.match(response.headers.get("content-type"), /application\/json/);
	const answer = await response.json();
	if (response.status >= 400 || answer.code >= 400)
		throw Object.assign(new Error(answer.msg), { name: "APIError",
		    statusCode: response.status, code: answer.code });
	assert.equal(answer.code, 0);
	return answer.data;
};
const exec = (command) => send("POST",
    `/sandbox/${sandbox.sandbox_id}/exec`, { command });
const sha = (data) => createHash("sha256").update(data).digest("hex");

step("ping", async () => assert.equal(await client.ping(), "pong"));
step("disks.create", async () => {
	disk = await client.disks.create();
	assert.match(disk.id, /^dk_[0-9a-z]{16}$/);
	assert(disk.project_id && Date.parse(disk.created_at) > 0);
});
step("disks.list: limit, cursor, time_desc", async () => {
	const other = await client.disks.create();
	const first = await client.disks.list({ limit: 1, timeDesc: true });
	assert.equal(first.items[0].id, other.id);
	assert.equal(first.has_more, true);
	const second = await client.disks.list({ limit: 1, timeDesc: true,
	    cursor: first.next_cursor });
	assert.equal(second.items[0].id, disk.id);
	assert.equal((await client.disks.list()).items[0].id, disk.id);
	await client.disks.delete(other.id);
	await fails(client.disks.list({ limit: 201 }), "APIError",
	    /limit: must be from 1 to 200/);
});
step("artifacts.upsert: file_path, meta, type", async () => {
	const content = Buffer.from("Hello from disk!\nProcess this in " +
	    "sandbox. ä€😀");
	const made = await artifacts.upsert(disk.id, { file: new FileUpload({
	    filename: "data.txt", content, contentType: "text/plain" }),
	    filePath: "/input/",
	    meta: { by: "test", n: [1, { a: null }] } });
	assert.equal(made.path + made.filename, "/input/data.txt");
	assert.deepEqual(made.meta, { by: "test", n: [1, { a: null }],
	    __artifact_info__: { path: "/input/", filename: "data.txt",
	    mime: "text/plain", size: content.length } });
});
step("artifacts.upsert: replaces", async () => {
	const again = await artifacts.upsert(disk.id, { file: ["data.txt",
	    Buffer.from("second"), "text/plain"], filePath: "/input/" });
	assert.equal(again.meta.by, undefined);
	const got = await artifacts.get(disk.id, { filePath: "/input/",
	    filename: "data.txt", withContent: true });
	assert.deepEqual(got.content, { type: "text", raw: "second" });
	assert.equal(got.artifact.created_at < got.artifact.updated_at, true);
});
step("POST artifact: a form in any order, its folder left out", async () => {
	for (const folder of [undefined, "/late"]) {
		const form = new FormData();
		form.append("file", new Blob(["x"]), "o.json");
		if (folder !== undefined)
			form.append("file_path", folder);
		form.append("meta", "{\"a\":1}");
		const response = await fetch(`${baseUrl}/disk/${disk.id}` +
		    "/artifact", { method: "POST", body: form, headers: {
		    Authorization: `Bearer ${apiKey}` } });
		assert.equal(response.status, 201);
		const { data } = await response.json();
		assert.equal(data.path, folder === undefined ? "/" :
		    "/late/");
		assert.equal(data.meta.a, 1);
		assert.equal(data.meta.__artifact_info__.mime,
		    "application/json");
		await artifacts.delete(disk.id, { filePath: data.path,
		    filename: "o.json" });
	}
});
step("artifacts.get: content typed text, json, csv, code", async () => {
	const text = "Line \"1\"\n\\2\tä€😀\u0001";
	for (const [filename, type] of [["a.txt", "text"], ["a.json", "json"],
	    ["a.csv", "csv"], ["a.py", "code"]]) {
		await artifacts.upsert(disk.id, { file: new FileUpload({
		    filename, content: Buffer.from(text) }), filePath: "/" });
		const got = await artifacts.get(disk.id, { filePath: "/",
		    filename, withContent: true });
		assert.deepEqual(got.content, { type, raw: text });
	}
});
step("artifacts.get: 16 MB of text, and no byte more", async () => {
	const text = randomBytes(8 << 20).toString("hex");
	const upload = (content) => artifacts.upsert(disk.id, { file:
	    new FileUpload({ filename: "big.txt", content, contentType:
	    "text/plain" }), filePath: "/" });
	await upload(Buffer.from(text));
	const got = await artifacts.get(disk.id, { filePath: "/",
	    filename: "big.txt", withContent: true });
	assert.equal(sha(got.content.raw), sha(text));
	const error = await fails(upload(Buffer.from(text + "x")), "APIError",
	    /16 MiB/);
	assert.equal(error.statusCode, 413);
});
step("artifacts.get: bytes that are no text have no content", async () => {
	await artifacts.upsert(disk.id, { file: new FileUpload({
	    filename: "b.bin", content: Buffer.from([0, 255, 1]) }),
	    filePath: "/" });
	const got = await artifacts.get(disk.id, { filePath: "/",
	    filename: "b.bin", withContent: true, withPublicUrl: true });
	assert.equal(got.content, null);
	assert.equal(got.public_url, null);
});
step("artifacts.update: meta", async () => {
	const { artifact } = await artifacts.update(disk.id, { filePath:
	    "/input/", filename: "data.txt", meta: { k: "v" } });
	assert.equal(artifact.meta.k, "v");
	assert.equal(artifact.meta.__artifact_info__.size, 6);
	await fails(artifacts.update(disk.id, { filePath: "/input/",
	    filename: "data.txt", meta: { __artifact_info__: 1 } }),
	    "APIError", /meta: must be/);
});
step("artifacts.list: path, directories", async () => {
	const root = await artifacts.list(disk.id, { path: "/" });
	assert.deepEqual(root.directories, ["input"]);
	assert.deepEqual(root.artifacts.map((a) => a.filename), ["a.csv",
	    "a.json", "a.py", "a.txt", "b.bin", "big.txt"]);
	const input = await artifacts.list(disk.id, { path: "/input/" });
	assert.deepEqual(input.artifacts.map((a) => a.filename),
	    ["data.txt"]);
});
step("artifact/grep, artifact/glob", async () => {
	const names = (list) => list.map((a) => a.path + a.filename);
	assert.deepEqual(names(await send("GET",
	    `/disk/${disk.id}/artifact/grep?query=second&limit=100`)),
	    ["/input/data.txt"]);
	assert.deepEqual(names(await send("GET",
	    `/disk/${disk.id}/artifact/glob?query=${encodeURIComponent(
	    "**/a.[cj]s*")}`)), ["/a.csv", "/a.json"]);
});
step("artifact/download", async () => {
	const response = await fetch(`${baseUrl}/disk/${disk.id}` +
	    "/artifact/download?file_path=/input/data.txt", { headers: {
	    Authorization: `Bearer ${apiKey}` } });
	assert.equal(await response.text(), "second");
	assert.match(response.headers.get("content-type"), /text\/plain/);
});
step("paths with .., another organisation's disk, a wrong key", async () => {
	await fails(artifacts.get(disk.id, { filePath: "/input/..",
	    filename: "x" }), "APIError", /path: must begin/);
	for (const key of [foreign, "sk-ac-wrong"]) {
		const other = new AcontextClient({ baseUrl, apiKey: key });
		const status = key === foreign ? 404 : 401;
		const theirs = other.disks.artifacts;
		for (const call of [() => theirs.get(disk.id, { filePath:
		    "/input/", filename: "data.txt" }), () => theirs.upsert(
		    disk.id, { file: ["x", Buffer.from("x")] }),
		    () => theirs.list(disk.id, {}),
		    () => other.disks.delete(disk.id)]) {
			const error = await fails(call(), "APIError", /./);
			assert.equal(error.statusCode, status);
		}
	}
});
step("artifacts.delete", async () => {
	await artifacts.delete(disk.id, { filePath: "/", filename: "b.bin" });
	const error = await fails(artifacts.get(disk.id, { filePath: "/",
	    filename: "b.bin" }), "APIError", /no such artifact/);
	assert.equal(error.statusCode, 404);
});

step("POST sandbox", async () => {
	sandbox = await send("POST", "/sandbox");
	assert.equal(sandbox.sandbox_status, "running");
	assert.equal(Date.parse(sandbox.sandbox_expires_at) -
	    Date.parse(sandbox.sandbox_created_at) > 1700000, true);
});
step("POST sandbox/{id}/exec: in /workspace", async () => {
	assert.deepEqual(await exec("echo 'Hello from sandbox!' && pwd"),
	    { stdout: "Hello from sandbox!\n/workspace\n", stderr: "",
	    exit_code: 0 });
	assert.deepEqual(await exec("echo no >&2; exit 3"), { stdout: "",
	    stderr: "no\n", exit_code: 3 });
});
step("download_to_sandbox", async () => {
	assert.deepEqual(await send("POST", `/disk/${disk.id}/artifact` +
	    "/download_to_sandbox", { file_path: "/", filename: "big.txt",
	    sandbox_id: sandbox.sandbox_id, sandbox_path: "/workspace/" }),
	    { success: true });
	const got = await artifacts.get(disk.id, { filePath: "/",
	    filename: "big.txt", withContent: true });
	assert.match((await exec("sha256sum < /workspace/big.txt")).stdout,
	    new RegExp(sha(got.content.raw)));
});
step("upload_from_sandbox", async () => {
	await exec("head -c 16777216 /dev/urandom > out.bin; : > empty");
	const upload = (name) => send("POST", `/disk/${disk.id}/artifact` +
	    "/upload_from_sandbox", { sandbox_id: sandbox.sandbox_id,
	    sandbox_path: "/workspace/", sandbox_filename: name,
	    file_path: "/output/" });
	const made = await upload("out.bin");
	assert.equal(made.path + made.filename, "/output/out.bin");
	assert.equal(made.meta.__artifact_info__.size, 16777216);
	const response = await fetch(`${baseUrl}/disk/${disk.id}` +
	    "/artifact/download?file_path=/output/out.bin", { headers: {
	    Authorization: `Bearer ${apiKey}` } });
	const bytes = Buffer.from(await response.arrayBuffer());
	assert.match((await exec("sha256sum out.bin")).stdout,
	    new RegExp(sha(bytes)));
	assert.equal((await upload("empty")).meta.__artifact_info__.size, 0);
	await fails(upload("nosuch"), "APIError", /nosuch/);
	await exec("echo >> out.bin");
	const error = await fails(upload("out.bin"), "APIError", /16 MiB/);
	assert.equal(error.statusCode, 413);
});
step("GET sandbox/logs: commands and files", async () => {
	const logs = await send("GET", "/sandbox/logs?limit=20&time_desc=true");
	const [item] = logs.items;
	assert.equal(item.backend_sandbox_id, sandbox.sandbox_id);
	assert.deepEqual(item.history_commands.slice(0, 2), [{ command:
	    "echo 'Hello from sandbox!' && pwd", exit_code: 0 }, { command:
	    "echo no >&2; exit 3", exit_code: 3 }]);
	assert.deepEqual(item.generated_files[0],
	    { sandbox_path: "/workspace/out.bin" });
	assert.equal(item.will_total_alive_seconds, 1800);
	assert.equal(logs.has_more, false);
});
step("DELETE sandbox/{id}: its disk stays", async () => {
	assert.deepEqual(await send("DELETE",
	    `/sandbox/${sandbox.sandbox_id}`), { status: 0, errmsg: "" });
	const error = await fails(exec("true"), "APIError", /destroyed|no such/);
	assert.equal(error.statusCode, 404);
	assert.equal((await artifacts.list(disk.id, { path: "/output" }))
	    .artifacts.length, 2);
});
step("the seed's first example", async () => {
	sandbox = await send("POST", "/sandbox");
	assert.match((await exec("python3 --version")).stdout, /^Python 3/);
	assert.equal((await exec("python3 -c 'print(sum(range(10)))'")).stdout
	    .trim(), "45");
	await send("DELETE", `/sandbox/${sandbox.sandbox_id}`);
});
step("the seed's second example", async () => {
	const own = await client.disks.create();
	sandbox = await send("POST", "/sandbox");
	await artifacts.upsert(own.id, { file: new FileUpload({
	    filename: "input.txt", content: Buffer.from(
	    "Line 1\nLine 2\nLine 3"), contentType: "text/plain" }),
	    filePath: "/input/" });
	await send("POST", `/disk/${own.id}/artifact/download_to_sandbox`,
	    { file_path: "/input/", filename: "input.txt", sandbox_id:
	    sandbox.sandbox_id, sandbox_path: "/workspace/" });
	await exec("wc -l /workspace/input.txt > /workspace/output.txt");
	await send("POST", `/disk/${own.id}/artifact/upload_from_sandbox`,
	    { sandbox_id: sandbox.sandbox_id, sandbox_path: "/workspace/",
	    sandbox_filename: "output.txt", file_path: "/output/" });
	const result = await artifacts.get(own.id, { filePath: "/output/",
	    filename: "output.txt", withContent: true });
	assert.equal(result.content.raw.trim(), "2 /workspace/input.txt");
	await send("DELETE", `/sandbox/${sandbox.sandbox_id}`);
	await client.disks.delete(own.id);
});

run(() => client.disks.delete(disk.id));
