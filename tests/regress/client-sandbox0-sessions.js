// SPDX-License-Identifier: Apache-2.0
// The npm package sandbox0, a method a step: sessions.
"use strict";
const { step, differs, refused, fails, assert, run } = require("./steps.js");

const { SANDBOX0_BASE_URL: baseUrl, SANDBOX0_TOKEN: token } = process.env;
let client, sandbox, session;

/* That it fails with this status and code. */
const failsWith = async (promise, status, code, words) => {
	const error = await fails(promise, "APIError", words);
	assert.equal(error.statusCode, status);
	assert.equal(error.code, code);
};
const base64 = (text) => Buffer.from(text).toString("base64");

/* The events behind `after`, once there is one that is so. */
const eventsUntil = async (id, after, is_so) => {
	for (let i = 0; i < 300; i++) {
		const page = await sandbox.listSessionEvents(id, { after });
		if (page.events.some(is_so))
			return page;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.fail("it never came");
};
const textOf = (events) => events.filter((one) => one.type === "output")
    .map((one) => Buffer.from(one.dataBase64, "base64").toString()).join("");

step("createSession", async () => {
	const sdk = await import("sandbox0");
	client = new sdk.Client({ baseUrl, token });
	sandbox = await client.sandboxes.claim("default");
	session = await sandbox.createSession({ command: ["sh", "-c",
	    "echo $A $PWD; while read a; do echo \"got $a\"; done; exit 5"],
	    cwd: "/tmp", env: { A: "b" }, lifecycle: { restart:
	    { policy: "never" } } });
	assert.equal(session.phase, "running");
	assert(session.attempt.pid > 0);
	await failsWith(sandbox.createSession({ command: [] }), 400,
	    "bad_request", /command: must be given/);
});
step("createSession: once, however often it is asked for", async () => {
	const wish = { command: ["sleep", "978"] };
	const options = { idempotencyKey: `once-${process.pid}` };
	const one = await sandbox.createSession(wish, options);
	const again = await sandbox.createSession(wish, options);
	assert.equal(again.id, one.id);
	assert.equal(again.attempt.pid, one.attempt.pid);
	assert.equal((await sandbox.cmd("pgrep -fc '^sleep 978'")).stdout,
	    "1\n");
	await failsWith(sandbox.createSession({ command: ["sleep", "974"] },
	    options), 409, "conflict", /another command/);
	/* At once, of a command that is over before the next looks. */
	const many = await Promise.all(Array.from({ length: 20 }, () =>
	    sandbox.createSession({ command: ["sh", "-c", "echo x >>/tmp/once"] },
		{ idempotencyKey: `many-${process.pid}` })));
	assert.equal(new Set(many.map((each) => each.attempt.pid)).size, 1);
	assert.equal((await sandbox.cmd("cat /tmp/once")).stdout, "x\n");
	await sandbox.deleteSession(one.id);
	assert.equal((await sandbox.createSession(wish, options)).phase,
	    "stopped");
});
step("getSession, listSessions", async () => {
	const seen = await sandbox.getSession(session.id);
	assert.equal(seen.id, session.id);
	assert.equal(seen.spec.command[0], "sh");
	assert.equal(seen.spec.cwd, "/tmp");
	assert.equal(seen.spec.io.mode, "pipes");
	assert.equal(seen.attempt.id, session.attempt.id);
	assert((await sandbox.listSessions()).some((one) =>
	    one.id === session.id && one.phase === "running"));
	/* It is a context as well, and a process as the native API has it. */
	assert.equal((await sandbox.getContext(session.id)).type, "cmd");
	const response = await fetch(`${baseUrl}/v1/sandboxes/${sandbox.id}` +
	    `/processes/${seen.attempt.id}`, { headers: { Authorization:
	    `Bearer ${token}` } });
	const process = await response.json();
	assert.equal(response.status, 200, process);
	assert.equal(process.cwd, "/tmp");
	assert.equal(process.env.A, "b");
	assert.equal(process.argv[0], "sh");
	await failsWith(sandbox.getSession("nosuch"), 404, "not_found",
	    /nosuch/);
});
step("listSessionEvents: output from its beginning, and after", async () => {
	const first = await eventsUntil(session.id, 0,
	    (one) => one.type === "output");
	assert.equal(textOf(first.events), "b /tmp\n");
	assert.equal(first.events[0].stream, "stdout");
	assert.equal(first.events.at(-1).seq, first.cursor.latest);
	const next = await sandbox.listSessionEvents(session.id,
	    { after: first.cursor.latest });
	assert.deepEqual(next.events, []);
});
step("listSessionEvents: in pages; 410 of what is kept no more", async () => {
	const one = await sandbox.createSession({ command: ["sh", "-c",
	    "for n in 1 2 3; do echo $n; echo -$n >&2; done; exit 6"] });
	const all = (await eventsUntil(one.id, 0,
	    (event) => event.type === "exited")).events;
	let paged = [], page;
	do {
		page = await sandbox.listSessionEvents(one.id, { limit: 2,
		    after: paged.at(-1)?.seq });
		assert(page.events.length <= 2);
		paged = paged.concat(page.events);
	} while (page.events.length > 0);
	assert.deepEqual(paged, all);
	const ofStream = (stream) => textOf(all.filter((event) =>
	    event.stream === stream));
	assert.equal(ofStream("stdout"), "1\n2\n3\n");
	assert.equal(ofStream("stderr"), "-1\n-2\n-3\n");
	await failsWith(sandbox.listSessionEvents(one.id, { limit: 1001 }),
	    400, "bad_request", /limit/);
	const much = await sandbox.createSession({ command: ["sh", "-c",
	    "head -c 20000000 /dev/zero; exec sleep 977"] });
	let earliest;
	do
		({ earliest } = (await sandbox.getSession(much.id)).cursor);
	while (earliest === 0);
	await failsWith(sandbox.listSessionEvents(much.id, { after: 1 }), 410,
	    "event_cursor_expired", /oldest that is kept is at \d/);
	await sandbox.deleteSession(much.id);
});
step("writeSessionInput: data, an attempt", async () => {
	const { latest } = (await sandbox.getSession(session.id)).cursor;
	const answer = await sandbox.writeSessionInput(session.id,
	    { inputId: "i1", dataBase64: base64("zwö\n"),
	    expectedAttemptId: session.attempt.id });
	assert.equal(answer.inputId, "i1");
	assert.equal(answer.accepted, true);
	assert.equal(answer.attemptId, session.attempt.id);
	const page = await eventsUntil(session.id, latest,
	    (one) => one.type === "output");
	assert.equal(textOf(page.events), "got zwö\n");
	await failsWith(sandbox.writeSessionInput(session.id, { inputId: "i2",
	    dataBase64: base64("x"), expectedAttemptId: "0" }), 409,
	    "conflict", /another attempt/);
	await failsWith(sandbox.writeSessionInput(session.id, { inputId: "i2",
	    dataBase64: "!" }), 400, "bad_request", /data_base64/);
});
step("writeSessionInput: eof; its end is an event", async () => {
	await sandbox.writeSessionInput(session.id, { inputId: "i3",
	    dataBase64: base64("last\n"), eof: true });
	const page = await eventsUntil(session.id, 0,
	    (one) => one.type === "exited");
	assert.equal(page.events.at(-1).exitCode, 5);
	assert(textOf(page.events).endsWith("got last\n"));
	const seen = await sandbox.getSession(session.id);
	assert.equal(seen.phase, "exited");
	assert.equal(seen.attempt.exitCode, 5);
	await failsWith(sandbox.writeSessionInput(session.id, { inputId: "i4",
	    dataBase64: base64("x") }), 409, "conflict", /ended|reads/);
});
step("createSessionAttempt: anew, or in place of what runs", async () => {
	const again = await sandbox.createSessionAttempt(session.id);
	assert.equal(again.id, session.id);
	assert.notEqual(again.attempt.id, session.attempt.id);
	await failsWith(sandbox.createSessionAttempt(session.id), 409,
	    "conflict", /replace_current/);
	const third = await sandbox.createSessionAttempt(session.id, true);
	assert.notEqual(third.attempt.id, again.attempt.id);
	assert.equal(third.phase, "running");
});
step("sendSessionSignal", async () => {
	await sandbox.sendSessionSignal(session.id, { signal: "SIGKILL" });
	const page = await eventsUntil(session.id, 0,
	    (one) => one.type === "exited");
	assert.equal(page.events.at(-1).exitCode, 137);
	assert.equal(page.events.at(-1).reason, "signal");
});
step("setSessionDesiredState: running, stopped", async () => {
	assert.equal((await sandbox.setSessionDesiredState(session.id,
	    "running")).phase, "running");
	assert.equal((await sandbox.setSessionDesiredState(session.id,
	    "stopped")).phase, "stopped");
});
step("resizeSessionTerminal", async () => {
	const one = await sandbox.createSession({ command: ["sh"], io:
	    { mode: "pty", terminal: { rows: 30, cols: 90 } } });
	const size = async () => {
		const { latest } = (await sandbox.getSession(one.id)).cursor;
		await sandbox.writeSessionInput(one.id, { inputId: "s",
		    dataBase64: base64("stty size; echo e''nd\n") });
		for (let i = 0; i < 300; i++) {
			const text = textOf((await sandbox.listSessionEvents(
			    one.id, { after: latest })).events);
			if (/end\r/.test(text))
				return text.match(/(\d+ \d+)\r/)[1];
		}
		assert.fail("no end");
	};
	assert.equal(await size(), "30 90");
	await sandbox.resizeSessionTerminal(one.id, { rows: 31, cols: 91 });
	assert.equal(await size(), "31 91");
	await sandbox.deleteSession(one.id);
});
differs("deleteSession", "it is told as stopped until it is forgotten",
    async () => {
	const one = await sandbox.createSession({ command: ["sleep", "981"] });
	assert.equal((await sandbox.deleteSession(one.id)).data.deleted,
	    true);
	assert.equal((await sandbox.getSession(one.id)).phase, "stopped");
});
refused("createSession: restart, idle_timeout_seconds",
    "nothing begins anew by itself, or ends for want of use", async () => {
	const refuses = (lifecycle, words) => failsWith(sandbox.createSession(
	    { command: ["true"], lifecycle }), 400, "bad_request", words);
	await refuses({ restart: { policy: "always" } },
	    /lifecycle\.restart: policy must be never/);
	await refuses({ idleTimeoutSeconds: 5 },
	    /lifecycle\.idle_timeout_seconds: must be 0/);
});
differs("updateSession: another command", "a new attempt begins in any case",
    async () => {
	const one = await sandbox.createSession({ command: ["sleep", "980"] });
	assert.equal(one.specVersion, 1);
	const other = await sandbox.updateSession(one.id, { command: ["sh",
	    "-c", "echo $A; exec sleep 979"], env: { A: "zwei" } });
	assert.equal(other.id, one.id);
	assert.equal(other.specVersion, 2);
	assert.notEqual(other.attempt.id, one.attempt.id);
	const page = await eventsUntil(one.id, 0,
	    (event) => event.type === "output");
	assert.equal(textOf(page.events), "zwei\n");
	const seen = await sandbox.getSession(one.id);
	assert.equal(seen.spec.command[0], "sh");
	assert.equal(seen.attempt.id, other.attempt.id);
	const { stdout } = await sandbox.cmd("pgrep -fc '^sleep 980'");
	assert.equal(stdout, "0\n");
	await sandbox.setSessionDesiredState(one.id, "stopped");
	const third = await sandbox.createSessionAttempt(one.id);
	assert.equal(third.specVersion, 2);
	await sandbox.deleteSession(one.id);
	await failsWith(sandbox.updateSession("nosuch", { command:
	    ["true"] }), 404, "not_found", /nosuch/);
	await failsWith(sandbox.updateSession(one.id, { command: [] }), 400,
	    "bad_request", /command: must be given/);
});
step("watchSessionEvents: from its beginning to its end, and after", async () => {
	const one = await sandbox.createSession({ command: ["sh", "-c",
	    "echo first; read a; echo \"$a\" >&2; exit 7"] });
	const seen = [];
	const stream = await sandbox.watchSessionEvents(one.id);
	for await (const event of stream) {
		seen.push(event);
		if (textOf(seen) === "first\n")
			await sandbox.writeSessionInput(one.id, { inputId: "w",
			    dataBase64: base64("second\n") });
	}
	assert.equal(textOf(seen), "first\nsecond\n");
	assert.equal(seen.at(-2).stream, "stderr");
	assert.equal(seen.at(-1).type, "exited");
	assert.equal(seen.at(-1).exitCode, 7);
	assert.deepEqual(seen.map((event) => event.seq), [...new Set(seen.map(
	    (event) => event.seq))].sort((a, b) => a - b));
	const rest = [];
	for await (const event of await sandbox.watchSessionEvents(one.id,
	    { after: 0, lastEventId: String(seen[0].seq) }))
		rest.push(event);
	assert.deepEqual(rest.map((event) => event.seq),
	    seen.slice(1).map((event) => event.seq));
	await failsWith(sandbox.watchSessionEvents("nosuch"), 404,
	    "not_found", /nosuch/);
});
step("watchSessionEvents: much output, all of it; close", async () => {
	const one = await sandbox.createSession({ command: ["sh", "-c",
	    "read go; head -c 3000000 /dev/zero | tr '\\0' x; sleep 982"] });
	const stream = await sandbox.watchSessionEvents(one.id);
	/* Whoever is slow is waited for; who is not there yet is not. */
	await sandbox.writeSessionInput(one.id, { inputId: "go",
	    dataBase64: base64("go\n") });
	let n = 0;
	for await (const event of stream) {
		n += Buffer.from(event.dataBase64, "base64").length;
		if (n === 3000000)
			break;
	}
	assert.equal(n, 3000000);
	await stream.close();
	assert.equal((await sandbox.getSession(one.id)).phase, "running");
	await sandbox.deleteSession(one.id);
});
step("connectSession: events, input, a signal, what is refused", async () => {
	const one = await sandbox.createSession({ command: ["sh", "-c",
	    "trap 'echo caught' USR1; echo ready; " +
	    "while :; do read a && echo \"got $a\" || break; done; exit 4"] });
	const connection = await sandbox.connectSession(one.id, { after: 0 });
	const seen = [], acks = [], errors = [];
	const send = (request) => connection.send({ requestId:
	    `r${acks.length}`, ...request });
	let n_sent = 0;
	const next = [() => send({ type: "input", inputId: "a",
	    dataBase64: base64("one\n"), expectedAttemptId: one.attempt.id }),
	    () => send({ type: "input", inputId: "b", dataBase64: "!" }),
	    () => send({ type: "signal", signal: "SIGNOSUCH" }),
	    () => send({ type: "resize", rows: 0, cols: 0 }),
	    () => send({ type: "input", inputId: "c",
	    dataBase64: base64("two\n"), expectedAttemptId: "0" }),
	    () => send({ type: "input", inputId: "d",
	    dataBase64: base64("last\n"), eof: true })];
	for await (const message of connection.messages()) {
		if (message.type === "event")
			seen.push(message.event);
		else
			(message.type === "ack" ? acks : errors).push(message);
		if (textOf(seen).startsWith("ready") &&
		    acks.length + errors.length === n_sent &&
		    n_sent < next.length)
			next[n_sent++]();
	}
	assert.equal(textOf(seen), "ready\ngot one\ngot last\n");
	assert.equal(acks.length, 2);
	assert.equal(acks[0].requestId, "r0");
	assert.deepEqual(errors.map((one) => /data_base64|signal|rows|attempt/
	    .exec(one.error)?.[0]), ["data_base64", "signal", "rows",
	    "attempt"]);
	assert.equal(seen.at(-1).type, "exited");
	assert.equal(seen.at(-1).exitCode, 4);
	const again = await sandbox.createSession({ command: ["sleep", "983"] });
	const other = await sandbox.connectSession(again.id);
	other.send({ type: "signal", signal: "SIGTERM" });
	const last = [];
	for await (const message of other.messages())
		last.push(message);
	assert.equal(last.at(-1).event.exitCode, 143);
});
step("connectSession: another size of a terminal", async () => {
	const one = await sandbox.createSession({ command: ["sh", "-c",
	    "stty size; read a; stty size"], io: { mode: "pty", terminal:
	    { rows: 30, cols: 90 } } });
	const connection = await sandbox.connectSession(one.id, { after: 0 });
	const seen = [], next = [{ type: "resize", requestId: "r", rows: 31,
	    cols: 91 }, { type: "input", requestId: "i", inputId: "a",
	    dataBase64: base64("\r") }];
	for await (const message of connection.messages()) {
		if (message.type === "event")
			seen.push(message.event);
		else
			assert.equal(message.type, "ack");
		if (next.length === 2 ? /30 90\r/.test(textOf(seen)) :
		    message.requestId === "r")
			connection.send(next.shift());
	}
	assert.match(textOf(seen), /30 90\r[^]*31 91\r/);
	assert.equal(seen.at(-1).exitCode, 0);
});
step("sandboxes.delete", () => client.sandboxes.delete(sandbox.id));

run(() => {});
