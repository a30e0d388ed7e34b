// SPDX-License-Identifier: Apache-2.0
// The three shapes of ComputeSDK's benchmark of sandboxes, by its own package for
// E2B's API, unmodified: from the call that makes one to the end of the first
// command in it. Prints a line of JSON.
//
// usage: node bench_computesdk.js N STAGGER_MS
"use strict";
const { e2b } = require("@computesdk/e2b");

/* Theirs is "node -v", which not every template has. */
const COMMAND = "if command -v node >/dev/null; then node -v; else echo; fi";
const sdk = e2b({ apiKey: process.env.E2B_API_KEY });
const [n, stagger_ms] = process.argv.slice(2).map(Number);

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Milliseconds of one, or what went wrong; it is destroyed beside the time. */
const one = async () => {
	const began = performance.now();
	let sandbox;
	try {
		sandbox = await sdk.sandbox.create();
		const done = await sandbox.runCommand(COMMAND);
		const took = performance.now() - began;
		if (done.exitCode !== 0)
			throw new Error(`exit code ${done.exitCode}`);
		return { took };
	} catch (error) {
		return { error: error.message };
	} finally {
		if (sandbox)
			await sandbox.destroy().catch(() => {});
	}
};

const summary = (results, wall) => {
	const good = results.filter((x) => x.took !== undefined)
	    .map((x) => x.took).sort((a, b) => a - b);
	const at = (part) => good[Math.max(0,
	    Math.ceil(part * good.length) - 1)];
	return { n: results.length, n_good: good.length, median: at(0.5),
	    p95: at(0.95), p99: at(0.99), wall,
	    errors: [...new Set(results.map((x) => x.error).filter((x) => x))] };
};

/* `begin` resolves when the next may. */
const shape = async (begin) => {
	const began = performance.now(), all = [];
	for (let i = 0; i < n; i++)
		await begin(all);
	const results = await Promise.all(all);
	return summary(results, performance.now() - began);
};

(async () => {
	await one(); /* what the packages load with their first */
	const sequential = await shape(async (all) => {
		all.push(await one());
	});
	const staggered = await shape(async (all) => {
		all.push(one());
		await sleep(stagger_ms);
	});
	const burst = await shape((all) => all.push(one()));
	console.log(JSON.stringify({ sequential, staggered, burst }));
	process.exit(0);
})();
