// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/environment.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *
get(const struct environment *env, const char *name)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->values[i], name, size) == 0 &&
		    env->values[i][size] == '=')
			return env->values[i] + size + 1;
	return NULL;
}

int
main(void)
{
	static const char strings[] = "A=1\0B=2\0A=3\0noname\0=x\0C=";
	static const char text[] = "# words\nLANG=C.UTF-8\n"
	    " export Q=\"a b\" # c\nS='x'\r\n=nothing\nEMPTY=\n\nD=\"";
	auto_environment struct environment env = {0};
	struct user user = {.name = "u", .uid = 5, .home = "/h",
	    .shell = "/bin/sh"};
	char name[16];
	int r = 0;

	assert(environment_add(&env, (struct rpc_strv){strings,
	    sizeof strings, 6}) == 0);
	assert(env.n == 3 && strcmp(get(&env, "A"), "3") == 0);
	assert(strcmp(get(&env, "C"), "") == 0);
	assert(environment_add_text(&env, text) == 0);
	assert(strcmp(get(&env, "LANG"), "C.UTF-8") == 0);
	assert(strcmp(get(&env, "Q"), "a b") == 0);
	assert(strcmp(get(&env, "S"), "x") == 0);
	assert(strcmp(get(&env, "EMPTY"), "") == 0);
	assert(environment_set_path(&env, &user) == 0);
	assert(strstr(get(&env, "PATH"), "/sbin") == NULL);
	assert(environment_set_user(&env, &user) == 0);
	assert(strcmp(get(&env, "LOGNAME"), "u") == 0);
	for (int i = 0; r == 0; i++) {
		snprintf(name, sizeof name, "V%d", i);
		r = environment_set(&env, name, "");
	}
	assert(r == -E2BIG && env.n == ENVIRONMENT_MAX);
	assert(env.values[env.n] == NULL);
	return 0;
}
