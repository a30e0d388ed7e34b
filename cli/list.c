// SPDX-License-Identifier: Apache-2.0
/* sandgate list and get: what sandboxes there are, and have been. */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "common/clock.h"

static const struct listing sandboxes = {"/v1/sandboxes", "sandboxes",
    {{"ID", "id", LISTING_TEXT}, {"NAME", "name", LISTING_TEXT},
	{"STATUS", "state", LISTING_TEXT},
	{"OWNER", "owner", LISTING_TEXT},
	{"TEMPLATE", "template", LISTING_TEXT},
	{"MEMORY", "limits.memory_bytes", LISTING_BYTES},
	{"ADDRESS", "address", LISTING_TEXT},
	{"CREATED", "created_at", LISTING_TIME}, {NULL}}};

static const struct listing destroyed = {"/v1/sandboxes",
    "sandboxes",
    {{"ID", "id", LISTING_TEXT}, {"NAME", "name", LISTING_TEXT},
	{"TEMPLATE", "template", LISTING_TEXT},
	{"CREATED", "created_at", LISTING_TIME},
	{"ENDED", "ended_at", LISTING_TIME},
	{"CAUSE", "cause", LISTING_TEXT}, {NULL}}};

#define PATH_SIZE     8192
#define METADATA_SIZE 4096
#define PAIR_SIZE     4096 /* of either, as it is shown */

/* Which are wished; NULL and 0: any. */
struct wishes {
	bool is_destroyed;
	const char *status, *template_name, *name, *limit, *after;
	struct option_list metadata;
};

/* "a=b&c=d", as forms have it. */
static int
join_metadata(const struct option_list *list, char text[METADATA_SIZE],
    struct err *err)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		const char *item = list->items[i];
		const size_t n = strcspn(item, "=");
		char *name = curl_easy_escape(NULL, item, (int)n);
		char *value = curl_easy_escape(NULL, item + n +
		    (item[n] == '='), 0);

		if (name != NULL && value != NULL)
			used += (size_t)snprintf(text + used,
			    METADATA_SIZE - used, "%s%s=%s", i > 0 ? "&" : "",
			    name, value);
		curl_free(name);
		curl_free(value);
		if (n == 0 || item[n] != '=')
			return err_set(err, EINVAL, "--metadata: \"%.60s\" is "
			    "not NAME=VALUE", item);
		if (used >= METADATA_SIZE)
			return err_set(err, EINVAL, "--metadata: too long");
	}
	return 0;
}

static int
add_query(const struct wishes *wishes, char path[PATH_SIZE], struct err *err)
{
	char metadata[METADATA_SIZE];
	int r;

	if ((r = join_metadata(&wishes->metadata, metadata, err)) < 0 ||
	    (r = api_add_query(path, PATH_SIZE, "metadata",
	    wishes->metadata.n > 0 ? metadata : NULL, err)) < 0 ||
	    (r = api_add_query(path, PATH_SIZE, "destroyed",
	    wishes->is_destroyed ? "1" : NULL, err)) < 0 ||
	    (r = api_add_query(path, PATH_SIZE, "status", wishes->status,
	    err)) < 0 ||
	    (r = api_add_query(path, PATH_SIZE, "template",
	    wishes->template_name, err)) < 0 ||
	    (r = api_add_query(path, PATH_SIZE, "name", wishes->name,
	    err)) < 0 ||
	    (r = api_add_query(path, PATH_SIZE, "limit", wishes->limit,
	    err)) < 0)
		return r;
	return api_add_query(path, PATH_SIZE, "after", wishes->after, err);
}

int
run_list(struct cli *cli, int argc, char **argv)
{
	struct wishes wishes = {0};
	const struct option_row rows[] = {
	    {"destroyed", 0, OPTION_FLAG, &wishes.is_destroyed},
	    {"status", 0, OPTION_TEXT, &wishes.status},
	    {"template", 't', OPTION_TEXT, &wishes.template_name},
	    {"name", 'n', OPTION_TEXT, &wishes.name},
	    {"metadata", 0, OPTION_LIST, &wishes.metadata},
	    {"label", 0, OPTION_LIST, &wishes.metadata},
	    {"limit", 0, OPTION_TEXT, &wishes.limit},
	    {"after", 0, OPTION_TEXT, &wishes.after},
	};
	char path[PATH_SIZE];
	struct listing listing;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, sizeof rows / sizeof *rows, argc, argv,
	    &rest, &err);
	if (argc < 0)
		return cli_usage("list", "%s", err.text);
	if (argc != 1)
		return cli_usage("list", "no such argument: %s", argv[1]);
	listing = wishes.is_destroyed ? destroyed : sandboxes;
	snprintf(path, sizeof path, "%s", listing.path);
	if (add_query(&wishes, path, &err) < 0)
		return cli_usage("list", "%s", err.text);
	listing.path = path;
	return listing_show(&listing, cli);
}

/* A line each of what it does by itself, and when it was last used. */
static void
print_lifetime(const json_t *sandbox)
{
	char time[HUMAN_SIZE];
	uint64_t now_ms = clock_unix_ms();

	if (*api_string(sandbox, "expires_at") != '\0') {
		human_time(api_string(sandbox, "expires_at"), now_ms, time);
		printf("expires   %s (%s)\n", time,
		    api_string(sandbox, "on_expiry"));
	}
	if (*api_string(sandbox, "hard_expires_at") != '\0') {
		human_time(api_string(sandbox, "hard_expires_at"), now_ms,
		    time);
		printf("cleaned   %s\n", time);
	}
	if (api_number(sandbox, "idle_timeout") > 0)
		printf("suspended after %.0f s without use\n",
		    api_number(sandbox, "idle_timeout"));
	if (*api_string(sandbox, "last_activity.at") != '\0') {
		human_time(api_string(sandbox, "last_activity.at"), now_ms,
		    time);
		printf("used      %s (%s)\n", time,
		    api_string(sandbox, "last_activity.kind"));
	}
}

/* What it is, and where that differs, what it is to become. */
static void
print_power(const json_t *sandbox)
{
	const char *desired = api_string(sandbox, "power_state.desired");
	const char *observed = api_string(sandbox, "power_state.observed");
	const char *phase = api_string(sandbox, "power_state.phase");
	double generation = api_number(sandbox,
	    "power_state.desired_generation");
	double come_to = api_number(sandbox,
	    "power_state.observed_generation");

	printf("power     %s", observed);
	if (strcmp(desired, observed) != 0)
		printf(", to be %s", desired);
	printf(", %s, generation %.0f", phase, generation);
	if (come_to != generation)
		printf(", of which it has come to %.0f", come_to);
	putchar('\n');
}

static void
print_egress(const json_t *sandbox)
{
	const double n = api_number(sandbox, "egress.rules");

	printf("egress    %s", api_string(sandbox, "egress.default"));
	if (!api_is_true(sandbox, "egress.own"))
		puts(", the host's default");
	else if (n == 0)
		puts(", its own");
	else
		printf(", but for %.0f rule%s of its own\n", n,
		    n == 1 ? "" : "s");
}

/* The names alone: what they say may be secret. Who may not start processes
 * there is not told of them. */
static void
print_environment(const struct cli *cli, const char *id)
{
	auto_json json_t *reply = NULL;
	struct err err = {0};
	const char *name;
	const json_t *value;
	bool is_first = true;

	if (api_call_item(cli, "GET", "/v1/sandboxes", id, "env", NULL,
	    &reply, &err) < 0)
		return;
	json_object_foreach(json_object_get(reply, "env"), name, value) {
		printf("%s%s", is_first ? "env       " : ", ", name);
		is_first = false;
	}
	if (!is_first)
		putchar('\n');
}

static void
print_pair(const char *name, const char *value)
{
	char shown[2][PAIR_SIZE];

	plain_copy(shown[0], PAIR_SIZE, name);
	plain_copy(shown[1], PAIR_SIZE, value);
	printf("metadata  %s=%s\n", shown[0], shown[1]);
}

static void
print_metadata(const json_t *sandbox)
{
	const json_t *value;
	const char *name;

	json_object_foreach(json_object_get(sandbox, "metadata"), name, value)
		print_pair(name, json_string_value(value));
}

static void
print_sandbox(const struct cli *cli, const json_t *sandbox)
{
	const bool is_destroyed =
	    strcmp(api_string(sandbox, "state"), "destroyed") == 0;
	char memory[HUMAN_SIZE], disk[HUMAN_SIZE], created[HUMAN_SIZE];

	human_size(api_number(sandbox, "limits.memory_bytes"), memory);
	human_size(api_number(sandbox, "limits.disk_bytes"), disk);
	human_time(api_string(sandbox, "created_at"), clock_unix_ms(),
	    created);
	printf("id        %s\n", api_string(sandbox, "id"));
	printf("name      %s\n", api_string(sandbox, "name"));
	printf("status    %s\n", api_string(sandbox, "state"));
	printf("owner     %s%s\n", api_string(sandbox, "owner"),
	    api_is_true(sandbox, "private") ? ", private" : "");
	if (*api_string(sandbox, "status_reason") != '\0')
		printf("because   %s\n",
		    api_string(sandbox, "status_reason"));
	printf("template  %s\n", api_string(sandbox, "template"));
	if (*api_string(sandbox, "forked_from") != '\0')
		printf("forked    from %s\n",
		    api_string(sandbox, "forked_from"));
	printf("created   %s (%s)\n", api_string(sandbox, "created_at"),
	    created);
	if (*api_string(sandbox, "cause") != '\0')
		printf("ended     %s, %s\n", api_string(sandbox, "ended_at"),
		    api_string(sandbox, "cause"));
	printf("limits    memory %s, disk %s, %.0f processes, %g CPUs\n",
	    memory, disk, api_number(sandbox, "limits.pids"),
	    api_number(sandbox, "limits.cpu"));
	print_metadata(sandbox);
	if (is_destroyed)
		return;
	print_power(sandbox);
	if (api_is_true(sandbox, "nesting"))
		puts("nesting   yes");
	if (*api_string(sandbox, "disks") != '\0')
		printf("disks     %s\n", api_string(sandbox, "disks"));
	print_environment(cli, api_string(sandbox, "id"));
	print_egress(sandbox);
	printf("address   %s\n", api_string(sandbox, "address"));
	printf("oom kills %.0f\n", api_number(sandbox, "oom_kills"));
	if (api_is_true(sandbox, "ephemeral"))
		puts("ephemeral yes");
	print_lifetime(sandbox);
	if (!api_is_true(sandbox, "auto_resume"))
		puts("resumed   by hand alone");
	printf("ssh       ssh -p %.0f %s@%s\n",
	    api_number(sandbox, "ssh.port"),
	    api_string(sandbox, "ssh.username"),
	    api_string(sandbox, "ssh.host"));
}

int
run_get(struct cli *cli, int argc, char **argv)
{
	auto_json json_t *sandbox = NULL;
	struct err err = {0};
	int rest;

	argc = options_parse(cli, NULL, 0, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("get", "%s", err.text);
	if (argc != 2)
		return cli_usage("get", "name one sandbox");
	if (api_call_item(cli, "GET", "/v1/sandboxes", argv[1], NULL, NULL,
	    &sandbox, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(sandbox);
	else
		print_sandbox(cli, sandbox);
	return CLI_OK;
}
