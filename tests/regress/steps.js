// SPDX-License-Identifier: Apache-2.0
// Steps of a program that drives an SDK: a line each, with what is wrong.
"use strict";
const assert = require("assert");

const steps = [];
exports.assert = assert;

/* A step: what it is called, and what it does, which throws where it fails. */
exports.step = (name, run) => steps.push({ name, run });

/* The same of something that there is not here, and that says so. */
exports.refused = (name, run) => steps.push({ name, run, is_refused: true });

/* That `promise` fails, with an error of this name whose words are like so. */
exports.fails = async (promise, name, words) => {
	let error;
	try {
		await promise;
	} catch (e) {
		error = e;
	}
	assert(error, "it succeeded");
	assert.equal(error.name, name, `${error.name}: ${error.message}`);
	assert.match(error.message, words);
	return error;
};

/* Does all, in order, and says how many there were. `last` is done in any
 * case. */
exports.run = async (last) => {
	const recorder = process.env.STEPS_METHODS && require("./methods.js");
	let n = 0;

	if (recorder)
		await recorder.begin();
	for (const { name, run, is_refused } of steps) {
		try {
			await run();
			console.log(`${is_refused ? "refused" : "ok"} ${name}`);
		} catch (e) {
			console.log(`FAIL ${name}: ${e.stack}`);
		}
		n++;
	}
	try {
		await last();
	} catch (e) {
		console.log(`FAIL at the end: ${e.stack}`);
	}
	if (recorder)
		recorder.end();
	console.log(`${n} steps`);
	process.exit(0);
};
