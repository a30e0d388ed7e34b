// SPDX-License-Identifier: Apache-2.0
// The npm package e2b, a method a step: sandboxes, processes and files.
"use strict";
const { createHash, randomBytes } = require("crypto");
const { Sandbox, Secret, Template } = require("e2b");
const { step, differs, refused, fails, assert, run } = require("./steps.js");

let sandbox;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

step("Sandbox.create: env, metadata, timeout", async () => {
	sandbox = await Sandbox.create("base", { timeoutMs: 120000,
	    envs: { COLOUR: "red" }, metadata: { suite: "e2b", n: "1" } });
	assert.match(sandbox.sandboxId, /^sb-[0-9a-z]{12,}$/);
});
step("sandbox.isRunning", async () =>
	assert.equal(await sandbox.isRunning(), true));
step("sandbox.getInfo", async () => {
	const info = await sandbox.getInfo();
	assert.equal(info.sandboxId, sandbox.sandboxId);
	assert.equal(info.state, "running");
	assert.deepEqual(info.metadata, { suite: "e2b", n: "1" });
	const left = info.endAt - Date.now();
	assert(left > 30000 && left <= 121000, `${left} ms left`);
	assert(info.cpuCount >= 1 && info.memoryMB >= 16);
});
step("sandbox.getMetrics: CPU, memory, disk, and since when", async () => {
	const since = new Date(Date.now() - 1000);
	await sandbox.commands.run("timeout 1 sh -c 'while :; do :; done'; " +
	    "head -c 8M /dev/urandom >metrics; sync; rm metrics", {}).catch(
	    () => {});
	let metrics;
	do
		metrics = await sandbox.getMetrics({ start: since });
	while (Date.now() < +since + 60000 &&
	    !metrics.some((m) => m.cpuUsedPct > 1));
	const last = metrics.at(-1), info = await sandbox.getInfo();
	assert(metrics.some((m) => m.cpuUsedPct > 1 && m.cpuUsedPct <= 100));
	assert(metrics.every((m) => m.timestamp >= since));
	assert.equal(last.cpuCount, info.cpuCount);
	assert.equal(last.memTotal, info.memoryMB * 1048576);
	assert(last.memUsed > 0 && last.memUsed + last.memCache <=
	    last.memTotal);
	assert(last.diskTotal === 0 || (last.diskUsed > 0 &&
	    last.diskUsed < last.diskTotal));
	assert.deepEqual(await Sandbox.getMetrics(sandbox.sandboxId,
	    { end: new Date(1000) }), []);
	await fails(Sandbox.getMetrics("sb-000000000000"),
	    "SandboxNotFoundError", /not found/);
});
step("commands.run: output, exit code", async () => {
	const result = await sandbox.commands.run("echo $COLOUR; echo b >&2");
	assert.equal(result.exitCode, 0);
	assert.equal(result.stdout, "red\n");
	assert.equal(result.stderr, "b\n");
});
step("commands.run: an exit code is an error", async () => {
	const error = await fails(sandbox.commands.run("echo x; exit 7"),
	    "CommandExitError", /exit status 7/);
	assert.equal(error.exitCode, 7);
	assert.equal(error.stdout, "x\n");
});
step("commands.run: cwd, envs, user", async () => {
	const result = await sandbox.commands.run("pwd; echo $A; id -u",
	    { cwd: "/tmp", envs: { A: "b c" }, user: "root" });
	assert.equal(result.stdout, "/tmp\nb c\n0\n");
});
step("commands.run: all bytes of much output", async () => {
	let text = "";
	const result = await sandbox.commands.run(
	    "seq 200000 | tee /dev/stderr | sha256sum",
	    { onStderr: (data) => { text += data; } });
	assert.equal(result.stdout, `${sha256(text)}  -\n`);
});
step("commands.run: onStdout while it runs", async () => {
	const seen = [];
	await sandbox.commands.run("echo a; sleep 1; echo b",
	    { onStdout: (data) => seen.push(data) });
	assert.deepEqual(seen, ["a\n", "b\n"]);
});
step("commands.run: a time-out kills with all children", async () => {
	await fails(sandbox.commands.run("sleep 986 & sleep 987",
	    { timeoutMs: 1000 }), "TimeoutError", /timeout|deadline/i);
	for (let i = 0; i < 100; i++) {
		const { stdout } = await sandbox.commands.run(
		    "pgrep -fc '^sleep 98[67]' || true");
		if (stdout === "0\n")
			return;
	}
	assert.fail("its children live on");
});
step("commands.run: no such program", async () => {
	const error = await fails(sandbox.commands.run("nosuchprogram"),
	    "CommandExitError", /exit status 127/);
	assert.match(error.stderr, /nosuchprogram/);
});
let handle;
step("commands.run: background, list", async () => {
	handle = await sandbox.commands.run("cat; echo end; exit 3",
	    { background: true, stdin: true, timeoutMs: 0 });
	const all = await sandbox.commands.list();
	const mine = all.find((one) => one.pid === handle.pid);
	assert.equal(mine.cmd, "/bin/bash");
	assert.deepEqual(mine.args, ["-l", "-c", "cat; echo end; exit 3"]);
});
step("commands.sendStdin, closeStdin", async () => {
	await sandbox.commands.sendStdin(handle.pid, "one\n");
	await sandbox.commands.sendStdin(handle.pid, "zwö\n");
	await sandbox.commands.closeStdin(handle.pid);
	const error = await fails(handle.wait(), "CommandExitError", /3/);
	assert.equal(error.stdout, "one\nzwö\nend\n");
	assert.equal(error.exitCode, 3);
});
step("commands.sendStdin: no such process", () =>
	fails(sandbox.commands.sendStdin(999999, "x"), "NotFoundError",
	    /999999/));
differs("commands.connect: by pid after a disconnect, nothing lost",
    "all that it wrote is told, from its beginning", async () => {
	const first = await sandbox.commands.run(
	    "echo a; read line; echo $line", { background: true, stdin: true });
	await first.disconnect();
	const second = await sandbox.commands.connect(first.pid);
	await sandbox.commands.sendStdin(first.pid, "b\n");
	const result = await second.wait();
	assert.equal(result.stdout, "a\nb\n");
});
step("commands.connect: no such process", () =>
	fails(sandbox.commands.connect(999998), "NotFoundError", /999998/));
step("commands.kill: with its children", async () => {
	const killed = await sandbox.commands.run("sleep 985 & sleep 985",
	    { background: true });
	assert.equal(await sandbox.commands.kill(killed.pid), true);
	const error = await fails(killed.wait(), "CommandExitError", /./);
	assert.equal(error.exitCode, 137);
	assert.equal(await sandbox.commands.kill(killed.pid), false);
	const { stdout } = await sandbox.commands.run(
	    "pgrep -fc '^sleep 985' || true");
	assert.equal(stdout, "0\n");
});
const bytes = randomBytes(3 << 20);
step("files.write: text; files.read", async () => {
	const info = await sandbox.files.write("/tmp/e2b/a.txt", "hällo");
	assert.equal(info.path, "/tmp/e2b/a.txt");
	assert.equal(info.name, "a.txt");
	assert.equal(await sandbox.files.read("/tmp/e2b/a.txt"), "hällo");
});
step("files.write: bytes; read as bytes, blob, stream", async () => {
	await sandbox.files.write("/tmp/e2b/b", bytes.buffer.slice(
	    bytes.byteOffset, bytes.byteOffset + bytes.length));
	const got = await sandbox.files.read("/tmp/e2b/b", { format: "bytes" });
	assert.equal(sha256(got), sha256(bytes));
	const blob = await sandbox.files.read("/tmp/e2b/b", { format: "blob" });
	assert.equal(sha256(Buffer.from(await blob.arrayBuffer())),
	    sha256(bytes));
	const stream = await sandbox.files.read("/tmp/e2b/b",
	    { format: "stream" });
	const hash = createHash("sha256");
	for await (const part of stream)
		hash.update(part);
	assert.equal(hash.digest("hex"), sha256(bytes));
	const { stdout } = await sandbox.commands.run("sha256sum </tmp/e2b/b");
	assert.equal(stdout, `${sha256(bytes)}  -\n`);
});
step("files.write: as octets, from a stream", async () => {
	await sandbox.files.write("/tmp/e2b/c", new Blob([bytes]).stream());
	const got = await sandbox.files.read("/tmp/e2b/c", { format: "bytes" });
	assert.equal(sha256(got), sha256(bytes));
	for (const useOctetStream of [true, false]) {
		await sandbox.files.write("/tmp/e2b/c", new Blob([bytes,
		    `${useOctetStream}`]), { useOctetStream });
		const { stdout } = await sandbox.commands.run(
		    "sha256sum </tmp/e2b/c");
		assert.equal(stdout, sha256(Buffer.concat([bytes,
		    Buffer.from(`${useOctetStream}`)])) + "  -\n");
	}
});
step("files.write: many; an empty one", async () => {
	const infos = await sandbox.files.write([
	    { path: "/tmp/e2b/d/1", data: "one" },
	    { path: "/tmp/e2b/d/2", data: "" }]);
	assert.deepEqual(infos.map((one) => one.path),
	    ["/tmp/e2b/d/1", "/tmp/e2b/d/2"]);
	assert.equal(await sandbox.files.read("/tmp/e2b/d/2"), "");
});
step("files.list: depth 1 and 2", async () => {
	const names = (all) => all.map((one) => `${one.type} ${one.path}`).sort();
	assert.deepEqual(names(await sandbox.files.list("/tmp/e2b")),
	    ["dir /tmp/e2b/d", "file /tmp/e2b/a.txt", "file /tmp/e2b/b",
	    "file /tmp/e2b/c"]);
	const deep = await sandbox.files.list("/tmp/e2b", { depth: 2 });
	assert(names(deep).includes("file /tmp/e2b/d/1"));
	assert.equal(deep.length, 6);
});
step("files.getInfo, exists", async () => {
	const info = await sandbox.files.getInfo("/tmp/e2b/b");
	assert.equal(info.size, bytes.length);
	assert.equal(info.type, "file");
	assert.equal(info.permissions, "-rw-r--r--");
	assert.equal(info.mode & 0o777, 0o644);
	const { stdout } = await sandbox.commands.run(
	    "ln -s b /tmp/e2b/l; stat -c '%u %g %Y' /tmp/e2b/b");
	assert.equal(stdout, `${info.owner} ${info.group} ` +
	    `${Math.floor(info.modifiedTime / 1000)}\n`);
	const link = await sandbox.files.getInfo("/tmp/e2b/l");
	assert.match(link.symlinkTarget, /(^|\/)b$/);
	await sandbox.files.remove("/tmp/e2b/l");
	assert.equal(await sandbox.files.exists("/tmp/e2b/b"), true);
	assert.equal(await sandbox.files.exists("/tmp/e2b/none"), false);
	await fails(sandbox.files.getInfo("/tmp/e2b/none"), "FileNotFoundError",
	    /none/);
});
step("files.makeDir: true, then false", async () => {
	assert.equal(await sandbox.files.makeDir("/tmp/e2b/x/y"), true);
	assert.equal(await sandbox.files.makeDir("/tmp/e2b/x/y"), false);
});
step("files.rename, remove", async () => {
	const info = await sandbox.files.rename("/tmp/e2b/d", "/tmp/e2b/e");
	assert.equal(info.path, "/tmp/e2b/e");
	assert.equal(await sandbox.files.read("/tmp/e2b/e/1"), "one");
	await sandbox.files.remove("/tmp/e2b");
	assert.equal(await sandbox.files.exists("/tmp/e2b"), false);
});
step("files: paths from the home, told whole", async () => {
	const { stdout } = await sandbox.commands.run("echo $HOME");
	const home = stdout.trim();
	const written = await sandbox.files.write("from-home/a", "one");
	assert.equal(written.path, `${home}/from-home/a`);
	assert.equal((await sandbox.files.write("~/from-home/b", "two")).path,
	    `${home}/from-home/b`);
	assert.equal(await sandbox.files.read("~/from-home/a"), "one");
	assert.equal((await sandbox.files.getInfo("from-home/b")).path,
	    `${home}/from-home/b`);
	assert.deepEqual((await sandbox.files.list("~/from-home"))
	    .map((one) => one.path).sort(),
	    [`${home}/from-home/a`, `${home}/from-home/b`]);
	assert.equal((await sandbox.files.rename("~/from-home/a",
	    "./from-home/c")).path, `${home}/from-home/c`);
	await sandbox.files.remove("~/from-home");
	assert.equal(await sandbox.files.exists(`${home}/from-home`), false);
	assert.equal((await sandbox.files.getInfo("~")).path, home);
});
step("files.makeDir: where there is a file", async () => {
	await sandbox.files.write("/tmp/a-file", "x");
	await fails(sandbox.files.makeDir("/tmp/a-file"),
	    "InvalidArgumentError", /no folder/);
});
step("files.write: metadata, told by getInfo and list", async () => {
	const metadata = { author: "ann", Tag: "a b=c" };
	const told = { author: "ann", tag: "a b=c" };
	const made = await sandbox.files.write("/tmp/meta/m", "x", { metadata });
	assert.deepEqual(made.metadata, told);
	await sandbox.files.write([{ path: "/tmp/meta/n", data: "y" },
	    { path: "/tmp/meta/o", data: "z" }], { metadata });
	await sandbox.files.write("/tmp/meta/p", "none");
	assert.deepEqual((await sandbox.files.getInfo("/tmp/meta/m")).metadata,
	    told);
	assert.deepEqual(Object.fromEntries((await sandbox.files.list(
	    "/tmp/meta")).map((one) => [one.name, one.metadata])),
	    { m: told, n: told, o: told, p: undefined });
	await sandbox.files.rename("/tmp/meta/m", "/tmp/meta/q");
	assert.deepEqual((await sandbox.files.getInfo("/tmp/meta/q")).metadata,
	    told);
	await sandbox.files.write("/tmp/meta/q", "anew");
	assert.equal((await sandbox.files.getInfo("/tmp/meta/q")).metadata,
	    undefined);
	await fails(sandbox.files.write("/tmp/meta/r", "x",
	    { metadata: { long: "x".repeat(4096) } }), "InvalidArgumentError",
	    /4096/);
	assert.equal(await sandbox.files.exists("/tmp/meta/r"), false);
});
step("files.write: gzip; read: gzip", async () => {
	const text = "as good as another\n".repeat(200000);
	await sandbox.files.write("/tmp/gz", text, { gzip: true });
	assert.equal((await sandbox.files.getInfo("/tmp/gz")).size, text.length);
	assert(await sandbox.files.read("/tmp/gz", { gzip: true }) === text);
	await sandbox.files.write("/tmp/gz-none", "", { gzip: true });
	assert.equal(await sandbox.files.read("/tmp/gz-none"), "");
	await sandbox.files.write("/tmp/gz-meta", "x", { gzip: true,
	    metadata: { a: "b" } });
	assert.deepEqual((await sandbox.files.getInfo("/tmp/gz-meta")).metadata,
	    { a: "b" });
});
step("commands.run: 180 at once", async () => {
	const all = await Promise.all(Array.from({ length: 180 }, (_, i) =>
	    sandbox.commands.run(`echo ${i}; exit 0`)));
	assert.deepEqual(all.map((one) => one.stdout),
	    all.map((_, i) => `${i}\n`));
});
differs("commands.sendStdin: much", "less than request_max_bytes a call",
    async () => {
	const cat = await sandbox.commands.run("wc -c", { background: true,
	    stdin: true });
	await fails(sandbox.commands.sendStdin(cat.pid, "x".repeat(2 << 20)),
	    "SandboxError", /request_max_bytes/);
	await sandbox.commands.sendStdin(cat.pid, "x".repeat(1 << 19));
	await sandbox.commands.closeStdin(cat.pid);
	assert.equal((await cat.wait()).stdout, `${1 << 19}\n`);
});
step("files.read: no such file", () =>
	fails(sandbox.files.read("/tmp/none"), "FileNotFoundError", /none/));
step("files as root", async () => {
	await sandbox.files.write("/root/secret", "s", { user: "root" });
	await fails(sandbox.files.read("/root/secret"), "SandboxError",
	    /permission|denied/i);
	assert.equal(await sandbox.files.read("/root/secret",
	    { user: "root" }), "s");
});
step("files.watchDir: recursive, in new folders too; stop", async () => {
	const seen = [];
	const until = async (wanted) => {
		for (let i = 0; i < 600 && !seen.includes(wanted); i++)
			await new Promise((done) => setTimeout(done, 50));
		assert(seen.includes(wanted), `${wanted} is not among ${seen}`);
	};
	await sandbox.files.makeDir("/tmp/watched/old");
	const handle = await sandbox.files.watchDir("/tmp/watched",
	    (event) => seen.push(`${event.type} ${event.name}`),
	    { recursive: true });
	await sandbox.commands.run("cd /tmp/watched && echo a >old/file && "
	    + "mkdir -p new/deep && echo b >new/deep/file");
	for (const wanted of ["create old/file", "write old/file",
	    "create new", "create new/deep", "create new/deep/file"])
		await until(wanted);
	/* What comes and goes in a folder before that is watched is not told:
	 * by now it is. */
	await sandbox.commands.run("cd /tmp/watched && chmod 600 old/file && "
	    + "mv old/file new/moved && rm new/moved");
	for (const wanted of ["chmod old/file", "rename old/file",
	    "create new/moved", "remove new/moved"])
		await until(wanted);
	await sandbox.commands.run("echo c >/tmp/watched/new/deep/later");
	await until("create new/deep/later");
	await handle.stop();
	seen.length = 0;
	await sandbox.commands.run("touch /tmp/watched/after");
	assert.deepEqual(seen, []);
});
step("files.watchDir: the end of the folder; one that is not there", async () => {
	let ended;
	const over = new Promise((done) => { ended = done; });
	await sandbox.files.makeDir("/tmp/busy");
	await sandbox.files.watchDir("/tmp/busy", () => {},
	    { onExit: ended, timeoutMs: 0 });
	await sandbox.commands.run("rmdir /tmp/busy");
	assert.equal(await over, undefined);
	await fails(sandbox.files.watchDir("/tmp/none", () => {}),
	    "FileNotFoundError", /none/);
});
refused("files.watchDir: includeEntry, allowNetworkMounts",
    "what changed is told by its name alone", async () => {
	for (const option of ["includeEntry", "allowNetworkMounts"])
		await fails(sandbox.files.watchDir("/tmp", () => {},
		    { [option]: true }), "TemplateError", /update the template/);
});
/* What the Python SDK asks for; this one has no method that does. */
step("CreateWatcher, GetWatcherEvents, RemoveWatcher", async () => {
	const ask = async (method, wish, status = 200) => {
		const reply = await fetch(`${process.env.E2B_SANDBOX_URL}` +
		    `/filesystem.Filesystem/${method}`, { method: "POST",
		    body: JSON.stringify(wish), headers: {
			"Content-Type": "application/json",
			"X-API-Key": process.env.E2B_API_KEY,
			"E2b-Sandbox-Id": sandbox.sandboxId } });
		const answer = await reply.json();
		assert.equal(reply.status, status, JSON.stringify(answer));
		return answer;
	};
	await sandbox.files.makeDir("/tmp/polled/below");
	const { watcherId } = await ask("CreateWatcher",
	    { path: "/tmp/polled", recursive: true });
	assert.deepEqual(await ask("GetWatcherEvents", { watcherId }),
	    { events: [] });
	await sandbox.commands.run("cd /tmp/polled; echo x >below/file");
	let seen = [];
	while (!seen.some((one) => one.type === "EVENT_TYPE_WRITE"))
		seen = seen.concat((await ask("GetWatcherEvents",
		    { watcherId })).events);
	assert.deepEqual(seen[0],
	    { name: "below/file", type: "EVENT_TYPE_CREATE" });
	await ask("RemoveWatcher", { watcherId });
	await ask("GetWatcherEvents", { watcherId }, 404);
	const none = await ask("CreateWatcher", { path: "/tmp/none" }, 404);
	assert.match(none.message, /none/);
});
step("commands.run: too little memory is said, with how much there is",
    async () => {
	const reply = await fetch(`${process.env.E2B_API_URL}/v1/sandboxes`, {
	    method: "POST", body: '{"memory": "128M", "ttl": "10m"}', headers: {
		"Content-Type": "application/json",
		"X-API-Key": process.env.E2B_API_KEY } });
	const small = await Sandbox.connect((await reply.json()).id);
	try {
		for (const command of ["exec python3 -c", "python3 -c"]) {
			const error = await fails(small.commands.run(
			    `${command} 'x = b"x" * 2**30'; exit $?`),
			    "CommandExitError",
			    /out of memory \(limit 128 MiB\)/);
			assert.equal(error.exitCode, 137);
		}
		/* And not of one that somebody killed. */
		await fails(small.commands.run("kill -KILL $$"),
		    "CommandExitError", /signal: /);
	} finally {
		await small.kill();
	}
});
step("Template.exists", async () => {
	assert.equal(await Template.exists("base"), true);
	assert.equal(await Template.exists("nosuch"), false);
});
step("sandbox.downloadUrl, uploadUrl: signed, without a key", async () => {
	await sandbox.files.write("/tmp/given away", "to whom it concerns");
	const url = await sandbox.downloadUrl("/tmp/given away");
	let reply = await fetch(url);
	assert.equal(reply.status, 200);
	assert.equal(await reply.text(), "to whom it concerns");
	/* Not of another file, nor for something else. */
	for (const other of [url.replace("given", "taken"),
	    url.replace("signature=v1_", "signature=v1_A"),
	    url.replace(/&signature=.*/, "")])
		assert.equal((await fetch(other)).status, 401, other);
	const form = () => {
		const data = new FormData();
		data.append("file", new Blob(["uploaded"]), "x");
		return data;
	};
	assert.equal((await fetch(url, { method: "POST",
	    body: form() })).status, 401);
	reply = await fetch(await sandbox.uploadUrl("/tmp/taken in"),
	    { method: "POST", body: form() });
	assert.equal(reply.status, 200);
	assert.equal(await sandbox.files.read("/tmp/taken in"), "uploaded");
	await sandbox.files.write("/root/given", "r", { user: "root" });
	reply = await fetch(await sandbox.downloadUrl("/root/given",
	    { user: "root", useSignatureExpiration: 600 }));
	assert.equal(await reply.text(), "r");
	reply = await fetch(await sandbox.downloadUrl("/root/given",
	    { user: "root", useSignatureExpiration: -1 }));
	assert.equal(reply.status, 401);
	assert.match((await reply.json()).message, /time of this URL/);
});
step("Sandbox.list: by metadata, in pages", async () => {
	const others = await Promise.all([2, 3].map((n) => Sandbox.create(
	    "base", { metadata: { suite: "e2b", n: `${n}` } })));
	const seen = [];
	const paginator = Sandbox.list({ query: { metadata: { suite: "e2b" } },
	    limit: 2 });
	while (paginator.hasNext)
		seen.push(...await paginator.nextItems());
	assert.equal(seen.length, 3);
	assert.equal(new Set(seen.map((one) => one.sandboxId)).size, 3);
	const one = Sandbox.list({ query: { metadata: { suite: "e2b", n: "2" } } });
	assert.deepEqual((await one.nextItems()).map((s) => s.sandboxId),
	    [others[0].sandboxId]);
	for (const other of others)
		assert.equal(await Sandbox.kill(other.sandboxId), true);
});
step("Sandbox.list: order, startedAfter, template, state", async () => {
	const since = new Date();
	const made = [];
	for (const n of ["4", "5", "6"])
		made.push((await Sandbox.create("base", { metadata:
		    { suite: "e2b", n } })).sandboxId);
	const ids = async (options, more) => (await Sandbox.list({ ...options,
	    query: { metadata: { suite: "e2b" }, startedAfter: since,
	    ...more } }).nextItems()).map((one) => one.sandboxId);
	assert.deepEqual(await ids({ order: "asc" }), made);
	assert.deepEqual(await ids({ order: "desc" }), made.toReversed());
	assert.deepEqual(await ids({ order: "desc", limit: 1 }), [made[2]]);
	assert.deepEqual(await ids({ order: "asc" }, { template: "base" }),
	    made);
	assert.deepEqual(await ids({}, { template: "nosuch" }), []);
	await Sandbox.pause(made[1]);
	assert.deepEqual(await ids({}, { state: ["paused"] }), [made[1]]);
	assert.deepEqual(await ids({ order: "asc" }, { state: ["running"] }),
	    [made[0], made[2]]);
	assert.deepEqual(await ids({}, { startedAfter:
	    new Date(Date.now() + 60000) }), []);
	for (const id of made)
		assert.equal(await Sandbox.kill(id), true);
});
/* Once it is so. */
const until = async (is_so) => {
	for (let i = 0; i < 600; i++) {
		if (await is_so())
			return;
		await new Promise((done) => setTimeout(done, 100));
	}
	assert.fail("it never came to be");
};
step("Sandbox.create: its time is over, and it is gone", async () => {
	const begun = Date.now();
	const one = await Sandbox.create("base", { timeoutMs: 2000,
	    metadata: { suite: "e2b" } });
	assert.deepEqual((await one.getInfo()).lifecycle,
	    { onTimeout: "kill", autoResume: false });
	await until(async () => !await one.isRunning());
	assert(Date.now() - begun >= 2000);
	await fails(Sandbox.connect(one.sandboxId), "SandboxNotFoundError",
	    /not found/);
});
step("Sandbox.create: lifecycle: pause, autoResume, keepMemory", async () => {
	const make = (lifecycle) => Sandbox.create("base", { timeoutMs: 2000,
	    metadata: { suite: "e2b" }, lifecycle });
	const one = await make({ onTimeout: "pause", autoResume: true });
	const info = await one.getInfo();
	assert.deepEqual(info.lifecycle, { onTimeout: "pause",
	    autoResume: true });
	const waiting = await one.commands.run("read line; echo $line",
	    { background: true, stdin: true, timeoutMs: 0 });
	const isPaused = async (sandbox) =>
	    (await sandbox.getInfo()).state === "paused";
	await until(() => isPaused(one));
	assert(Date.now() >= +info.endAt);
	assert.equal((await one.commands.run("echo awake")).stdout, "awake\n");
	await one.setTimeout(60000);
	assert.equal((await one.getInfo()).state, "running");
	await one.commands.sendStdin(waiting.pid, "kept\n");
	assert.equal((await (await one.commands.connect(waiting.pid)).wait())
	    .stdout, "kept\n");
	await one.kill();
	const other = await make({ onTimeout: { action: "pause",
	    keepMemory: false } });
	await other.files.write("/workspace/kept", "on its disk");
	await other.commands.run("sleep 976", { background: true,
	    timeoutMs: 0 });
	await until(() => isPaused(other));
	await fails(other.commands.run("true"), "SandboxError",
	    /auto_resume is off: resume it first/);
	const again = await Sandbox.connect(other.sandboxId);
	assert.equal(await again.files.read("/workspace/kept"), "on its disk");
	assert.equal((await again.commands.run("pgrep -fc '^sleep 976' || true"))
	    .stdout, "0\n");
	await again.kill();
});
step("sandbox.pause: keepMemory; Sandbox.connect: onResume", async () => {
	const begin = () => sandbox.commands.run("sleep 975",
	    { background: true, timeoutMs: 0 });
	const count = async () => (await sandbox.commands.run(
	    "pgrep -fc '^sleep 975' || true")).stdout;
	await begin();
	await sandbox.pause();
	await sandbox.connect({ onResume: "restore" });
	assert.equal(await count(), "1\n");
	await sandbox.pause();
	await sandbox.connect({ onResume: "reboot" });
	assert.equal(await count(), "0\n");
	await begin();
	await sandbox.pause({ keepMemory: false });
	assert.equal((await sandbox.getInfo()).state, "paused");
	await sandbox.connect();
	assert.equal(await count(), "0\n");
});
step("sandbox.setTimeout", async () => {
	await sandbox.setTimeout(600000);
	const left = (await sandbox.getInfo()).endAt - Date.now();
	assert(left > 500000 && left <= 601000, `${left} ms left`);
});
step("pty: input, size, resize, connect by another, kill", async () => {
	let text = "";
	const until = async (pattern) => {
		for (let i = 0; i < 600 && !pattern.test(text); i++)
			await new Promise((done) => setTimeout(done, 50));
		assert.match(text, pattern);
	};
	const decoder = new TextDecoder();
	const pty = await sandbox.pty.create({ cols: 91, rows: 21,
	    timeoutMs: 0, envs: { PS1: "> " },
	    onData: (data) => { text += decoder.decode(data); } });
	const say = (line) => sandbox.pty.sendInput(pty.pid,
	    new TextEncoder().encode(line));
	await say("stty size; tty\n");
	await until(/21 91\r\n\/dev\/pts\/\d/);
	await sandbox.pty.resize(pty.pid, { cols: 77, rows: 33 });
	await say("stty size\n");
	await until(/33 77\r\n/);
	let seen = "";
	const other = await sandbox.pty.connect(pty.pid,
	    { onData: (data) => { seen += decoder.decode(data); } });
	assert.equal(other.pid, pty.pid);
	await say("echo $((40 + 2))\n");
	for (let i = 0; i < 600 && !/42\r\n/.test(seen); i++)
		await new Promise((done) => setTimeout(done, 50));
	assert.match(seen, /42\r\n/);
	await other.disconnect();
	assert.equal(await sandbox.pty.kill(pty.pid), true);
	await fails(pty.wait(), "CommandExitError", /./);
});
step("pty: its end", async () => {
	const pty = await sandbox.pty.create({ cols: 80, rows: 24,
	    onData: () => {} });
	await sandbox.pty.sendInput(pty.pid,
	    new TextEncoder().encode("exit 5\n"));
	const error = await fails(pty.wait(), "CommandExitError", /5/);
	assert.equal(error.exitCode, 5);
});
/* As the native API has it. */
const native = async (path) => (await fetch(
    `${process.env.E2B_API_URL}/v1/sandboxes/${path}`,
    { headers: { Authorization: `Bearer ${process.env.E2B_API_KEY}` } })).json();
step("sandbox.updateNetwork: what is allowed beats what is denied", async () => {
	await sandbox.updateNetwork({ denyOut: ["0.0.0.0/0"],
	    allowOut: ["192.0.2.0/24"] });
	let policy = await native(`${sandbox.sandboxId}/egress`);
	assert.equal(policy.default, "deny");
	assert.deepEqual(policy.rules.map((rule) => [rule.action, rule.cidrs]),
	    [["allow", ["192.0.2.0/24"]], ["deny", ["0.0.0.0/0"]]]);
	await sandbox.updateNetwork({ allowInternetAccess: false });
	policy = await native(`${sandbox.sandboxId}/egress`);
	assert.equal(policy.default, "deny");
	assert.deepEqual(policy.rules, []);
	await sandbox.updateNetwork({});
	policy = await native(`${sandbox.sandboxId}/egress`);
	assert.equal(policy.own, false);
});
step("sandbox.updateNetwork: what it refuses", async () => {
	await fails(sandbox.updateNetwork({ denyOut: ["example.com"] }),
	    "SandboxError", /denyOut.*example.com/);
	await fails(sandbox.updateNetwork({ allowOut: ["example.com"] }),
	    "SandboxError", /allowOut.*example.com/);
});
step("Sandbox.create: network", async () => {
	const shut = await Sandbox.create("base", { metadata: { suite: "e2b" },
	    network: { allowOut: ["198.51.100.7"] },
	    allowInternetAccess: false });
	const policy = await native(`${shut.sandboxId}/egress`);
	assert.equal(policy.default, "deny");
	assert.deepEqual(policy.rules[0].cidrs, ["198.51.100.7"]);
	await shut.kill();
});
differs("sandbox.fork: 3, each by itself",
    "of the disk: processes begin anew", async () => {
	await sandbox.files.write("/workspace/of-all", "before");
	const forks = await sandbox.fork({ count: 3, timeoutMs: 60000 });
	assert.equal(forks.length, 3);
	for (const [i, fork] of forks.entries()) {
		assert(fork instanceof Sandbox, fork.message);
		assert.equal(await fork.files.read("/workspace/of-all"),
		    "before");
		await fork.files.write("/workspace/of-all", `fork ${i}`);
		const left = (await fork.getInfo()).endAt - Date.now();
		assert(left > 10000 && left <= 61000, `${left} ms left`);
	}
	assert.equal(await sandbox.files.read("/workspace/of-all"), "before");
	for (const [i, fork] of forks.entries()) {
		assert.equal(await fork.files.read("/workspace/of-all"),
		    `fork ${i}`);
		await fork.kill();
	}
});
differs("sandbox.createSnapshot, listSnapshots; create from it",
    "of the disk: processes begin anew", async () => {
	const snapshot = await sandbox.createSnapshot({ name: "e2b-kept" });
	assert.match(snapshot.snapshotId, /^sn_/);
	assert.deepEqual(snapshot.names, ["e2b-kept"]);
	const listed = await sandbox.listSnapshots().nextItems();
	assert.deepEqual(listed.map((one) => one.snapshotId),
	    [snapshot.snapshotId]);
	const other = await Sandbox.create(snapshot.snapshotId,
	    { metadata: { suite: "e2b" } });
	assert.equal(await other.files.read("/workspace/of-all"), "before");
	await other.kill();
	assert.equal(await Sandbox.deleteSnapshot(snapshot.snapshotId), true);
	assert.equal(await Sandbox.deleteSnapshot(snapshot.snapshotId), false);
	assert.deepEqual(await sandbox.listSnapshots().nextItems(), []);
});
step("sandbox.pause, connect: processes go on", async () => {
	const counting = await sandbox.commands.run(
	    "read line; echo $line", { background: true, stdin: true,
	    timeoutMs: 0 });
	assert.equal(await sandbox.pause(), true);
	assert.equal(await sandbox.pause(), false);
	assert.equal((await sandbox.getInfo()).state, "paused");
	assert.equal(await sandbox.isRunning(), false);
	const paused = Sandbox.list({ query: { state: ["paused"],
	    metadata: { suite: "e2b" } } });
	assert.deepEqual((await paused.nextItems()).map((s) => s.sandboxId),
	    [sandbox.sandboxId]);
	const again = await Sandbox.connect(sandbox.sandboxId);
	assert.equal(await again.isRunning(), true);
	await again.commands.sendStdin(counting.pid, "still here\n");
	const handle = await again.commands.connect(counting.pid);
	assert.equal((await handle.wait()).stdout, "still here\n");
});
refused("Sandbox.create: volumeMounts",
    "a disk that is mounted is one (sandgate disk)", () =>
	fails(Sandbox.create("base", { volumeMounts: { "/data": "one" } }),
	    "SandboxError", /volumeMounts/));
refused("Sandbox.create: iam, mcp",
    "nothing is put into requests on their way; /mcp is the gateway's",
    async () => {
	await fails(Sandbox.create("base", { mcp: {} }), "SandboxError", /mcp/);
	await fails(Sandbox.create("base", { iam: { tokens: { a:
	    Secret.iamToken({ audience: "a", tokenType: "jwt" }) } } }),
	    "SandboxError", /iam/);
});
refused("Sandbox.create: network: rules, egressProxy, allowPublicTraffic",
    "requests are not changed; what is served is said by services",
    async () => {
	for (const network of [{ rules: { "a.example": [{ transform:
	    { headers: { A: "b" } } }] } }, { egressProxy:
	    { address: "192.0.2.1:1080" } }, { allowPublicTraffic: false },
	    { maskRequestHost: "a.example" }])
		await fails(Sandbox.create("base", { network }),
		    "SandboxError", new RegExp(Object.keys(network)[0]));
});
step("sandbox.kill: true, then false; nothing is left of it", async () => {
	assert.equal(await sandbox.kill(), true);
	assert.equal(await sandbox.kill(), false);
	assert.equal(await sandbox.isRunning(), false);
	await fails(Sandbox.getInfo(sandbox.sandboxId), "SandboxNotFoundError",
	    /not found/);
	await fails(sandbox.commands.run("true"), "SandboxNotFoundError",
	    /not running anymore/);
});
step("a wrong key", () =>
	fails(Sandbox.create("base", { apiKey: "e2b_wrong" }),
	    "AuthenticationError", /token/));
step("a template that is not there", () =>
	fails(Sandbox.create("nosuch"), "SandboxError", /nosuch/));

run(async () => {
	for await (const page of [await Sandbox.list({ query:
	    { metadata: { suite: "e2b" } } }).nextItems()])
		for (const one of page)
			await Sandbox.kill(one.sandboxId);
});
