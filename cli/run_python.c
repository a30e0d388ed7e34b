// SPDX-License-Identifier: Apache-2.0
/*
 * sandgate run-python: code in a context of a sandbox, which keeps its state
 * from run to run; python's, or another language's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/options.h"
#include "common/fd.h"
#include "common/parse.h"

#define CODE_MAX    (256 * 1024)
#define SUFFIX_SIZE 96

struct wish {
	const char *language, *context, *timeout;
	bool stays; /* the context does, which is new */
};

/* The file, or of "-" what comes; the caller's. NULL with words. */
static char *
read_code(const char *path, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	char *code = malloc(CODE_MAX + 1);
	size_t n = file != NULL && code != NULL ? fread(code, 1, CODE_MAX + 1,
	    file) : 0;

	if (file == NULL)
		err_errno(err, "%.200s", path);
	else if (ferror(file))
		err_errno(err, "%.200s", path);
	else if (n > CODE_MAX)
		err_set(err, EFBIG, "%.200s: more than %d bytes of code",
		    path, CODE_MAX);
	else
		err->code = 0;
	if (file != NULL && !is_stdin)
		fclose(file);
	if (code != NULL && err->code == 0) {
		code[n] = '\0';
		return code;
	}
	free(code);
	return NULL;
}

static void
print_answer(const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	const json_t *result = json_object_get(answer, "result");

	fputs(api_string(answer, "stdout"), stdout);
	fputs(api_string(answer, "stderr"), stderr);
	if (json_is_string(result))
		printf("%s\n", json_string_value(result));
	if (json_is_object(error))
		fprintf(stderr, "%s%s: %s\n", api_string(error, "traceback"),
		    api_string(error, "name"), api_string(error, "value"));
}

static int
status_of(const json_t *answer)
{
	if (json_is_object(json_object_get(answer, "error")) ||
	    api_is_true(answer, "timed_out"))
		return CLI_FAILED;
	return (int)api_number(answer, "exit_code");
}

static int
run(const struct cli *cli, const char *id, const char *context,
    json_t *body, struct err *err)
{
	auto_json json_t *answer = NULL;
	char suffix[SUFFIX_SIZE];

	if (!name_is_valid(context)) {
		err_set(err, EINVAL, "\"%.64s\" is not the id of a context",
		    context);
		return cli_fail(err);
	}
	snprintf(suffix, sizeof suffix, "contexts/%s/run", context);
	if (api_call_item(cli, "POST", "/v1/sandboxes", id, suffix, body,
	    &answer, err) < 0)
		return cli_fail(err);
	if (cli->is_json)
		api_print(answer);
	else
		print_answer(answer);
	return status_of(answer);
}

/* In a context that is made for it, and goes with it unless it is to stay. */
static int
run_in_new(const struct cli *cli, const char *id, const struct wish *wish,
    json_t *body, struct err *err)
{
	auto_json json_t *context = NULL, *made = NULL;
	char suffix[SUFFIX_SIZE];
	int status;

	made = json_pack("{s:s}", "language", wish->language);
	if (api_call_item(cli, "POST", "/v1/sandboxes", id, "contexts", made,
	    &context, err) < 0)
		return cli_fail(err);
	status = run(cli, id, api_string(context, "id"), body, err);
	if (wish->stays) {
		fprintf(stderr, "context %s\n", api_string(context, "id"));
		return status;
	}
	snprintf(suffix, sizeof suffix, "contexts/%.63s",
	    api_string(context, "id"));
	(void)api_call_item(cli, "DELETE", "/v1/sandboxes", id, suffix, NULL,
	    NULL, err);
	return status;
}

int
run_run_python(struct cli *cli, int argc, char **argv)
{
	struct wish wish = {.language = "python"};
	const struct option_row rows[] = {
	    {"context", 'c', OPTION_TEXT, &wish.context},
	    {"keep", 'k', OPTION_FLAG, &wish.stays},
	    {"language", 'l', OPTION_TEXT, &wish.language},
	    {"timeout", 0, OPTION_TEXT, &wish.timeout},
	};
	auto_json json_t *body = NULL;
	auto_free char *code = NULL;
	struct err err = {0};
	uint64_t seconds;
	int rest;

	argc = options_parse(cli, rows, 4, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("run-python", "%s", err.text);
	if (argc != 3)
		return cli_usage("run-python", "name a sandbox, and a file or "
		    "- for standard input");
	code = read_code(argv[2], &err);
	if (code == NULL)
		return cli_fail(&err);
	body = json_pack("{s:s}", "code", code);
	if (body == NULL)
		return cli_usage("run-python", "the code is not UTF-8");
	if (wish.timeout != NULL) {
		if (parse_seconds(wish.timeout, &seconds) < 0)
			return cli_usage("run-python", "--timeout: \"%.40s\" "
			    "is not a time such as 30s or 5m", wish.timeout);
		json_object_set_new(body, "timeout_ms",
		    json_integer((json_int_t)seconds * 1000));
	}
	if (wish.context != NULL)
		return run(cli, argv[1], wish.context, body, &err);
	return run_in_new(cli, argv[1], &wish, body, &err);
}
