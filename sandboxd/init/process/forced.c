// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/forced.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "SSH_ORIGINAL_COMMAND="

static const char *const accepted_names[] = {"LANG=*", "LC_*=*", "TZ=*",
    "COLORTERM=*", "TERM_PROGRAM=*", "TERM_PROGRAM_VERSION=*", "NO_COLOR=*",
    "DISPLAY=*", "SSH_AUTH_SOCK=*", "SSH_CLIENT=*", "SSH_CONNECTION=*"};

static bool
is_accepted(const char *entry)
{
	for (size_t i = 0; i < sizeof accepted_names / sizeof *accepted_names;
	    i++)
		if (fnmatch(accepted_names[i], entry, 0) == 0)
			return true;
	return false;
}

static void
put(struct rpc_strv *env, char *storage, const char *text, size_t size)
{
	memcpy(storage + env->size, text, size);
	env->size += (uint32_t)size;
}

/* Ends the string being put together. */
static void
put_end(struct rpc_strv *env, char *storage)
{
	put(env, storage, "", 1);
	env->count++;
}

/* What was asked for, as one line; nothing for a shell. */
static void
put_original(struct rpc_strv *env, char *storage,
    const struct rpc_spawn_req *asked)
{
	struct rpc_strv argv = asked->argv;
	const char *word;

	if (asked->kind == INIT_SPAWN_SHELL)
		return;
	put(env, storage, VARIABLE, sizeof VARIABLE - 1);
	if (asked->kind == INIT_SPAWN_COMMAND) {
		put(env, storage, asked->command, strlen(asked->command));
	} else if (asked->kind == INIT_SPAWN_ARGV) {
		for (size_t i = 0; (word = rpc_strv_next(&argv)) != NULL;
		    i++) {
			put(env, storage, " ", i > 0);
			put(env, storage, word, strlen(word));
		}
	} else {
		put(env, storage, FORCED_SFTP, sizeof FORCED_SFTP - 1);
	}
	put_end(env, storage);
}

static int
replace_env(struct forced *forced, struct err *err)
{
	const struct rpc_spawn_req *asked = &forced->request;
	struct rpc_strv from = asked->env, env = {0};
	const char *entry;

	/* Every string is put at most once, with a byte after it. */
	forced->env = malloc((size_t)from.size + asked->argv.size +
	    strlen(asked->command) + sizeof VARIABLE + sizeof FORCED_SFTP);
	if (forced->env == NULL)
		return err_set(err, ENOMEM, "env: out of memory");
	while ((entry = rpc_strv_next(&from)) != NULL)
		if (is_accepted(entry)) {
			put(&env, forced->env, entry, strlen(entry));
			put_end(&env, forced->env);
		}
	put_original(&env, forced->env, asked);
	env.data = forced->env;
	forced->request.env = env;
	return 0;
}

int
forced_apply(struct forced *forced, const char *command, struct err *err)
{
	struct rpc_spawn_req *request = &forced->request;
	bool asks_sftp = request->kind == INIT_SPAWN_SFTP ||
	    request->kind == INIT_SPAWN_SFTP_READ;
	int r;

	if (request->kind == INIT_SPAWN_QUIET_SHELL)
		request->kind = INIT_SPAWN_SHELL;
	r = replace_env(forced, err);
	if (r < 0)
		return r;
	if (strcmp(command, FORCED_SFTP) == 0) {
		if (asks_sftp)
			return 0;
		command = "echo 'This service allows sftp connections only.'; "
		    "exit 1";
	}
	request->kind = INIT_SPAWN_COMMAND;
	request->command = command;
	return 0;
}

void
forced_fini(struct forced *forced)
{
	free(forced->env);
}
