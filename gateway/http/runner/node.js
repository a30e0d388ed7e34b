// SPDX-License-Identifier: Apache-2.0
// What a node context runs; as python.py, in its own language.
(() => {
	const fs = require('fs'), vm = require('vm'), path = require('path');
	const util = require('util'), readline = require('readline');
	const PART = 16000;
	const state = {run: '', stream: null, interrupt: null, n: 0, cells: 0};
	const ack = Buffer.alloc(1);

	function send(data) {
		for (let at = 0; at < data.length; at += PART) {
			fs.writeSync(3, data.subarray(at, at + PART));
			fs.readSync(3, ack, 0, 1, null);
		}
	}
	function tell(type, more) {
		send(Buffer.from(JSON.stringify({...more, run: state.run,
			type}) + '\n'));
	}
	for (const [name, number] of [['stdout', 1], ['stderr', 2]]) {
		const write = process[name].write.bind(process[name]);

		process[name].write = (...words) => {
			if (state.stream !== null && state.stream !== number)
				send(Buffer.from('\n'));
			state.stream = number;
			return write(...words);
		};
	}
	globalThis.require = require('module').createRequire(
		path.join(process.cwd(), 'context.js'));

	function show(value, isMain) {
		tell('result', {text: util.inspect(value), is_main: isMain,
			json: value !== null && typeof value === 'object' ?
				word(value) : undefined});
	}
	function word(value) {
		try {
			return JSON.stringify(value);
		} catch {
			return undefined;
		}
	}
	globalThis.display = (...values) =>
		values.forEach((value) => show(value, false));

	function isOfAwait(error) {
		return error instanceof SyntaxError &&
			/await/.test(error.message);
	}
	function evaluate(code) {
		const options = {filename: `<cell ${++state.n}>`,
			breakOnSigint: true};

		try {
			return vm.runInThisContext(code, options);
		} catch (error) {
			if (!isOfAwait(error))
				throw error;
		}
		return vm.runInThisContext(withValue(code), options);
	}
	// A function of it whose value is that of the last expression, where
	// one is found to be that.
	function withValue(code) {
		let left = 64;

		for (let at = code.length; at >= 0 && left > 0; at--) {
			if (at > 0 && !';\n'.includes(code[at - 1]))
				continue;
			const last = code.slice(at).trim().replace(/;$/, '');
			const whole = `(async () => {${code.slice(0, at)}
				return (${last}\n)})()`;

			if (last === '')
				continue;
			left--;
			try {
				new vm.Script(whole);
				return whole;
			} catch {
				continue;
			}
		}
		return `(async () => {${code}\n})()`;
	}
	async function execute(code) {
		const interrupted = new Promise((_, reject) => {
			state.interrupt = () => reject(Object.assign(
				new Error('interrupted'),
				{name: 'KeyboardInterrupt'}));
		});

		interrupted.catch(() => {});
		try {
			const value = await Promise.race([
				(async () => evaluate(code))(), interrupted]);

			if (value !== undefined)
				show(value, true);
		} catch (error) {
			const is = error instanceof Error ||
				(error && error.stack);
			const stopped = is && error.code ===
				'ERR_SCRIPT_EXECUTION_INTERRUPTED';

			tell('error', {name: stopped ? 'KeyboardInterrupt' :
				is ? error.name : 'Error',
				value: is ? error.message : String(error),
				traceback: is ? String(error.stack) : ''});
		}
		state.interrupt = null;
	}
	process.on('SIGINT', () => state.interrupt && state.interrupt());
	process.on('uncaughtException', (error) =>
		process.stderr.write(util.inspect(error) + '\n'));
	process.on('unhandledRejection', (error) =>
		process.stderr.write(util.inspect(error) + '\n'));

	const parts = new Map();
	const variables = new Map();
	let before = Promise.resolve();
	const lines = readline.createInterface({input: process.stdin});

	lines.on('line', (line) => {
		const [, number, more, data] = line.split(' ');
		const hex = data.replace(/\\x|'/g, '');

		if (more === '2') {
			const text = Buffer.from(hex, 'hex').toString();
			const end = text.indexOf('=');

			variables.set(number, (variables.get(number) || [])
				.concat([[text.slice(0, end),
					text.slice(end + 1)]]));
			return;
		}
		const all = (parts.get(number) || '') + hex;

		if (more !== '0') {
			parts.set(number, all);
			return;
		}
		parts.delete(number);
		const given = variables.get(number) || [];

		variables.delete(number);
		before = before.then(async () => {
			state.run = number;
			state.stream = null;
			tell('begin', {n: ++state.cells});
			const was = given.map(([name]) =>
				[name, process.env[name]]);

			for (const [name, value] of given)
				process.env[name] = value;
			await execute(Buffer.from(all, 'hex').toString());
			for (const [name, value] of was) {
				delete process.env[name];
				if (value !== undefined)
					process.env[name] = value;
			}
			tell('end');
		});
	});
	lines.on('close', () => process.exit(0));
	tell('ready');
})();
