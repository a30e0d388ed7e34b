// SPDX-License-Identifier: Apache-2.0
/* sandgate top: who uses most, on a terminal again and again. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/metrics.h"
#include "cli/options.h"
#include "common/parse.h"

#define EVERY_S	   2
#define EVERY_MAX_S 3600

static volatile sig_atomic_t is_over;

static void
on_signal(int number)
{
	(void)number;
	is_over = 1;
}

static const struct order {
	const char *word, *member;
} orders[] = {{"cpu", "cpu.used"}, {"memory", "memory.used_bytes"},
    {"disk", "disk.used_bytes"}, {"processes", "processes.used"}};
#define N_ORDERS (sizeof orders / sizeof *orders)

static const char *member;

/* The most first; of as much, in the order of the API. */
static int
compare(const void *a, const void *b)
{
	const json_t *const *one = a, *const *other = b;
	const double x = api_number(*one, member);
	const double y = api_number(*other, member);

	if (x != y)
		return x < y ? 1 : -1;
	return strcmp(api_string(*one, "sandbox"),
	    api_string(*other, "sandbox"));
}

/* The caller's; NULL: out of memory. */
static json_t *
sort(const json_t *metrics)
{
	const size_t n = json_array_size(metrics);
	json_t **all = calloc(n + 1, sizeof *all), *sorted = json_array();

	for (size_t i = 0; all != NULL && i < n; i++)
		all[i] = json_array_get(metrics, i);
	if (all != NULL)
		qsort(all, n, sizeof *all, compare);
	for (size_t i = 0; all != NULL && i < n; i++)
		(void)json_array_append(sorted, all[i]);
	free(all);
	return sorted;
}

static int
show(const struct cli *cli, bool is_screen)
{
	auto_json json_t *answer = NULL;
	auto_json json_t *sorted = NULL;
	struct err err = {0};

	if (api_call(cli, "GET", "/v1/metrics", NULL, &answer, &err) < 0)
		return cli_fail(&err);
	sorted = sort(json_object_get(answer, "metrics"));
	if (cli->is_json) {
		(void)json_object_set(answer, "metrics", sorted);
		api_print(answer);
		return CLI_OK;
	}
	if (is_screen)
		fputs("\033[H\033[J", stdout);
	if (metrics_print(sorted, false, &err) < 0)
		return cli_fail(&err);
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}

int
run_top(struct cli *cli, int argc, char **argv)
{
	const char *order = orders[0].word, *every = NULL;
	bool is_once = false;
	const struct option_row rows[] = {
	    {"sort", 0, OPTION_TEXT, &order},
	    {"every", 0, OPTION_TEXT, &every},
	    {"once", 0, OPTION_FLAG, &is_once}};
	struct sigaction action = {.sa_handler = on_signal};
	uint64_t every_s = EVERY_S;
	struct err err = {0};
	int rest, status;

	argc = options_parse(cli, rows, 3, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("top", "%s", err.text);
	if (argc != 1)
		return cli_usage("top", "it takes no sandbox; `metrics` does");
	for (size_t i = 0; i < N_ORDERS; i++)
		if (strcmp(orders[i].word, order) == 0)
			member = orders[i].member;
	if (member == NULL)
		return cli_usage("top", "--sort: \"%.40s\" is not cpu, "
		    "memory, disk or processes", order);
	if (every != NULL && (parse_seconds(every, &every_s) < 0 ||
	    every_s == 0 || every_s > EVERY_MAX_S))
		return cli_usage("top", "--every: \"%.40s\" is not a time "
		    "from 1s to 1h", every);
	if (is_once || cli->is_json || cli->is_lobby || !isatty(STDOUT_FILENO))
		return show(cli, false);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	do
		status = show(cli, true);
	while (status == CLI_OK && !is_over &&
	    poll(NULL, 0, (int)every_s * 1000) == 0);
	return status;
}
