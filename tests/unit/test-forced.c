// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/forced.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The value of a variable in a request's environment, or NULL. */
static const char *
find(struct rpc_strv env, const char *name)
{
	const char *entry;

	while ((entry = rpc_strv_next(&env)) != NULL)
		if (strncmp(entry, name, strlen(name)) == 0 &&
		    entry[strlen(name)] == '=')
			return entry + strlen(name) + 1;
	return NULL;
}

static void
test_kinds(void)
{
	static const char argv[] = "make\0-C\0a b";
	static const char sftp_only[] = "echo 'This service allows sftp "
	    "connections only.'; exit 1";
	static const struct {
		uint32_t kind;
		const char *asked, *forced;
		uint32_t kind_done;
		const char *done, *original;
	} rows[] = {
	    {INIT_SPAWN_SHELL, "", "id", INIT_SPAWN_COMMAND, "id", NULL},
	    {INIT_SPAWN_COMMAND, "rm -r x", "id", INIT_SPAWN_COMMAND, "id",
		"rm -r x"},
	    {INIT_SPAWN_COMMAND, "", "id", INIT_SPAWN_COMMAND, "id", ""},
	    {INIT_SPAWN_SFTP, "", "id", INIT_SPAWN_COMMAND, "id",
		"internal-sftp"},
	    {INIT_SPAWN_ARGV, "", "id", INIT_SPAWN_COMMAND, "id",
		"make -C a b"},
	    {INIT_SPAWN_SFTP, "", "internal-sftp", INIT_SPAWN_SFTP, "",
		"internal-sftp"},
	    {INIT_SPAWN_COMMAND, "ls", "internal-sftp", INIT_SPAWN_COMMAND,
		sftp_only, "ls"},
	    {INIT_SPAWN_SHELL, "", "internal-sftp", INIT_SPAWN_COMMAND,
		sftp_only, NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_forced struct forced forced = {.request = {
		    .kind = rows[i].kind, .command = rows[i].asked,
		    .user = "", .argv = {argv, sizeof argv, 3}}};
		const char *original;
		struct err err;

		assert(forced_apply(&forced, rows[i].forced, &err) == 0);
		assert(forced.request.kind == rows[i].kind_done);
		assert(strcmp(forced.request.command, rows[i].done) == 0);
		original = find(forced.request.env, "SSH_ORIGINAL_COMMAND");
		assert((original == NULL) == (rows[i].original == NULL));
		assert(original == NULL ||
		    strcmp(original, rows[i].original) == 0);
	}
}

static void
test_environment(void)
{
	static const char env[] = "LANG=C\0BASH_ENV=/tmp/x\0LC_ALL=C\0"
	    "LD_PRELOAD=x\0PATH=/tmp\0SSH_ORIGINAL_COMMAND=lie\0ENV=x\0"
	    "SSH_ASKPASS=x\0SSH_CONNECTION=1 2 3 4\0LANGX=1\0=x\0LANG";
	auto_forced struct forced forced = {.request = {
	    .kind = INIT_SPAWN_COMMAND, .command = "ls",
	    .env = {env, sizeof env, 12}}};
	struct err err;

	assert(forced_apply(&forced, "id", &err) == 0);
	assert(forced.request.env.count == 4);
	assert(strcmp(find(forced.request.env, "LANG"), "C") == 0);
	assert(strcmp(find(forced.request.env, "LC_ALL"), "C") == 0);
	assert(find(forced.request.env, "SSH_CONNECTION") != NULL);
	assert(strcmp(find(forced.request.env, "SSH_ORIGINAL_COMMAND"),
	    "ls") == 0);
}

int
main(void)
{
	test_kinds();
	test_environment();
	return 0;
}
