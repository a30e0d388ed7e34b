// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those of Debian's sshd. */
#define PATH_USER "/usr/local/bin:/usr/bin:/bin:/usr/games"
#define PATH_ROOT                                                              \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Puts a string made by malloc, whose first `name_size` bytes are "NAME=". */
static int
put(struct environment *env, char *text, size_t name_size)
{
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->values[i], text, name_size) == 0) {
			free(env->values[i]);
			env->values[i] = text;
			return 0;
		}
	if (env->n >= ENVIRONMENT_MAX) {
		free(text);
		return -E2BIG;
	}
	env->values[env->n++] = text;
	env->values[env->n] = NULL;
	return 0;
}

int
environment_set(struct environment *env, const char *name, const char *value)
{
	char *text;

	if (asprintf(&text, "%s=%s", name, value) < 0)
		return -ENOMEM;
	return put(env, text, strlen(name) + 1);
}

const char *
environment_get(const struct environment *env, const char *name)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->values[i], name, size) == 0 &&
		    env->values[i][size] == '=')
			return env->values[i] + size + 1;
	return "";
}

int
environment_add(struct environment *env, struct rpc_strv strv)
{
	const char *s, *equals;
	char *text;
	int r = 0;

	while (r == 0 && (s = rpc_strv_next(&strv)) != NULL) {
		equals = strchr(s, '=');
		if (equals == NULL || equals == s)
			continue;
		text = strdup(s);
		r = text == NULL ? -ENOMEM :
		    put(env, text, (size_t)(equals - s) + 1);
	}
	return r;
}

/* One line as pam_env reads it: [export ]NAME=["']value["'] [# words]. */
static int
add_line(struct environment *env, char *line)
{
	char *equals, *value, *end;

	line += strspn(line, " \t");
	if (strncmp(line, "export ", 7) == 0)
		line += 7 + strspn(line + 7, " \t");
	line[strcspn(line, "#")] = '\0';
	equals = strchr(line, '=');
	if (equals == NULL || equals == line)
		return 0;
	*equals = '\0';
	value = equals + 1;
	end = value + strlen(value);
	while (end > value && strchr(" \t\r", end[-1]) != NULL)
		*--end = '\0';
	if (*value == '"' || *value == '\'') {
		if (end > value + 1 && end[-1] == *value)
			*--end = '\0';
		value++;
	}
	return environment_set(env, line, value);
}

int
environment_add_text(struct environment *env, const char *text)
{
	while (*text != '\0') {
		size_t size = strcspn(text, "\n");
		char *line = strndup(text, size);
		int r = line == NULL ? -ENOMEM : add_line(env, line);

		free(line);
		if (r < 0)
			return r;
		text += size + (text[size] == '\n');
	}
	return 0;
}

int
environment_set_path(struct environment *env, const struct user *user)
{
	return environment_set(env, "PATH",
	    user->uid == 0 ? PATH_ROOT : PATH_USER);
}

int
environment_set_user(struct environment *env, const struct user *user)
{
	const char *const values[][2] = {{"USER", user->name},
	    {"LOGNAME", user->name}, {"HOME", user->home},
	    {"SHELL", user->shell}};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof values / sizeof *values; i++)
		r = environment_set(env, values[i][0], values[i][1]);
	return r;
}

void
environment_fini(struct environment *env)
{
	for (size_t i = 0; i < env->n; i++)
		free(env->values[i]);
	env->n = 0;
}
