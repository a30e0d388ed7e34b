// SPDX-License-Identifier: Apache-2.0
// Which methods a package has, by looking at it, and which of them were called:
// STEPS_METHODS names the package, STEPS_CALLED a file of names, which grows.
// Run by itself, says which were never called.
"use strict";
const fs = require("fs");

/* What asks a server for nothing, or is no method for users. */
const LEFT_OUT = {
	e2b: new Set(["Sandbox.resolveApiOpts", "Sandbox.fileUrl",
	    "SandboxApi.createSandbox", "SandboxApi.forkSandbox",
	    "SandboxApi.connectSandbox", "SandboxApi.getFullInfo",
	    "CodeSandbox.getJupyterRequestUrl",
	    "CodeSandbox.handleRequestError", "Commands.start",
	    "Commands.supportsStdinClose", "Git.runGit", "Git.runShell",
	    "Git.getRemoteUrl", "Git.resolveRemoteName",
	    "Git.withRemoteCredentials", "Git.hasUpstream",
	    "Template.toJSON", "Template.toDockerfile", "Secret.fill",
	    "Secret.iamToken"]),
	sandbox0: new Set(["Client.websocketUrl", "Client.wsHeaders",
	    "Client.fetchRaw"]),
	mcp: new Set(["Client.registerCapabilities", "Client.setRequestHandler",
	    "Client.assertCapability", "Client.assertCapabilityForMethod",
	    "Client.assertNotificationCapability",
	    "Client.assertRequestHandlerCapability",
	    "Client.assertTaskCapability", "Client.assertTaskHandlerCapability",
	    "Client.isToolTask", "Client.isToolTaskRequired",
	    "Client.cacheToolMetadata", "Client.getToolOutputValidator"]),
};

const methods = (owner) => Object.getOwnPropertyNames(owner).filter((name) =>
    name !== "constructor" && !name.startsWith("_") &&
    typeof Object.getOwnPropertyDescriptor(owner, name).value === "function");

const of_e2b = () => {
	const { Sandbox, Git, TemplateBase, Volume, Secret } = require("e2b");
	const code = require("@e2b/code-interpreter").Sandbox;
	const one = new Sandbox({ sandboxId: "sb-none", envdVersion: "0.6.2",
	    apiKey: "none" });
	return [["Sandbox", Sandbox.prototype], ["Sandbox", Sandbox],
	    ["SandboxApi", Object.getPrototypeOf(Sandbox)],
	    ["CodeSandbox", code.prototype], ["Git", Git.prototype],
	    ["Filesystem", Object.getPrototypeOf(one.files)],
	    ["Commands", Object.getPrototypeOf(one.commands)],
	    ["Pty", Object.getPrototypeOf(one.pty)],
	    ["Template", TemplateBase], ["Volume", Volume], ["Secret", Secret]];
};

const of_sandbox0 = async () => {
	const all = await import("sandbox0");
	const client = new all.Client({ token: "none", baseUrl: "http://none" });
	const found = [["Client", all.Client.prototype],
	    ["Sandbox", all.Sandbox.prototype]];
	for (const name of ["sandboxes", "templates", "quotas", "usage",
	    "volumes", "credentialSources"])
		if (client[name])
			found.push([name, Object.getPrototypeOf(client[name])]);
	return found;
};

const of_mcp = () => [["Client",
    require("@modelcontextprotocol/sdk/client/index.js").Client.prototype]];

const classes = (name) =>
    ({ e2b: of_e2b, sandbox0: of_sandbox0, mcp: of_mcp })[name]();
const called = new Set();

exports.begin = async () => {
	for (const [kind, owner] of await classes(process.env.STEPS_METHODS))
		for (const name of methods(owner)) {
			const is = owner[name];
			owner[name] = function (...words) {
				called.add(`${kind}.${name}`);
				return is.apply(this, words);
			};
		}
};

exports.end = () => fs.appendFileSync(process.env.STEPS_CALLED,
    [...called].map((name) => `${name}\n`).join(""));

const check = async () => {
	const which = process.env.STEPS_METHODS;
	const seen = new Set(fs.readFileSync(process.env.STEPS_CALLED, "utf8")
	    .split("\n"));
	const all = new Set();
	for (const [kind, owner] of await classes(which))
		for (const name of methods(owner))
			all.add(`${kind}.${name}`);
	const never = [...all].filter((name) => !seen.has(name) &&
	    !LEFT_OUT[which].has(name));
	for (const name of never)
		console.log(`FAIL never called: ${name}`);
	console.log(`${all.size} methods, ${never.length} never called`);
	process.exit(never.length > 0 ? 1 : 0);
};
if (require.main === module)
	check();
