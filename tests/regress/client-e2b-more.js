// SPDX-License-Identifier: Apache-2.0
// The rest of the npm package e2b: git, clients of their own, and what there is
// not here, which says so.
"use strict";
const { E2B, Sandbox, Secret, Template, Volume } = require("e2b");
const { step, differs, refused, fails, assert, run } = require("./steps.js");

let sandbox, git;
const repo = "/tmp/repo", bare = "/tmp/bare.git";
const sh = async (line) => (await sandbox.commands.run(line)).stdout;

step("E2B: a client with options of its own", async () => {
	const { E2B_API_KEY, E2B_API_URL, E2B_SANDBOX_URL } = process.env;
	const client = new E2B({ apiKey: E2B_API_KEY, apiUrl: E2B_API_URL,
	    sandboxUrl: E2B_SANDBOX_URL });
	sandbox = await client.Sandbox.create("base",
	    { metadata: { suite: "e2b-more" } });
	git = sandbox.git;
	assert.equal(await sh("echo hi"), "hi\n");
});
step("git.init, configureUser, setConfig, getConfig", async () => {
	await git.init(repo, { initialBranch: "main" });
	await git.configureUser("A B", "a@b.example");
	assert.equal(await sh("git config --global user.email"),
	    "a@b.example\n");
	await git.setConfig("x.y", "z w", { scope: "local", path: repo });
	assert.equal(await git.getConfig("x.y", { scope: "local", path: repo }),
	    "z w");
	assert.equal(await git.getConfig("x.none"), undefined);
});
step("git.add, commit, status", async () => {
	await sandbox.files.write(`${repo}/a`, "one\n");
	let status = await git.status(repo);
	assert.equal(status.currentBranch, "main");
	assert.deepEqual(status.fileStatus.map((one) => `${one.name} ` +
	    `${one.status}`), ["a untracked"]);
	await git.add(repo);
	await git.commit(repo, "first's \"words\"");
	assert.equal(await sh(`cd ${repo}; git log --format='%an %s'`),
	    "A B first's \"words\"\n");
	status = await git.status(repo);
	assert.deepEqual(status.fileStatus, []);
});
step("git.createBranch, branches, checkoutBranch, deleteBranch", async () => {
	await git.createBranch(repo, "side");
	assert.deepEqual(await git.branches(repo),
	    { branches: ["main", "side"], currentBranch: "side" });
	await git.checkoutBranch(repo, "main");
	await git.deleteBranch(repo, "side");
	assert.deepEqual((await git.branches(repo)).branches, ["main"]);
});
step("git.remoteAdd, remoteGet, push, clone, pull", async () => {
	await git.init(bare, { bare: true, initialBranch: "main" });
	await git.remoteAdd(repo, "origin", bare);
	assert.equal(await git.remoteGet(repo, "origin"), bare);
	await git.push(repo, { remote: "origin", branch: "main",
	    setUpstream: true });
	await git.clone(bare, { path: "/tmp/copy" });
	assert.equal(await sh("cat /tmp/copy/a"), "one\n");
	await sandbox.files.write(`${repo}/a`, "two\n");
	await git.add(repo);
	await git.commit(repo, "second");
	assert.equal((await git.status(repo)).ahead, 1);
	await git.push(repo);
	await git.pull("/tmp/copy");
	assert.equal(await sh("cat /tmp/copy/a"), "two\n");
});
step("git.restore, reset", async () => {
	await sandbox.files.write(`${repo}/a`, "three\n");
	await git.restore(repo, { paths: ["a"] });
	assert.equal(await sh(`cat ${repo}/a`), "two\n");
	await git.reset(repo, { mode: "hard", target: "HEAD~1" });
	assert.equal(await sh(`cat ${repo}/a`), "one\n");
});
step("git.dangerouslyAuthenticate", async () => {
	await git.dangerouslyAuthenticate({ username: "u", password: "p",
	    host: "git.example", protocol: "https" });
	assert.match(await sh("printf 'protocol=https\\nhost=git.example\\n\\n' " +
	    "| git credential fill"), /username=u\npassword=p\n/);
});
step("files.writeFiles", async () => {
	const infos = await sandbox.files.writeFiles([
	    { path: "/tmp/w/1", data: "one" }, { path: "/tmp/w/2", data: "" }]);
	assert.deepEqual(infos.map((one) => one.path), ["/tmp/w/1", "/tmp/w/2"]);
	assert.equal(await sh("cat /tmp/w/1"), "one");
});
differs("getHost, getMcpUrl",
    "names of E2B's own cloud; a service has a URL of its own", () => {
	assert.equal(sandbox.getHost(3000),
	    `3000-${sandbox.sandboxId}.e2b.app`);
	assert.match(sandbox.getMcpUrl(), /^https:\/\/50005-/);
});
refused("getMcpToken", "/mcp of the gateway has a token's key", () =>
	fails(sandbox.getMcpToken(), "FileNotFoundError", /mcp-gateway/));
step("betaPause, connect: as pause", async () => {
	assert.equal(await sandbox.betaPause(), true);
	assert.equal((await sandbox.getInfo()).state, "paused");
	await sandbox.connect();
	assert.equal((await sandbox.getInfo()).state, "running");
});
step("by id: getInfo, setTimeout, updateNetwork, pause, betaPause, snapshots",
    async () => {
	const id = sandbox.sandboxId;
	assert.equal((await Sandbox.getInfo(id)).sandboxId, id);
	await Sandbox.setTimeout(id, 600000);
	const left = (await Sandbox.getInfo(id)).endAt - Date.now();
	assert(left > 540000 && left <= 601000, left);
	await Sandbox.updateNetwork(id, { allowInternetAccess: true });
	assert.equal(await Sandbox.pause(id), true);
	assert.equal((await Sandbox.connect(id)).sandboxId, id);
	assert.equal(await Sandbox.betaPause(id), true);
	sandbox = await Sandbox.connect(id);
	const { snapshotId } = await Sandbox.createSnapshot(id);
	assert.equal((await Sandbox.listSnapshots({ sandboxId: id })
	    .nextItems()).length, 1);
	assert.equal(await Sandbox.deleteSnapshot(snapshotId), true);
	assert.equal(await Sandbox.deleteSnapshot(snapshotId), false);
	const [fork] = await Sandbox.fork(id);
	assert.equal(await fork.files.read("/tmp/copy/a"), "two\n");
	assert.equal(await fork.kill(), true);
});
step("Template.exists, aliasExists", async () => {
	assert.equal(await Template.exists("base"), true);
	assert.equal(await Template.aliasExists("base"), true);
	assert.equal(await Template.aliasExists("nosuch"), false);
});
const absent = /nothing at this path of E2B's API, as npm e2b/;
refused("Template.build, buildInBackground, getBuildStatus",
    "sandgate template build makes them", async () => {
	const wish = Template().fromTemplate("base").runCmd("true");
	await fails(Template.build(wish, "mine"), "BuildError", absent);
	await fails(Template.buildInBackground(wish, "mine"), "BuildError",
	    absent);
	await fails(Template.getBuildStatus({ templateId: "x", buildId: "y" }),
	    "BuildError", absent);
});
refused("Template.getTags, assignTags, removeTags", "versions have no tags",
    async () => {
	await fails(Template.getTags("base"), "TemplateError", absent);
	await fails(Template.assignTags("base:x", ["v1"]), "TemplateError",
	    /no tags/);
	await fails(Template.removeTags("base", ["v1"]), "TemplateError",
	    /no tags/);
});
refused("Volume", "a disk that is mounted is one (sandgate disk)", async () => {
	await fails(Volume.create("v"), "VolumeError", absent);
	await fails(Volume.list(), "VolumeError", absent);
	await fails(Volume.connect("v"), "VolumeNotFoundError", /v not found/);
	await fails(Volume.getInfo("v"), "VolumeNotFoundError", /v not found/);
	assert.equal(await Volume.destroy("v"), false);
});
refused("Secret", "nothing is put into requests on their way", async () => {
	await fails(Secret.create("n", "v"), "SecretError", absent);
	await fails(Secret.list().nextItems(), "SecretError", absent);
	await fails(Secret.getInfo("n"), "SecretNotFoundError", /n not found/);
	await fails(Secret.update("n", "v"), "SecretNotFoundError",
	    /n not found/);
	assert.equal(await Secret.exists("n"), false);
	assert.equal(await Secret.destroy("n"), false);
});
step("Sandbox.kill", async () =>
	assert.equal(await Sandbox.kill(sandbox.sandboxId), true));

run(() => Sandbox.kill(sandbox.sandboxId));
