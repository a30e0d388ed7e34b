// SPDX-License-Identifier: Apache-2.0
// Many commands and streams of one sandbox at once, by the native API on its
// socket: that each gets all that is its own, whatever becomes of the others.
"use strict";
const http = require("http");
const readline = require("readline");
const { step, assert, run } = require("./steps.js");

const { SG_RUN, SANDBOX } = process.env;
const N_COMMANDS = 180, N_STREAMS = 50;
const STREAM_BYTES = 3000000, STREAM_PIECES = 30;
const agent = new http.Agent({ maxSockets: Infinity });

/* Begins one; resolves with its response, of which nothing is read yet. */
const begin = (wish) => new Promise((resolve, reject) => {
	const text = JSON.stringify(wish);
	const request = http.request({ socketPath: `${SG_RUN}/api.sock`, agent,
	    path: `/v1/sandboxes/${SANDBOX}/exec`, method: "POST", headers: {
		"Content-Type": "application/json",
		"Content-Length": Buffer.byteLength(text) } }, resolve);
	request.on("error", reject);
	request.end(text);
});
const whole = async (response) => {
	let text = "";
	for await (const data of response.setEncoding("utf8"))
		text += data;
	assert.equal(response.statusCode, 200, text);
	return text;
};
/* The bytes of a stream of one letter alone, and its last event. */
const counted = async (response, letter) => {
	let bytes = 0, began, exit;
	assert.equal(response.statusCode, 200);
	for await (const one of readline.createInterface(
	    { input: response, crlfDelay: Infinity })) {
		began ??= performance.now();
		exit = JSON.parse(one);
		const text = exit.text ?? "";
		assert(text === letter.repeat(text.length), text);
		bytes += text.length;
	}
	return { bytes, exit, took_s: (performance.now() - began) / 1000 };
};
const exec = async (command, more) => JSON.parse(await whole(
    await begin({ command, timeout_ms: 0, ...more })));
const line = async (command) => (await exec(command)).stdout.trim();
/* Until a command says so; each look is one more that nothing holds up. */
const until = async (command, wanted) => {
	while (await line(command) !== wanted)
		;
};
/* What contrib/bench --crowd prints. */
const told = {};
/* Milliseconds of one in so many, and of the slowest. */
const figures = (what, times) => {
	times.sort((a, b) => a - b);
	const at = (part) => times[Math.floor(part * (times.length - 1))];
	Object.assign(told, { beside_median: at(0.5), beside_p95: at(0.95),
	    beside_max: at(1) });
	console.log(`${what}: median ${at(0.5).toFixed(0)} ms, 95 in 100 ` +
	    `${at(0.95).toFixed(0)} ms, slowest ${at(1).toFixed(0)} ms`);
};
const timed = async (promise) => {
	const began = performance.now();
	await promise;
	return performance.now() - began;
};

step(`${N_COMMANDS} commands at once: each begins though none has ended`,
    async () => {
	const holder = await begin({ stream: true, timeout_ms: 0,
	    command: "exec flock -x /tmp/crowd sh -c 'echo held; exec sleep 985'" });
	await new Promise((resolve) => holder.on("data", (data) =>
	    String(data).includes("held") && resolve()));
	const began = performance.now(), ends = [];
	const all = Array.from({ length: N_COMMANDS }, async (_, n) => {
		const done = await exec(
		    `flock -s /tmp/crowd sh -c 'echo ${n}; echo e${n} >&2; ` +
		    `exit ${n % 100}'`);
		ends.push(performance.now());
		assert.equal(done.stdout, `${n}\n`);
		assert.equal(done.stderr, `e${n}\n`);
		assert.equal(done.exit_code, n % 100);
	});
	await until("pgrep -fc '^flock -s /tmp/crowd' || true",
	    String(N_COMMANDS));
	const waiting = performance.now();
	assert.equal(ends.length, 0);
	await exec("pkill -f '^sleep 985'");
	await Promise.all(all);
	holder.destroy();
	Object.assign(told, { run: waiting - began, end: performance.now() -
	    waiting });
	console.log(`${N_COMMANDS} commands: all run after ` +
	    `${(waiting - began).toFixed(0)} ms, all ended ` +
	    `${(performance.now() - waiting).toFixed(0)} ms after they could`);
});

step(`${N_STREAMS} streams of 1 MB/s beside one that nobody reads`,
    async () => {
	const stuck = await begin({ stream: true, timeout_ms: 0,
	    command: "exec yes 'nobody reads this'" });
	const began = performance.now();
	let n_ended = 0;
	const rates = [];
	const piece = STREAM_BYTES / STREAM_PIECES;
	const all = Array.from({ length: N_STREAMS }, async (_, n) => {
		// One program, which does little: it is the way that is looked at.
		const letter = String.fromCharCode(97 + n % 26);
		const { bytes, exit, took_s } = await counted(await begin({
		    stream: true, timeout_ms: 0, argv: ["perl", "-e",
		    `$| = 1; for (1 .. ${STREAM_PIECES}) {` +
		    `print "${letter}" x ${piece}; ` +
		    "select undef, undef, undef, 0.1 }"] }), letter);
		assert.equal(bytes, STREAM_BYTES);
		assert.equal(exit.exit_code, 0);
		rates.push(STREAM_BYTES / 1e6 / took_s);
		n_ended++;
	});
	const beside = [];
	while (n_ended === 0)
		beside.push(await timed(exec("true")));
	await Promise.all(all);
	const took = (performance.now() - began) / 1000;
	told.rate = N_STREAMS * STREAM_BYTES / 1e6 / took;
	told.slowest = Math.min(...rates);
	console.log(`${N_STREAMS} streams: slowest ` +
	    `${told.slowest.toFixed(2)} MB/s, ${(N_STREAMS * STREAM_BYTES / 1e6 /
	    took).toFixed(0)} MB/s in all, ${took.toFixed(1)} s`);
	figures(`${beside.length} commands beside them`, beside);
	/* The one waits for its reader, and has lost nothing yet. */
	assert.equal(await line("pgrep -fc '^yes nobody' || true"), "1");
	let seen = "";
	for await (const data of stuck.setEncoding("utf8")) {
		seen += data;
		if (seen.length > 4000000)
			break;
	}
	assert(!seen.includes('"lost"'));
	await exec("pkill -f '^yes nobody'");
});

run(async () => console.log(`figures ${JSON.stringify(told)}`));
