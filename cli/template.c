// SPDX-License-Identifier: Apache-2.0
/* sandgate template: what sandboxes are made from. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "cli/pairs.h"
#include "cli/plain.h"
#include "cli/template_build.h"
#include "cli/template_import.h"

#define COLLECTION "/v1/templates"

static const struct listing templates = {COLLECTION, "templates",
    {{"NAME", "name", LISTING_TEXT}, {"VERSION", "version", LISTING_TEXT},
	{"PARENT", "parent", LISTING_TEXT},
	{"SHARED", "shared", LISTING_BOOLEAN},
	{"CURRENT", "current", LISTING_BOOLEAN},
	{"SANDBOXES", "sandboxes", LISTING_NUMBER},
	{"OWNER", "owner", LISTING_TEXT},
	{"CREATED", "created_at", LISTING_TIME}, {NULL}}};

struct wishes {
	const char *from, *user, *workdir, *recipe, *parent;
	struct option_list env;
	bool is_shared, is_own;
};

static void
print_words(const char *title, const json_t *list)
{
	size_t i;
	const json_t *word;

	json_array_foreach(list, i, word) {
		char text[TABLE_CELL_SIZE];

		plain_copy(text, sizeof text, json_string_value(word));
		printf("%-11s %s\n", i == 0 ? title : "", text);
	}
}

static void
print_size(const char *title, const json_t *template, const char *member)
{
	char size[HUMAN_SIZE];

	if (!(api_number(template, member) > 0))
		return;
	human_size(api_number(template, member), size);
	printf("%-11s %s\n", title, size);
}

static void
print_text(const char *title, const json_t *template, const char *member)
{
	char text[TABLE_CELL_SIZE];

	plain_copy(text, sizeof text, api_string(template, member));
	if (text[0] != '\0')
		printf("%-11s %s\n", title, text);
}

static int
show(const struct cli *cli, const char *name)
{
	auto_json json_t *template = NULL;
	struct err err = {0};

	if (api_call_name(cli, "GET", COLLECTION, name, "", NULL, &template,
	    &err) < 0)
		return cli_fail(&err);
	if (cli->is_json) {
		api_print(template);
		return CLI_OK;
	}
	print_text("name", template, "name");
	print_text("version", template, "version");
	print_text("parent", template, "parent");
	print_text("owner", template, "owner");
	print_text("created", template, "created_at");
	printf("%-11s %s\n", "shared",
	    api_is_true(template, "shared") ? "yes" : "no");
	print_text("user", template, "settings.user");
	print_text("workdir", template, "settings.workdir");
	print_words("entrypoint", json_object_get(json_object_get(template,
	    "settings"), "entrypoint"));
	print_words("env", json_object_get(json_object_get(template,
	    "settings"), "env"));
	print_size("memory", template, "settings.memory_bytes");
	print_size("disk", template, "settings.disk_bytes");
	return CLI_OK;
}

/* As it was, but for what a terminal would obey. */
static void
print_log(const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n"), used = 0;
		char shown[PLAIN_SIZE];

		while (used < n) {
			used += plain_first(text + used, n - used, shown);
			fputs(shown, stdout);
		}
		putchar('\n');
		text += n + (text[n] == '\n');
	}
}

static int
show_log(const struct cli *cli, const char *name)
{
	auto_json json_t *answer = NULL;
	struct err err = {0};

	if (api_call_name(cli, "GET", COLLECTION, name, "/log", NULL, &answer,
	    &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		print_log(api_string(answer, "log"));
	return CLI_OK;
}

static int
remove_all(const struct cli *cli, int n, char **names)
{
	int status = CLI_OK;

	for (int i = 0; i < n; i++) {
		struct err err = {0};

		if (api_call_name(cli, "DELETE", COLLECTION, names[i], "",
		    NULL, NULL, &err) < 0)
			status = cli_fail(&err);
	}
	return status;
}

static int
fill_body(json_t *body, const char *name, const struct wishes *wishes,
    struct err *err)
{
	int r;

	if ((r = api_add_text(body, "name", name, err)) < 0 ||
	    (r = api_add_text(body, "sandbox", wishes->from, err)) < 0 ||
	    (r = api_add_text(body, "user", wishes->user, err)) < 0 ||
	    (r = api_add_text(body, "workdir", wishes->workdir, err)) < 0)
		return r;
	if (wishes->is_shared)
		json_object_set_new(body, "shared", json_true());
	return pairs_add(body, "env", &wishes->env, true, err);
}

static int
create(const struct cli *cli, const char *name, const struct wishes *wishes)
{
	auto_json json_t *body = json_object();
	auto_json json_t *template = NULL;
	struct err err = {0};

	if (wishes->from == NULL)
		return cli_usage("template", "create: --from a sandbox");
	if (fill_body(body, name, wishes, &err) < 0)
		return cli_usage("template", "%s", err.text);
	if (api_call(cli, "POST", COLLECTION, body, &template, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(template);
	else
		puts(api_string(template, "version"));
	return CLI_OK;
}

static bool
is_word(int argc, char **argv, int n_min, int n_max, const char *word)
{
	return argc >= n_min && argc <= n_max && strcmp(argv[1], word) == 0;
}

int
run_template(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"from", 0, OPTION_TEXT, &wishes.from},
	    {"default-user", 0, OPTION_TEXT, &wishes.user},
	    {"workdir", 0, OPTION_TEXT, &wishes.workdir},
	    {"env", 'e', OPTION_LIST, &wishes.env},
	    {"shared", 0, OPTION_FLAG, &wishes.is_shared},
	    {"recipe", 0, OPTION_TEXT, &wishes.recipe},
	    {"parent", 0, OPTION_TEXT, &wishes.parent},
	    {"own", 0, OPTION_FLAG, &wishes.is_own},
	};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("template", "%s", err.text);
	if (is_word(argc, argv, 2, 2, "list"))
		return listing_show(&templates, cli);
	if (is_word(argc, argv, 3, 3, "show"))
		return show(cli, argv[2]);
	if (is_word(argc, argv, 3, 3, "log"))
		return show_log(cli, argv[2]);
	if (is_word(argc, argv, 3, argc, "rm"))
		return remove_all(cli, argc - 2, argv + 2);
	if (is_word(argc, argv, 3, 3, "create"))
		return create(cli, argv[2], &wishes);
	if (is_word(argc, argv, 3, 3, "build"))
		return template_build(cli, argv[2], wishes.recipe,
		    wishes.is_own);
	if (is_word(argc, argv, 4, 4, "import"))
		return template_import(cli, argv[2], argv[3], wishes.parent,
		    wishes.is_own);
	return cli_usage("template", "list, show NAME, log NAME, rm NAME, "
	    "create NAME --from ID, build NAME or import NAME SOURCE?");
}
