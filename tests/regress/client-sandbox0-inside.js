// SPDX-License-Identifier: Apache-2.0
// The npm package sandbox0, a method a step: contexts and files.
"use strict";
const { createHash, randomBytes } = require("crypto");
const WebSocket = require("ws");
const { step, differs, refused, fails, assert, run } = require("./steps.js");

const { SANDBOX0_BASE_URL: baseUrl, SANDBOX0_TOKEN: token } = process.env;
let client, sandbox;

/* That it fails with this status and code. */
const failsWith = async (promise, status, code, words) => {
	const error = await fails(promise, "APIError", words);
	assert.equal(error.statusCode, status);
	assert.equal(error.code, code);
};
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = async (path) => Buffer.from(await sandbox.readFile(path));

/* What a stream puts out until `is_so` of all of it. */
const readUntil = async (reader, is_so) => {
	let text = "";
	while (!is_so(text)) {
		const { done, value } = await reader.read();
		assert(!done, `it ended after ${JSON.stringify(text)}`);
		text += value.data;
	}
	return text;
};

step("sandboxes.claim", async () => {
	const sdk = await import("sandbox0");
	client = new sdk.Client({ baseUrl, token });
	sandbox = await client.sandboxes.claim("default", { envVars:
	    { APP_ENV: "development" } });
});
step("sandbox.cmd: stdout, stderr, exit code", async () => {
	const done = await sandbox.cmd(
	    "sh -c 'echo $APP_ENV; echo b >&2; exit 3'");
	assert.equal(done.stdout, "development\n");
	assert.equal(done.stderr, "b\n");
	assert.equal(done.exitCode, 3);
	assert.equal(done.state, "crashed");
	assert.match(done.outputRaw, /development\n/);
	assert.match(done.outputRaw, /b\n/);
	assert.equal(done.outputRaw.length, done.stdout.length +
	    done.stderr.length);
});
step("sandbox.cmd: cwd, env_vars, words", async () => {
	const done = await sandbox.cmd("x", { command: ["sh", "-c",
	    "pwd; echo \"$A $1\"", "sh", "b  c"], cwd: "/tmp",
	    envVars: { A: "a'a", APP_ENV: "" } });
	assert.equal(done.stdout, "/tmp\na'a b  c\n");
	assert.equal(done.exitCode, 0);
	assert.equal(done.state, "stopped");
});
step("sandbox.cmd: ttl_sec ends it with its children", async () => {
	const done = await sandbox.cmd("sh -c 'sleep 983 & sleep 983'",
	    { ttlSec: 1 });
	assert.equal(done.state, "killed");
	for (let i = 0; i < 100; i++) {
		const left = await sandbox.cmd(
		    "sh -c 'pgrep -fc ^sleep.983 || true'");
		if (left.stdout === "0\n")
			return;
	}
	assert.fail("its children live on");
});
step("sandbox.cmd: no such program", async () => {
	const done = await sandbox.cmd("nosuchprogram");
	assert.equal(done.exitCode, 127);
	assert.match(done.stderr, /nosuchprogram/);
});
step("sandbox.run: python keeps its state", async () => {
	const first = await sandbox.run("python", "x = 41\nprint('x', x)");
	assert.equal(first.outputRaw, "x 41\n");
	const second = await sandbox.run("python", "x + 1");
	assert.equal(second.outputRaw, "42\n");
	assert.equal(second.contextId, first.contextId);
});
step("sandbox.run: an error; the context goes on", async () => {
	const wrong = await sandbox.run("python", "print('a')\n1/0");
	assert.match(wrong.outputRaw, /^a\n(.|\n)*ZeroDivisionError/);
	assert.equal((await sandbox.run("python", "x")).outputRaw, "41\n");
});
step("sandbox.run: bash", async () => {
	const first = await sandbox.run("bash", "cd /tmp; y=7");
	assert.equal(first.outputRaw, "");
	const second = await sandbox.run("bash", "echo $y $PWD; (exit 4)");
	assert.equal(second.outputRaw, "7 /tmp\n");
	const third = await sandbox.contextExec(second.contextId,
	    "echo out; echo err >&2; (exit 4)\n");
	assert.equal(third.stdout, "out\n");
	assert.equal(third.stderr, "err\n");
	assert.equal(third.exitCode, 4);
	assert.equal(third.state, "running");
});
step("sandbox.run: a language there is not", () =>
	failsWith(sandbox.run("cobol", "x"), 400, "bad_request",
	    /repl\.alias: "cobol" is none of python, node and bash/));
let command;
step("createContext, getContext, listContexts", async () => {
	const repl = await sandbox.createContext({ type: "repl", repl:
	    { alias: "bash" }, cwd: "/usr", envVars: { COLOUR: "red" } });
	assert.equal(repl.type, "repl");
	assert.equal(repl.alias, "bash");
	assert.equal(repl.running, true);
	assert.equal(repl.paused, false);
	assert(Math.abs(Date.now() - new Date(repl.createdAt)) < 60000);
	assert.equal((await sandbox.contextExec(repl.id,
	    "echo $COLOUR $PWD\n")).outputRaw, "red /usr\n");
	command = await sandbox.createContext({ type: "cmd", cmd: { command:
	    ["sh", "-c", "while read a; do echo \"got $a\"; done; exit 5"] },
	    cwd: "/tmp", envVars: { A: "b" } });
	assert.equal(command.type, "cmd");
	const seen = await sandbox.getContext(command.id);
	assert.equal(seen.running, true);
	assert.equal(seen.cwd, "/tmp");
	assert.equal(seen.envVars.A, "b");
	const all = await sandbox.listContexts();
	for (const { id } of [repl, command])
		assert(all.some((one) => one.id === id && one.running));
	await sandbox.deleteContext(repl.id);
	assert.equal((await sandbox.getContext(repl.id)).running, false);
});
step("contextExec: of a command", () =>
	failsWith(sandbox.contextExec(command.id, "x"), 409, "conflict",
	    /is a command/));
step("contextInput; connectWsContext: from its beginning", async () => {
	assert.equal((await sandbox.contextInput(command.id, "one\n")).data
	    .written, true);
	const stream = await sandbox.connectWsContext(command.id);
	const reader = stream.readable.getReader();
	assert.equal(await readUntil(reader, (text) => text.endsWith("\n")),
	    "got one\n");
	stream.sendInput("zwö\n");
	assert.equal(await readUntil(reader, (text) => text.endsWith("\n")),
	    "got zwö\n");
	stream.close();
	await stream.wait();
});
step("contextSignal; its end over a WebSocket", async () => {
	const stream = await sandbox.connectWsContext(command.id);
	assert.equal((await sandbox.contextSignal(command.id, "SIGTERM")).data
	    .signaled, true);
	const done = await stream.wait();
	assert.equal(done.state, "killed");
	assert.equal(done.exitCode, 143);
	await failsWith(sandbox.contextSignal(command.id, "SIGHELLO"), 400,
	    "bad_request", /SIGHELLO/);
});
step("restartContext: a command, and a REPL without its state", async () => {
	const again = await sandbox.restartContext(command.id);
	assert.equal(again.id, command.id);
	assert.equal(again.running, true);
	const stream = await sandbox.connectWsContext(command.id);
	stream.sendInput("three\n");
	assert.equal(await readUntil(stream.readable.getReader(),
	    (text) => text.endsWith("\n")), "got three\n");
	stream.close();
	const { contextId } = await sandbox.run("python", "x");
	const repl = await sandbox.restartContext(contextId);
	assert.equal(repl.id, contextId);
	assert.match((await sandbox.run("python", "x")).outputRaw,
	    /NameError/);
});
step("sandbox.cmdStream: output as it comes, exit code", async () => {
	const stream = await sandbox.cmdStream(
	    "sh -c 'echo a; read b; echo $b >&2; exit 6'");
	const reader = stream.readable.getReader();
	let seen = (await reader.read()).value;
	assert.deepEqual([seen.source, seen.data], ["stdout", "a\n"]);
	stream.sendInput("c\n");
	seen = (await reader.read()).value;
	assert.deepEqual([seen.source, seen.data], ["stderr", "c\n"]);
	const done = await stream.wait();
	assert.equal(done.exitCode, 6);
	assert.equal(done.state, "crashed");
});
step("sandbox.cmdStream: all bytes of much output", async () => {
	const stream = await sandbox.cmdStream(
	    "sh -c 'read go; seq 300000'");
	stream.sendInput("go\n");
	let text = "";
	for await (const part of stream.outputs())
		text += part.data;
	assert.equal(text.length, 1988895);
	assert(text.startsWith("1\n2\n") && text.endsWith("300000\n"));
	assert.equal((await stream.wait()).exitCode, 0);
});
step("a terminal: pty_size, contextResize, sendResize", async () => {
	const stream = await sandbox.cmdStream("sh", { ptyRows: 30,
	    ptyCols: 90 });
	const reader = stream.readable.getReader();
	stream.sendInput("stty size; echo e''nd\n");
	assert.match(await readUntil(reader, (text) => /end\r/.test(text)),
	    /30 90/);
	assert.equal((await sandbox.contextResize(stream.id, 31, 91)).data
	    .resized, true);
	stream.sendInput("stty size; echo e''nd\n");
	assert.match(await readUntil(reader, (text) => /end\r/.test(text)),
	    /31 91/);
	stream.sendResize(32, 92);
	stream.sendInput("stty size; echo e''nd\n");
	assert.match(await readUntil(reader, (text) => /end\r/.test(text)),
	    /32 92/);
	stream.sendSignal("SIGKILL");
	assert.equal((await stream.wait()).state, "killed");
});
step("a REPL over a WebSocket: input, output, done", async () => {
	const { contextId } = await sandbox.run("python", "z = 5");
	const socket = new WebSocket(client.websocketUrl(`/api/v1/sandboxes/` +
	    `${sandbox.id}/contexts/${contextId}/ws`),
	    { headers: await client.wsHeaders() });
	const said = [];
	await new Promise((resolve, reject) => {
		socket.onopen = () => socket.send(JSON.stringify({
		    type: "input", data: "print(z)\nz + 1", request_id: "r1" }));
		socket.onmessage = ({ data }) => {
			said.push(JSON.parse(data));
			if (said.at(-1).type === "done")
				resolve();
		};
		socket.onerror = reject;
	});
	socket.close();
	assert.equal(said.filter((one) => one.type === "output").map((one) =>
	    one.data).join(""), "5\n6\n");
	assert.deepEqual(said.at(-1), { type: "done", request_id: "r1" });
});
step("stats", async () => {
	const response = await fetch(`${baseUrl}/api/v1/sandboxes/` +
	    `${sandbox.id}/contexts/${command.id}/stats`,
	    { headers: { Authorization: `Bearer ${token}` } });
	const { data } = await response.json();
	assert.equal(data.context_id, command.id);
	assert.equal(data.running, true);
	assert.equal(data.usage.stdout_bytes, 10);
});
differs("deleteContext: with its children",
    "it is told as not running until it is forgotten", async () => {
	const one = await sandbox.createContext({ type: "cmd",
	    cmd: { command: ["sh", "-c", "sleep 982 & sleep 982"] } });
	assert.equal((await sandbox.deleteContext(one.id)).data.deleted,
	    true);
	const seen = await sandbox.getContext(one.id);
	assert.equal(seen.running, false);
	assert.equal(seen.state, "killed");
	assert.equal((await sandbox.cmd(
	    "sh -c 'pgrep -fc ^sleep.982 || true'")).stdout, "0\n");
	await failsWith(sandbox.getContext("nosuch"), 404, "not_found",
	    /nosuch/);
});
refused("createContext: idle_timeout_sec",
    "nothing ends for want of use; ttl_sec ends it", () =>
	failsWith(sandbox.cmd("true", { idleTimeoutSec: 5 }), 400,
	    "bad_request", /idle_timeout_sec: must be 0/));

const bytes = randomBytes(3 << 20);
step("writeFile, readFile: text and bytes", async () => {
	const answer = await sandbox.writeFile("/tmp/a b.txt", "hällo");
	assert.equal(answer.data.written, true);
	assert.equal((await bytesOf("/tmp/a b.txt")).toString(), "hällo");
	await sandbox.writeFile("/tmp/bytes", bytes);
	assert.equal(sha256(await bytesOf("/tmp/bytes")), sha256(bytes));
	await sandbox.writeFile("/tmp/empty", "");
	assert.equal((await bytesOf("/tmp/empty")).length, 0);
});
step("readFile: no such file", () =>
	failsWith(sandbox.readFile("/tmp/nosuch"), 404, "not_found",
	    /nosuch/));
step("mkdir: alone, or with those above it", async () => {
	await failsWith(sandbox.mkdir("/tmp/d/e/f"), 404, "not_found", /./);
	assert.equal((await sandbox.mkdir("/tmp/d/e/f", true)).success, true);
	assert.equal((await sandbox.mkdir("/tmp/d/g")).success, true);
});
step("statFile", async () => {
	await sandbox.cmd("ln -s bytes /tmp/link");
	await sandbox.cmd("chmod 0640 /tmp/bytes");
	const seen = await sandbox.statFile("/tmp/bytes");
	assert.equal(seen.name, "bytes");
	assert.equal(seen.path, "/tmp/bytes");
	assert.equal(seen.type, "file");
	assert.equal(seen.size, bytes.length);
	assert.equal(seen.mode, "0640");
	assert(Math.abs(Date.now() - seen.modTime) < 60000);
	assert.equal(seen.isLink, false);
	const link = await sandbox.statFile("/tmp/link");
	assert.equal(link.type, "symlink");
	assert.equal(link.linkTarget, "bytes");
	assert.equal((await sandbox.statFile("/tmp/d")).type, "dir");
});
step("listFiles", async () => {
	await sandbox.writeFile("/tmp/d/h", "12345");
	const entries = await sandbox.listFiles("/tmp/d");
	assert.deepEqual(entries.map((one) => [one.path, one.type]).sort(),
	    [["/tmp/d/e", "dir"], ["/tmp/d/g", "dir"], ["/tmp/d/h", "file"]]);
	assert.equal(entries.find((one) => one.name === "h").size, 5);
});
step("moveFile, deleteFile", async () => {
	assert.equal((await sandbox.moveFile("/tmp/d/h", "/tmp/d/i")).data
	    .moved, true);
	assert.equal((await bytesOf("/tmp/d/i")).toString(), "12345");
	await failsWith(sandbox.statFile("/tmp/d/h"), 404, "not_found", /./);
	assert.equal((await sandbox.deleteFile("/tmp/d")).data.deleted, true);
	await failsWith(sandbox.listFiles("/tmp/d"), 404, "not_found", /./);
});
step("watchFiles: recursive, in new folders too; unsubscribe", async () => {
	await sandbox.mkdir("/tmp/w");
	const stream = await sandbox.watchFiles("/tmp/w", true);
	assert.match(stream.watchId, /^watch_/);
	const reader = stream.readable.getReader();
	const next = async (event, path) => {
		for (;;) {
			const { done, value } = await reader.read();
			assert(!done, `no ${event} of ${path}`);
			if (value.event === event && value.path === path)
				return value;
		}
	};
	await sandbox.mkdir("/tmp/w/x");
	await next("create", "/tmp/w/x");
	await sandbox.cmd("sh -c 'echo a >/tmp/w/x/y'");
	assert.equal((await next("write", "/tmp/w/x/y")).watchId,
	    stream.watchId);
	await sandbox.cmd("chmod 600 /tmp/w/x/y");
	await next("chmod", "/tmp/w/x/y");
	await sandbox.moveFile("/tmp/w/x/y", "/tmp/w/x/z");
	await next("rename", "/tmp/w/x/y");
	await sandbox.deleteFile("/tmp/w/x/z");
	await next("remove", "/tmp/w/x/z");
	stream.unsubscribe(stream.watchId);
	await sandbox.writeFile("/tmp/w/after", "x");
	for (;;) {
		const { done, value } = await reader.read();
		if (done)
			break;
		assert(!value.path?.endsWith("after"), value.path);
	}
});
step("watchFiles: no such folder", async () => {
	const error = await fails(sandbox.watchFiles("/tmp/nosuch"),
	    "APIError", /nosuch/);
	assert.equal(error.code, "watch_failed");
});
step("sandboxes.delete", () => client.sandboxes.delete(sandbox.id));

run(() => {});
