// SPDX-License-Identifier: Apache-2.0
#include "cli/recipe.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/policy.h"
#include "common/fd.h"
#include "common/parse.h"

#define STEP_TIMEOUT_S	   1800
#define STEP_TIMEOUT_MAX_S 86400

/* Lists and caches of apt and npm are of no use to who starts from it; and what
 * is cut short is thrown away, so no file is waited for on its own. */
#define APT                                                                    \
	"set -e; export DEBIAN_FRONTEND=noninteractive; apt-get -q update; "   \
	"apt-get -q install -y --no-install-recommends "                       \
	"-o Dpkg::Options::=--force-unsafe-io %s; apt-get clean; "             \
	"rm -rf /var/lib/apt/lists/*"
#define NPM "set -e; npm install --global %s; npm cache clean --force"

struct reading {
	const struct cli *cli;
	struct recipe *recipe;
	json_t *env;
	char packages[RECIPE_LINE_MAX], npm[RECIPE_LINE_MAX];
};

static int
add_step(struct recipe *recipe, char *name, char *command, struct err *err)
{
	if (name == NULL || command == NULL ||
	    recipe->n_steps == RECIPE_STEPS_MAX) {
		free(name);
		free(command);
		return name == NULL || command == NULL ?
		    err_set(err, ENOMEM, "out of memory") :
		    err_set(err, EINVAL, "run: at most %d steps",
		    RECIPE_STEPS_MAX);
	}
	recipe->steps[recipe->n_steps++] = (struct recipe_step){name, command};
	return 0;
}

static int
set_text(json_t *object, const char *name, const char *value, struct err *err)
{
	return json_object_set_new(object, name, json_string(value)) < 0 ?
	    err_set(err, EINVAL, "%s: not UTF-8", name) : 0;
}

static int
add_variable(struct reading *reading, const char *value, struct err *err)
{
	char name[128];
	size_t n = strcspn(value, "=");

	if (n == 0 || value[n] == '\0' || n >= sizeof name)
		return err_set(err, EINVAL, "env: \"%.60s\" is not NAME=VALUE",
		    value);
	memcpy(name, value, n);
	name[n] = '\0';
	return set_text(reading->env, name, value + n + 1, err);
}

/* Names of packages and nothing that a shell takes for anything else. */
static int
add_words(char list[RECIPE_LINE_MAX], const char *key, const char *value,
    struct err *err)
{
	size_t used = strlen(list);

	if (value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS"
	    "TUVWXYZ0123456789 .+-_:=@/~")] != '\0')
		return err_set(err, EINVAL, "%s: not names of packages", key);
	if (snprintf(list + used, RECIPE_LINE_MAX - used, "%s%s",
	    used > 0 ? " " : "", value) >= (int)(RECIPE_LINE_MAX - used))
		return err_set(err, EINVAL, "%s: longer than %d bytes", key,
		    RECIPE_LINE_MAX);
	return 0;
}

static int
add_run(struct reading *reading, const char *value, struct err *err)
{
	char name[96];

	snprintf(name, sizeof name, "run %.72s", value);
	return add_step(reading->recipe, strdup(name), strdup(value), err);
}

static int
set_number(json_t *object, const char *key, const char *value,
    struct err *err)
{
	char *end;
	double number = strtod(value, &end);

	if (end == value || *end != '\0' || !(number > 0))
		return err_set(err, EINVAL, "%s: \"%.40s\" is not a number",
		    key, value);
	json_object_set_new(object, key, strcmp(key, "cpu") != 0 ?
	    json_integer((json_int_t)number) : json_real(number));
	return 0;
}

/* Both of the build and of what is made of it. */
static int
set_egress(struct reading *reading, json_t *object, const char *value,
    struct err *err)
{
	json_t *policy = policy_read(reading->cli, value, false, err);

	if (policy == NULL)
		return err_wrap(err, "egress");
	json_object_set_new(object, "egress", policy);
	return 0;
}

static int
set_step_timeout(struct recipe *recipe, const char *value, struct err *err)
{
	if (parse_seconds(value, &recipe->step_timeout_s) < 0 ||
	    recipe->step_timeout_s == 0 ||
	    recipe->step_timeout_s > STEP_TIMEOUT_MAX_S)
		return err_set(err, EINVAL, "step_timeout: \"%.40s\" is not a "
		    "time up to 1d", value);
	return 0;
}

static int
set_entrypoint(json_t *object, char *value)
{
	json_t *words = json_array();
	char *word;

	while ((word = strsep(&value, " \t")) != NULL)
		if (*word != '\0')
			json_array_append_new(words, json_string(word));
	json_object_set_new(object, "entrypoint", words);
	return 0;
}

static bool
is_one_of(const char *key, const char *const *keys)
{
	while (*keys != NULL && strcmp(*keys, key) != 0)
		keys++;
	return *keys != NULL;
}

static int
take(struct reading *reading, const char *key, char *value, struct err *err)
{
	static const char *const texts[] = {"user", "workdir", "memory", "disk",
	    "ttl", "timeout", "hard_ttl", "idle_timeout", "on_expiry", NULL};
	static const char *const numbers[] = {"cpu", "pids", "pool_size",
	    NULL};
	struct recipe *recipe = reading->recipe;

	if (strcmp(key, "parent") == 0)
		return set_text(recipe->builder, "template", value, err);
	if (strcmp(key, "packages") == 0)
		return add_words(reading->packages, key, value, err);
	if (strcmp(key, "npm") == 0)
		return add_words(reading->npm, key, value, err);
	if (strcmp(key, "run") == 0)
		return add_run(reading, value, err);
	if (strcmp(key, "env") == 0)
		return add_variable(reading, value, err);
	if (strcmp(key, "entrypoint") == 0)
		return set_entrypoint(recipe->template, value);
	if (strcmp(key, "egress") == 0)
		return set_egress(reading, recipe->template, value, err);
	if (strcmp(key, "build_egress") == 0)
		return set_egress(reading, recipe->builder, value, err);
	if (strcmp(key, "build_memory") == 0)
		return set_text(recipe->builder, "memory", value, err);
	if (strcmp(key, "build_disk") == 0)
		return set_text(recipe->builder, "disk", value, err);
	if (strcmp(key, "step_timeout") == 0)
		return set_step_timeout(recipe, value, err);
	if (is_one_of(key, texts))
		return set_text(recipe->template, key, value, err);
	if (is_one_of(key, numbers))
		return set_number(recipe->template, key, value, err);
	return err_set(err, EINVAL, "%.40s: no such key; there are parent, "
	    "packages, npm, run, env, user, workdir, entrypoint, memory, "
	    "disk, cpu, pids, pool_size, ttl, timeout, hard_ttl, "
	    "idle_timeout, on_expiry, egress, build_egress, build_memory, "
	    "build_disk, step_timeout",
	    key);
}

static char *
trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t");
}

static int
take_line(struct reading *reading, char *line, struct err *err)
{
	char *text = trim(line), *equals;

	if (*text == '\0' || *text == '#' || *text == ';' ||
	    strcmp(text, "[template]") == 0)
		return 0;
	equals = strchr(text, '=');
	if (equals == NULL)
		return err_set(err, EINVAL, "not KEY = VALUE");
	*equals = '\0';
	return take(reading, trim(text), trim(equals + 1), err);
}

static int
add_packages(struct reading *reading, const char *what, const char *list,
    const char *format, struct err *err)
{
	char *name = NULL, *command = NULL;

	if (*list == '\0')
		return 0;
	if (asprintf(&name, "%s %.72s", what, list) < 0)
		name = NULL;
	/* One of the two below, as a literal. */
	if ((*format == 'a' ? asprintf(&command, APT, list) :
	    asprintf(&command, NPM, list)) < 0)
		command = NULL;
	return add_step(reading->recipe, name, command, err);
}

/* Packages come before all that was to be run. */
static int
finish(struct reading *reading, struct err *err)
{
	struct recipe *recipe = reading->recipe;
	struct recipe_step runs[RECIPE_STEPS_MAX];
	size_t n = recipe->n_steps;
	int r;

	memcpy(runs, recipe->steps, sizeof runs);
	recipe->n_steps = 0;
	r = add_packages(reading, "packages", reading->packages, "apt", err);
	if (r == 0)
		r = add_packages(reading, "npm", reading->npm, "npm", err);
	for (size_t i = 0; i < n; i++)
		if (r == 0)
			r = add_step(recipe, runs[i].name, runs[i].command,
			    err);
	if (json_object_size(reading->env) > 0)
		json_object_set(recipe->template, "env", reading->env);
	if (json_object_get(recipe->builder, "egress") == NULL &&
	    json_object_get(recipe->template, "egress") != NULL)
		json_object_set(recipe->builder, "egress",
		    json_object_get(recipe->template, "egress"));
	return r;
}

static int
read_lines(struct reading *reading, FILE *file, const char *path,
    struct err *err)
{
	char line[RECIPE_LINE_MAX];
	unsigned n = 0;
	int r = 0;

	while (r == 0 && fgets(line, sizeof line, file) != NULL) {
		n++;
		if (strchr(line, '\n') == NULL && !feof(file))
			r = err_set(err, EINVAL, "longer than %d bytes",
			    RECIPE_LINE_MAX - 2);
		else
			r = take_line(reading, line, err);
	}
	return r < 0 ? err_wrap(err, "%s:%u", path, n) : 0;
}

int
recipe_read(const struct cli *cli, const char *path, struct recipe *ret,
    struct err *err)
{
	struct reading *reading = calloc(1, sizeof *reading);
	FILE *file;
	int r;

	*ret = (struct recipe){.step_timeout_s = STEP_TIMEOUT_S,
	    .builder = json_object(), .template = json_object()};
	if (reading == NULL)
		return err_set(err, ENOMEM, "out of memory");
	file = fopen(path, "re");
	if (file == NULL) {
		free(reading);
		return err_errno(err, "%s", path);
	}
	*reading = (struct reading){.cli = cli, .recipe = ret,
	    .env = json_object()};
	r = read_lines(reading, file, path, err);
	if (r == 0)
		r = finish(reading, err);
	fclose(file);
	json_decref(reading->env);
	free(reading);
	return r;
}

void
recipe_free(struct recipe *recipe)
{
	for (size_t i = 0; i < recipe->n_steps; i++) {
		free(recipe->steps[i].name);
		free(recipe->steps[i].command);
	}
	json_decref(recipe->builder);
	json_decref(recipe->template);
}
