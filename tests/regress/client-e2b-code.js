// SPDX-License-Identifier: Apache-2.0
// The npm package @e2b/code-interpreter, a method a step.
"use strict";
const { Sandbox } = require("@e2b/code-interpreter");
const { step, differs, fails, assert, run } = require("./steps.js");

let sandbox;

step("Sandbox.create", async () => {
	sandbox = await Sandbox.create("base",
	    { metadata: { suite: "e2b-code" } });
});
step("runCode: the value, what it prints, and state", async () => {
	let execution = await sandbox.runCode("x = 20\nprint('hällo')\nx + 1");
	assert.equal(execution.text, "21");
	assert.deepEqual(execution.logs.stdout.join(""), "hällo\n");
	assert.equal(execution.error, undefined);
	execution = await sandbox.runCode("x * 2");
	assert.equal(execution.text, "40");
});
step("runCode: stderr, and as it comes", async () => {
	const seen = [];
	await sandbox.runCode(
	    "import sys\nprint('a')\nsys.stderr.write('b')\nprint('c')", {
		onStdout: ({ line }) => seen.push(`out ${line}`),
		onStderr: ({ line }) => seen.push(`err ${line}`) });
	assert.deepEqual(seen, ["out a\n", "err b", "out c\n"]);
});
step("runCode: an error, with its traceback; the context goes on", async () => {
	const { error } = await sandbox.runCode("def f():\n 1/0\nf()");
	assert.equal(error.name, "ZeroDivisionError");
	assert.equal(error.value, "division by zero");
	assert.match(error.traceback, /in f/);
	assert.equal((await sandbox.runCode("x")).text, "20");
});
step("runCode: its time-out interrupts it; the context goes on", async () => {
	await fails(sandbox.runCode("while True: pass", { timeoutMs: 1000 }),
	    "TimeoutError", /timed out/);
	assert.equal((await sandbox.runCode("x")).text, "20");
});
step("runCode: output and results, in their order", async () => {
	const seen = [];
	await sandbox.runCode("import sys\nprint('1'); display(2)\n" +
	    "print('3', file=sys.stderr); display(4); print('5'); 6", {
		onStdout: ({ line }) => seen.push(`out ${line}`),
		onStderr: ({ line }) => seen.push(`err ${line}`),
		onResult: ({ text }) => seen.push(text) });
	assert.deepEqual(seen, ["out 1\n", "2", "err 3\n", "4", "out 5\n",
	    "6"]);
});
step("runCode: much output, much of a result, several at once", async () => {
	const { logs } = await sandbox.runCode("print('x' * 3000000)");
	assert.equal(logs.stdout.join(""), `${"x".repeat(3000000)}\n`);
	assert.equal((await sandbox.runCode("'y' * 3000000")).text.length,
	    3000000);
	const all = await Promise.all([1, 2, 3].map((n) =>
	    sandbox.runCode(`x * ${n}`)));
	assert.deepEqual(all.map((one) => one.text), ["20", "40", "60"]);
});
step("runCode: results in every form", async () => {
	const { results } = await sandbox.runCode(`
class Shown:
    def _repr_html_(self): return "<b>h</b>"
    def _repr_markdown_(self): return "**m**"
    def _repr_svg_(self): return "<svg/>"
    def _repr_png_(self): return b"png"
    def _repr_jpeg_(self): return b"jpeg"
    def _repr_latex_(self): return "$l$"
    def _repr_json_(self): return {"a": 1}
    def __repr__(self): return "shown"
display(Shown())
Shown()`);
	assert.equal(results.length, 2);
	assert.deepEqual(results.map((one) => one.isMainResult), [false, true]);
	const [, last] = results;
	assert.equal(last.text, "shown");
	assert.equal(last.html, "<b>h</b>");
	assert.equal(last.markdown, "**m**");
	assert.equal(last.svg, "<svg/>");
	assert.equal(Buffer.from(last.png, "base64").toString(), "png");
	assert.equal(Buffer.from(last.jpeg, "base64").toString(), "jpeg");
	assert.equal(last.latex, "$l$");
	assert.deepEqual(last.json, { a: 1 });
});
step("runCode: executionCount", async () => {
	const context = await sandbox.createCodeContext();
	assert.equal((await sandbox.runCode("1", { context })).executionCount,
	    1);
	assert.equal((await sandbox.runCode("x", { context })).executionCount,
	    2);
	await sandbox.removeCodeContext(context);
	for (const n of [1, 2])
		assert.equal((await sandbox.runCode("true",
		    { language: "bash" })).executionCount, n);
});
step("runCode: %magic, !command, and code that is indented", async () => {
	const { logs, text } = await sandbox.runCode(`
	    n = 3
	    for i in range(2):
	        !echo {i} $n
	    names = !ls -d /et*
	    %cd /tmp
	    names[0]`);
	assert.equal(logs.stdout.join(""), "0 3\n1 3\n/tmp\n");
	assert.equal(text, "/etc");
	assert.equal((await sandbox.runCode("%%bash\necho $((40 + 2))"))
	    .logs.stdout.join(""), "42\n");
	assert.match((await sandbox.runCode("%time 40 + 2"))
	    .logs.stdout.join(""), /^CPU times: .*\nWall time: /);
	assert.equal((await sandbox.runCode("%pwd")).text, "/tmp");
	assert.equal((await sandbox.runCode("%nosuch")).error.name,
	    "UsageError");
	await sandbox.runCode("%cd -");
});
differs("runCode: display_id", "what updates it is not told", async () => {
	const { results } = await sandbox.runCode(
	    "h = display('a', display_id=True); h.update('b'); len('abc');");
	assert.deepEqual(results.map((one) => one.text), ["a"]);
	assert.deepEqual(results[0].extra, {});
});
step("runCode: json of a list and of an object", async () => {
	assert.deepEqual((await sandbox.runCode("[1, {'a': None}]"))
	    .results[0].json, [1, { a: null }]);
});
step("runCode: one whose client gives up before its turn never runs", async () => {
	let up;
	const is_up = new Promise((done) => { up = done; });
	const first = sandbox.runCode("import os, time\nprint('up')\n" +
	    "while not os.path.exists('/tmp/go'): time.sleep(0.01)",
	    { onStdout: up });
	await is_up;
	await fails(sandbox.runCode("open('/tmp/wrong', 'w')",
	    { timeoutMs: 500 }), "TimeoutError", /timed out/);
	const third = sandbox.runCode("os.path.exists('/tmp/wrong')");
	await sandbox.files.write("/tmp/go", "");
	assert.equal((await first).error, undefined);
	assert.equal((await third).text, "False");
});
step("runCode: bash", async () => {
	const execution = await sandbox.runCode("A=5; echo $((A + 1))",
	    { language: "bash" });
	assert.equal(execution.logs.stdout.join(""), "6\n");
});
step("runCode: a language there is not", () =>
	fails(sandbox.runCode("1", { language: "cobol" }), "SandboxError",
	    /400/));
let context;
step("createCodeContext: a state of its own, and a folder", async () => {
	context = await sandbox.createCodeContext({ cwd: "/tmp",
	    language: "python" });
	assert.equal(context.language, "python");
	assert.equal(context.cwd, "/tmp");
	const { text } = await sandbox.runCode(
	    "import os; os.getcwd() + str('x' in globals())", { context });
	assert.equal(text, "/tmpFalse");
});
step("listCodeContexts", async () => {
	const all = await sandbox.listCodeContexts();
	assert(all.some((one) => one.id === context.id));
	assert(all.length >= 3);
});
step("restartCodeContext: without its state", async () => {
	await sandbox.runCode("y = 1", { context });
	await sandbox.restartCodeContext(context);
	const { error } = await sandbox.runCode("y", { context });
	assert.equal(error.name, "NameError");
});
step("removeCodeContext", async () => {
	await sandbox.removeCodeContext(context);
	for (let i = 0; i < 100; i++) {
		const all = await sandbox.listCodeContexts();
		if (!all.some((one) => one.id === context.id))
			return;
	}
	assert.fail("it is still there");
});
step("runCode: envs, of one run alone", async () => {
	const codes = { python: "import os; print(os.environ.get('GIVEN', '-'), " +
	    "os.environ['HOME'] != '/h')",
	    bash: "echo ${GIVEN:--} $([ $HOME = /h ] && echo false || echo true)" };
	const value = "b 'c' \"$d\"";
	for (const [language, code] of Object.entries(codes)) {
		const say = async (envs) => (await sandbox.runCode(code,
		    { language, envs })).logs.stdout.join("").toLowerCase();
		assert.equal(await say({ GIVEN: value, HOME: "/h" }),
		    `${value} false\n`, language);
		assert.equal(await say(), "- true\n", language);
	}
	const { error } = await sandbox.runCode("1 / 0",
	    { envs: { GIVEN: "b" } });
	assert.equal(error.name, "ZeroDivisionError");
	assert.equal((await sandbox.runCode("import os; 'GIVEN' in os.environ"))
	    .text, "False");
	await fails(sandbox.runCode("1", { envs: { A: "x".repeat(3000) } }),
	    "SandboxError", /400/);
});
step("sandbox.kill", async () => assert.equal(await sandbox.kill(), true));

run(() => Sandbox.kill(sandbox.sandboxId));
