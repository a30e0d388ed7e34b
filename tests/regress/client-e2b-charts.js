// SPDX-License-Identifier: Apache-2.0
// Pictures, charts and tables of @e2b/code-interpreter, in the sandbox CHARTS,
// which is of the template code_interpreter.
"use strict";
const { Sandbox } = require("@e2b/code-interpreter");
const { step, assert, run } = require("./steps.js");

let sandbox;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const is_png = (text) => assert(Buffer.from(text, "base64").subarray(0, 8)
    .equals(PNG));

/* The one figure of a cell. */
const drawn = async (code) => {
	const execution = await sandbox.runCode("import matplotlib.pyplot as " +
	    `plt, numpy as np, datetime\nplt.rcdefaults()\n${code};`);
	assert.equal(execution.error, undefined, execution.error?.traceback);
	const { results } = execution;
	assert.equal(results.length, 1);
	assert.equal(results[0].isMainResult, false);
	assert.deepEqual(results[0].extra, {});
	is_png(results[0].png);
	assert.match(results[0].text, /^<Figure size/);
	return results[0].chart;
};
const is_2d = (chart, x, y) => assert.deepEqual([chart.x_label, chart.y_label,
    chart.x_unit, chart.y_unit], [x, y, null, null]);

step("Sandbox.connect", async () => {
	sandbox = await Sandbox.connect(process.env.CHARTS);
});
step("chart: bar", async () => {
	const chart = await drawn("plt.bar(['A', 'B'], [100, 200.5], " +
	    "label='Sold'); plt.xlabel('Authors'); plt.ylabel('Books'); " +
	    "plt.title('By author'); plt.show()");
	assert.equal(chart.type, "bar");
	assert.equal(chart.title, "By author");
	is_2d(chart, "Authors", "Books");
	assert.deepEqual(chart.elements, [
	    { label: "A", group: "Sold", value: 100 },
	    { label: "B", group: "Sold", value: 200.5 }]);
});
step("chart: bar, from the left; in groups", async () => {
	let chart = await drawn("plt.barh(['A', 'B'], [5, 5]); " +
	    "plt.xlabel('n')");
	is_2d(chart, null, "n");
	assert.deepEqual(chart.elements.map((one) => one.label), ["A", "B"]);
	chart = await drawn("x = np.arange(2); plt.bar(x - .2, [1, 2], .4, " +
	    "label='m'); plt.bar(x + .2, [3, 4], .4, label='w'); " +
	    "plt.xticks(x, ['p', 'q'])");
	assert.deepEqual(chart.elements.map((one) =>
	    `${one.group} ${one.label} ${one.value}`),
	    ["m p 1", "m q 2", "w p 3", "w q 4"]);
});
step("chart: box_and_whisker", async () => {
	const chart = await drawn("fig, ax = plt.subplots(); " +
	    "ax.set_xlabel('Class'); ax.set_ylabel('Score'); ax.boxplot([" +
	    "[85, 90, 78, 92, 88], [95, 89, 76, 91, 84, 87]], " +
	    "labels=['A', 'B'], patch_artist=True)");
	assert.equal(chart.type, "box_and_whisker");
	is_2d(chart, "Class", "Score");
	assert.deepEqual(chart.elements, [
	    { label: "A", min: 78, first_quartile: 85, median: 88,
		third_quartile: 90, max: 92, outliers: [] },
	    { label: "B", min: 84, first_quartile: 84.75, median: 88,
		third_quartile: 90.5, max: 95, outliers: [76] }]);
});
step("chart: line, of dates", async () => {
	const chart = await drawn("days = [datetime.date(2023, 9, 1) + " +
	    "datetime.timedelta(i) for i in range(3)]; plt.plot(days, " +
	    "[0, 1, 4], label='sin'); plt.xlabel('Time (s)'); " +
	    "plt.ylabel('A [Hz]'); plt.grid(True)");
	assert.equal(chart.type, "line");
	assert.equal(chart.title, null);
	assert.deepEqual([chart.x_scale, chart.y_scale], ["datetime",
	    "linear"]);
	assert.deepEqual([chart.x_unit, chart.y_unit], ["s", "Hz"]);
	assert(chart.x_ticks.every((tick) => !isNaN(new Date(tick))));
	assert(chart.y_ticks.every((tick) => typeof tick === "number"));
	assert.equal(chart.x_ticks.length, chart.x_tick_labels.length);
	assert.deepEqual(chart.elements, [{ label: "sin", points: [
	    ["2023-09-01", 0], ["2023-09-02", 1], ["2023-09-03", 4]] }]);
});
step("chart: line, of words and of powers", async () => {
	let chart = await drawn("plt.plot([1, 2], ['A', 'B'])");
	assert.deepEqual([chart.x_scale, chart.y_scale, chart.y_tick_labels],
	    ["linear", "categorical", ["A", "B"]]);
	assert.deepEqual(chart.elements, [{ label: "Line 0",
	    points: [[1, "A"], [2, "B"]] }]);
	chart = await drawn("plt.plot([1, 2], [10, 1e6]); plt.yscale('log')");
	assert.equal(chart.y_scale, "log");
	chart = await drawn("plt.plot([1, 2, float('nan')], [1, 2, 3])");
	assert.deepEqual(chart.elements[0].points, [[1, 1], [2, 2],
	    [null, 3]]);
});
step("chart: scatter", async () => {
	const chart = await drawn("plt.scatter([1, 2], [3, 4], label='one'); " +
	    "plt.scatter([5], [6], label='two')");
	assert.equal(chart.type, "scatter");
	assert.deepEqual(chart.elements, [
	    { label: "one", points: [[1, 3], [2, 4]] },
	    { label: "two", points: [[5, 6]] }]);
});
step("chart: pie", async () => {
	const chart = await drawn("fig, ax = plt.subplots(); " +
	    "ax.pie([90, 10], labels=['No', 'No, in blue'], " +
	    "autopct='%1.1f%%', startangle=90); plt.title('Early?')");
	assert.equal(chart.type, "pie");
	assert.equal(chart.title, "Early?");
	assert.deepEqual(chart.elements, [
	    { label: "No", angle: 324, radius: 1 },
	    { label: "No, in blue", angle: 36, radius: 1 }]);
});
step("chart: superchart, and what is unknown", async () => {
	let chart = await drawn("fig, axs = plt.subplots(1, 2); " +
	    "fig.suptitle('Both'); axs[0].plot([1], [2]); " +
	    "axs[0].set_title('Left'); axs[1].scatter([3], [4])");
	assert.equal(chart.type, "superchart");
	assert.equal(chart.title, "Both");
	assert.deepEqual(chart.elements.map((one) => [one.type, one.title]),
	    [["line", "Left"], ["scatter", null]]);
	chart = await drawn("fig, ax = plt.subplots(); " +
	    "ax.add_artist(plt.Circle((0, 0), 1)); plt.title('Circle')");
	assert.deepEqual(chart, { type: "unknown", title: "Circle",
	    elements: [] });
	assert.equal(await drawn("plt.figure()"), undefined);
});
step("pictures: where plt.show() is, and as a value", async () => {
	const seen = [];
	await sandbox.runCode("print(1); plt.plot([1]); plt.show(); " +
	    "print(2); plt.plot([2]); print(3)", {
		onStdout: ({ line }) => seen.push(line.trim()),
		onResult: ({ chart }) => seen.push(
		    `chart ${chart.elements[0].points[0][1]}`) });
	assert.deepEqual(seen, ["1", "chart 1", "2", "3", "chart 2"]);
	const { results } = await sandbox.runCode(
	    "fig, ax = plt.subplots(); ax.plot([1, 2]); fig");
	assert.equal(results.length, 1);
	assert.equal(results[0].isMainResult, true);
	is_png(results[0].png);
	assert.equal(results[0].chart.type, "line");
});
step("pictures of PIL: as a value, and shown", async () => {
	const { results } = await sandbox.runCode("from PIL import Image\n" +
	    "image = Image.new('RGB', (8, 8)); image.show(); image");
	assert.deepEqual(results.map((one) => one.isMainResult), [false, true]);
	results.forEach((one) => is_png(one.png));
});
step("data: of a table", async () => {
	const { results } = await sandbox.runCode("import pandas as pd\n" +
	    "pd.DataFrame({'a': [1, 2], 't': pd.to_datetime(['2024-01-01', " +
	    "None]), 'w': ['x', None]})");
	assert.deepEqual(results[0].data, { a: [1, 2],
	    t: ["2024-01-01T00:00:00", null], w: ["x", null] });
	assert.match(results[0].html, /<table/);
	assert(results[0].formats().includes("data"));
});

run(async () => {});
