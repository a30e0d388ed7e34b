// SPDX-License-Identifier: Apache-2.0
/* sandgate events: what befell sandboxes, and what befalls them. */
#include "cli/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/parse.h"
#include "common/timestamp.h"

#define PATH_SIZE  1024
#define SINCE_SIZE 64
#define PAGE	   128 /* of the API's, at most */
#define FORMAT	   "%-24s %-16s %-12s %s%s%s\n"
#define AGAIN_S	   1 /* after a stream was cut */
#define TRIES_MAX  60 /* until there is one again */
#define ABSENT_MAX 5  /* of those: there was no API at all */

struct asked {
	const struct cli *cli;
	const struct events_log *log;
	const char *id, *kinds;
	char since[SINCE_SIZE]; /* an event's id, or a time; "" = the newest */
	uint64_t limit, seen;
	bool is_following;
};

/* As it is told elsewhere: with no bytes that a terminal acts on. */
static void
print_event(const json_t *event)
{
	char actor[1024], cause[2048];

	plain_copy(actor, sizeof actor, api_string(event, "actor"));
	plain_copy(cause, sizeof cause, api_string(event, "cause"));
	printf(FORMAT, api_string(event, "at"), api_string(event, "sandbox"),
	    api_string(event, "kind"), actor, *cause != '\0' ? ": " : "",
	    cause);
}

static void
take_event(struct asked *asked, const json_t *event)
{
	snprintf(asked->since, sizeof asked->since, "%.0f",
	    api_number(event, "id"));
	asked->seen++;
	if (!asked->cli->is_json) {
		asked->log->print(event);
	} else {
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	}
}

static bool
take_line(void *arg, const json_t *line)
{
	take_event(arg, line);
	fflush(stdout);
	return true;
}

static int
make_path(const struct asked *asked, char path[PATH_SIZE], struct err *err)
{
	uint64_t left = asked->limit - asked->seen;
	char limit[48] = "";

	if (left > PAGE)
		left = PAGE;
	if (!asked->is_following || asked->seen == 0)
		snprintf(limit, sizeof limit, "&limit=%llu",
		    (unsigned long long)left);
	if (snprintf(path, PATH_SIZE, "/v1/%s%s%s%s?%s%s&kind=%s%s%s",
	    *asked->id != '\0' ? "sandboxes/" : "", asked->id,
	    *asked->id != '\0' ? "/" : "", asked->log->path,
	    asked->since[0] != '\0' ? "since=" : "", asked->since,
	    asked->kinds, limit, asked->is_following ? "&follow=1" : "") >=
	    PATH_SIZE)
		return err_set(err, EINVAL, "--kind: too long");
	return 0;
}

/* 1 where there is more. */
static int
show_page(struct asked *asked, struct err *err)
{
	auto_json json_t *page = NULL;
	char path[PATH_SIZE];
	const json_t *event;
	size_t i;
	int r = make_path(asked, path, err);

	if (r == 0)
		r = api_call(asked->cli, "GET", path, NULL, &page, err);
	if (r < 0)
		return r;
	json_array_foreach(json_object_get(page, asked->log->member), i, event)
		take_event(asked, event);
	return api_is_true(page, "more");
}

/* The newest are one page; those since something come until there are none. */
static int
show(struct asked *asked, struct err *err)
{
	const bool is_newest = asked->since[0] == '\0';
	int r;

	do
		r = show_page(asked, err);
	while (r > 0 && !is_newest && asked->seen < asked->limit);
	return r;
}

/* Whether it is of one sandbox, of which there is nothing more to come. */
static bool
is_over(const struct asked *asked)
{
	auto_json json_t *sandbox = NULL;
	struct err err = {0};
	char path[PATH_SIZE];
	int r;

	if (*asked->id == '\0')
		return false;
	snprintf(path, sizeof path, "/v1/sandboxes/%s", asked->id);
	r = api_call(asked->cli, "GET", path, NULL, &sandbox, &err);
	return r == -ENOENT || (r == 0 &&
	    strcmp(api_string(sandbox, "state"), "destroyed") == 0);
}

/* A stream ends when the gateway is restarted or its hour is over: it goes on
 * behind the last event. One that never began is at an end. */
static int
follow(struct asked *asked, struct err *err)
{
	char path[PATH_SIZE];
	unsigned n_tries = 0, n_absent = 0;
	bool has_begun = false;
	int r;

	for (;;) {
		const uint64_t before = asked->seen;

		r = make_path(asked, path, err);
		if (r == 0)
			r = api_follow(asked->cli, path, take_line, asked,
			    err);
		if (r == 0 && is_over(asked))
			return 0;
		has_begun |= r == 0 || r == -ECONNABORTED;
		n_tries = r == 0 || asked->seen > before ? 0 : n_tries + 1;
		n_absent = r == -ENOTCONN && n_tries > 0 ? n_absent + 1 : 0;
		if (r < 0 && (!has_begun || r == -ENOENT ||
		    r == -EPIPE || n_tries == TRIES_MAX ||
		    n_absent == ABSENT_MAX))
			return r;
		sleep(AGAIN_S);
	}
}

/* A number is an id, "10m" so long ago, and anything else a time. */
static int
read_since(const char *text, char ret[SINCE_SIZE], struct err *err)
{
	char time[TIMESTAMP_SIZE];
	uint64_t n, unix_ms;

	if (parse_u64(text, &n) == 0 || timestamp_parse(text, &unix_ms) == 0) {
		snprintf(ret, SINCE_SIZE, "%s", text);
		return 0;
	}
	if (parse_seconds(text, &n) < 0)
		return err_set(err, EINVAL, "--since: \"%.40s\" is no event's "
		    "id, no time such as 2026-01-31T23:59:59Z and no age such "
		    "as 10m", text);
	timestamp_format(clock_unix_ms() - n * 1000, time);
	snprintf(ret, SINCE_SIZE, "%s", time);
	return 0;
}

static int
read_limit(const char *text, bool has_since, uint64_t *ret, struct err *err)
{
	*ret = has_since ? UINT64_MAX : 100;
	if (text == NULL)
		return 0;
	if (parse_u64(text, ret) < 0 || *ret == 0 ||
	    (!has_since && *ret > PAGE))
		return err_set(err, EINVAL, "--limit: must be from 1%s",
		    has_since ? " on" : " to 128, unless --since is given");
	return 0;
}

/* What would end the query, or begin another member of it. */
static int
check_kinds(const char *kinds, struct err *err)
{
	if (kinds[strspn(kinds, "abcdefghijklmnopqrstuvwxyz,")] != '\0')
		return err_set(err, EINVAL,
		    "--kind: \"%.40s\" is not names, by commas", kinds);
	return 0;
}

int
events_print(struct cli *cli, const struct events_log *log,
    const struct events_wish *wish)
{
	const bool has_since = wish->since != NULL;
	struct asked asked = {.cli = cli, .log = log,
	    .id = wish->id != NULL ? wish->id : "",
	    .kinds = wish->kinds != NULL ? wish->kinds : "",
	    .is_following = wish->is_following};
	struct err err = {0};

	if ((has_since && read_since(wish->since, asked.since, &err) < 0) ||
	    read_limit(wish->limit, has_since, &asked.limit, &err) < 0 ||
	    check_kinds(asked.kinds, &err) < 0)
		return cli_usage(log->verb, "%s", err.text);
	if (wish->id != NULL && !sandbox_id_is_valid(wish->id) &&
	    !name_is_valid(wish->id))
		return cli_usage(log->verb, "\"%.40s\" is neither an id nor a "
		    "name", wish->id);
	if ((asked.is_following ? follow(&asked, &err) :
	    show(&asked, &err)) < 0)
		return cli_fail(&err);
	return CLI_OK;
}

int
run_events(struct cli *cli, int argc, char **argv)
{
	static const struct events_log log = {"events", "events", "events",
	    print_event};
	struct events_wish wish = {0};
	const struct option_row rows[] = {
	    {"follow", 'f', OPTION_FLAG, &wish.is_following},
	    {"since", 0, OPTION_TEXT, &wish.since},
	    {"limit", 'n', OPTION_TEXT, &wish.limit},
	    {"kind", 'k', OPTION_TEXT, &wish.kinds},
	};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 4, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("events", "%s", err.text);
	if (argc > 2)
		return cli_usage("events", "name one sandbox, or none");
	wish.id = argc == 2 ? argv[1] : NULL;
	return events_print(cli, &log, &wish);
}
