// SPDX-License-Identifier: Apache-2.0
#include "cli/template_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/process.h"
#include "cli/recipe.h"
#include "common/clock.h"
#include "common/parse.h"

#define RECIPES	  "/etc/sandgate/templates"
#define PATH_SIZE 512

/* One that nobody is at any more goes by itself, some time after its steps. */
#define SPARE_S 600

/* What is kept of the log: its end. As rpc.def has it. */
#define LOG_BYTES_MAX 65536

struct build {
	struct cli *cli;
	const struct recipe *recipe;
	const char *name;
	const struct template_stages *stages; /* NULL: none */
	char id[SANDBOX_ID_SIZE]; /* of the sandbox; "" = none */
	FILE *log;
	char *log_text;
	size_t log_size;
	/* Of the step under way. */
	int exit_code; /* -1 = it has not ended */
	bool is_timed_out;
	char error[ERR_TEXT_SIZE];
};

static void
say(struct build *build, const char *words)
{
	fprintf(stderr, "==> %s\n", words);
	fprintf(build->log, "==> %s\n", words);
}

static bool
on_line(void *arg, const json_t *line)
{
	struct build *build = arg;
	const char *event = api_string(line, "event");

	if (strcmp(event, "bytes") == 0) {
		process_write_bytes(stdout, line);
		process_write_bytes(build->log, line);
		fflush(stdout);
	} else if (strcmp(event, "exit") == 0) {
		build->exit_code = (int)api_number(line, "exit_code");
		build->is_timed_out = api_is_true(line, "timed_out");
	} else if (strcmp(event, "error") == 0) {
		snprintf(build->error, sizeof build->error, "%s",
		    api_string(line, "message"));
	}
	return true;
}

static int
run_step(struct build *build, const struct recipe_step *step, struct err *err)
{
	const uint64_t timeout_s = build->recipe->step_timeout_s;
	auto_json json_t *body = json_pack("{s:[s,s,s], s:s, s:s, s:I, s:b}",
	    "argv", "/bin/sh", "-c", step->command, "user", "root", "cwd", "/",
	    "timeout_ms", (json_int_t)(timeout_s * 1000), "stream", 1);
	char path[PATH_SIZE];
	int r;

	if (body == NULL)
		return err_set(err, EINVAL, "not UTF-8");
	build->exit_code = -1;
	build->is_timed_out = false;
	snprintf(path, sizeof path, "/v1/sandboxes/%s/exec", build->id);
	r = api_post_lines(build->cli, path, body, on_line, build, err);
	if (r < 0)
		return r;
	if (build->exit_code == 0)
		return 0;
	if (build->is_timed_out)
		return err_set(err, ETIMEDOUT, "took longer than its "
		    "step_timeout of %llu s", (unsigned long long)timeout_s);
	if (build->exit_code < 0)
		return err_set(err, EIO, "%s", build->error);
	return err_set(err, EIO, "exit status %d", build->exit_code);
}

static int
run_steps(struct build *build, struct err *err)
{
	const struct recipe *recipe = build->recipe;

	for (size_t i = 0; i < recipe->n_steps; i++) {
		char words[192];

		snprintf(words, sizeof words, "step %zu of %zu: %s", i + 1,
		    recipe->n_steps, recipe->steps[i].name);
		say(build, words);
		if (run_step(build, &recipe->steps[i], err) < 0)
			return err_wrap(err, "template %s, step %zu of %zu "
			    "(%s)", build->name, i + 1, recipe->n_steps,
			    recipe->steps[i].name);
	}
	return 0;
}

/* In a sandbox that goes by itself should we not be there to destroy it. */
static int
make_sandbox(struct build *build, struct err *err)
{
	const struct recipe *recipe = build->recipe;
	auto_json json_t *sandbox = NULL;
	json_t *body = recipe->builder;
	int r;

	json_object_set_new(body, "timeout", json_integer((json_int_t)(SPARE_S +
	    recipe->step_timeout_s * (recipe->n_steps + 1))));
	r = api_call(build->cli, "POST", "/v1/sandboxes", body, &sandbox, err);
	if (r == 0)
		snprintf(build->id, sizeof build->id, "%s",
		    api_string(sandbox, "id"));
	return r;
}

/* The end of the log, from the beginning of a character on. */
static const char *
end_of_log(struct build *build)
{
	size_t at = 0;

	fflush(build->log);
	if (build->log_size > LOG_BYTES_MAX)
		at = build->log_size - LOG_BYTES_MAX;
	while ((build->log_text[at] & 0xc0) == 0x80)
		at++;
	return build->log_text + at;
}

static int
publish(struct build *build, bool is_own, struct err *err)
{
	json_t *body = build->recipe->template;
	auto_json json_t *template = NULL;
	json_t *log = json_string(end_of_log(build));
	int r;

	json_object_set_new(body, "name", json_string(build->name));
	json_object_set_new(body, "sandbox", json_string(build->id));
	json_object_set_new(body, "shared", json_boolean(!is_own));
	json_object_set_new(body, "log", log != NULL ? log :
	    json_string("not UTF-8"));
	/* So that all that runs has finished writing. */
	r = api_call_item(build->cli, "POST", "/v1/sandboxes", build->id,
	    "suspend", NULL, NULL, err);
	if (r == 0)
		r = api_call(build->cli, "POST", "/v1/templates", body,
		    &template, err);
	if (r < 0)
		return r;
	if (build->cli->is_json)
		api_print(template);
	else
		puts(api_string(template, "version"));
	return 0;
}

static int
build_all(struct build *build, bool is_own, struct err *err)
{
	const uint64_t since_ms = clock_monotonic_ms();
	char words[128];
	int r = make_sandbox(build, err);

	if (r < 0)
		return r;
	snprintf(words, sizeof words, "template %.64s, in %s", build->name,
	    build->id);
	say(build, words);
	if (build->stages != NULL)
		r = build->stages->before(build->stages->arg, build->id, err);
	if (r == 0)
		r = run_steps(build, err);
	if (r == 0 && build->stages != NULL)
		r = build->stages->after(build->stages->arg, build->id, err);
	if (r < 0)
		return r;
	snprintf(words, sizeof words, "built in %.1f s",
	    (double)(clock_monotonic_ms() - since_ms) / 1000);
	say(build, words);
	return publish(build, is_own, err);
}

static void
end(struct build *build)
{
	struct err err = {0};

	if (build->id[0] != '\0' && api_call_item(build->cli, "DELETE",
	    "/v1/sandboxes", build->id, NULL, NULL, NULL, &err) < 0)
		(void)cli_fail(&err);
	fclose(build->log);
	free(build->log_text);
}

int
template_build_recipe(struct cli *cli, const char *name,
    const struct recipe *recipe, bool is_own,
    const struct template_stages *stages, struct err *err)
{
	struct build build = {.cli = cli, .name = name, .recipe = recipe,
	    .stages = stages};
	int r;

	build.log = open_memstream(&build.log_text, &build.log_size);
	if (build.log == NULL)
		return err_set(err, ENOMEM, "out of memory");
	r = build_all(&build, is_own, err);
	end(&build);
	return r;
}

int
template_build(struct cli *cli, const char *name, const char *path,
    bool is_own)
{
	char recipe_path[PATH_SIZE];
	struct recipe recipe;
	struct err err = {0};
	int r;

	if (cli->is_lobby)
		return cli_usage("template", "build: there are no files here");
	if (!name_is_valid(name))
		return cli_usage("template", "\"%.64s\" is not a name: 1 to 63 "
		    "of a-z 0-9 _ . -, the first a letter or digit", name);
	snprintf(recipe_path, sizeof recipe_path, "%s/%s.ini", RECIPES, name);
	r = recipe_read(cli, path != NULL ? path : recipe_path, &recipe, &err);
	if (r == 0)
		r = template_build_recipe(cli, name, &recipe, is_own, NULL,
		    &err);
	recipe_free(&recipe);
	return r < 0 ? cli_fail(&err) : CLI_OK;
}
