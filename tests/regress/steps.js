// SPDX-License-Identifier: Apache-2.0
// Steps of a program that drives an SDK: a line each, with what is wrong.
"use strict";
const assert = require("assert");

const steps = [];
exports.assert = assert;

/* A step: what it is called, and what it does, which throws where it fails. */
exports.step = (name, run) => steps.push({ name, run });

/* The same of something that is otherwise here, and how; and of something that
 * there is not here, and that says so, and why not. */
exports.differs = (name, how, run) =>
    steps.push({ name, run, verdict: "differs", how });
exports.refused = (name, how, run) =>
    steps.push({ name, run, verdict: "refused", how });

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
	for (const { name, run, verdict, how } of steps) {
		try {
			await run();
			console.log(verdict ? `${verdict} ${name} | ${how}` :
			    `ok ${name}`);
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
