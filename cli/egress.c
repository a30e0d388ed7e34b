// SPDX-License-Identifier: Apache-2.0
/* sandgate egress: what a sandbox may reach. */
#include "cli/egress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/events.h"
#include "cli/options.h"
#include "cli/plain.h"
#include "cli/policy.h"
#include "cli/table.h"
#include "common/denial.h"
#include "common/egress.h"
#include "common/parse.h"

#define SANDBOXES "/v1/sandboxes"
#define CEILING	  "/v1/organisation/egress"
#define TOTAL	  "total of the organisation,"

/* id NULL: the organisation's ceiling. */
static int
call(struct cli *cli, const char *method, const char *id, const json_t *body,
    json_t **ret, struct err *err)
{
	if (id == NULL)
		return api_call(cli, method, CEILING, body, ret, err);
	return api_call_item(cli, method, SANDBOXES, id, "egress", body, ret,
	    err);
}

/* The strings and numbers of an array, by commas; `any` where there is none. */
static void
join(const json_t *array, const char *any, char ret[TABLE_CELL_SIZE])
{
	size_t i, used = 0;
	const json_t *item;

	snprintf(ret, TABLE_CELL_SIZE, "%s", any);
	json_array_foreach(array, i, item) {
		const char *comma = i > 0 ? "," : "";

		if (used >= TABLE_CELL_SIZE)
			return;
		if (json_is_string(item))
			used += (size_t)snprintf(ret + used,
			    TABLE_CELL_SIZE - used, "%s%s", comma,
			    json_string_value(item));
		else
			used += (size_t)snprintf(ret + used,
			    TABLE_CELL_SIZE - used, "%s%lld", comma,
			    (long long)json_integer_value(item));
	}
}

static void
print_count(const json_t *count, char packets[HUMAN_SIZE],
    char bytes[HUMAN_SIZE])
{
	snprintf(packets, HUMAN_SIZE, "%.0f", api_number(count, "packets"));
	human_size(api_number(count, "bytes"), bytes);
}

static void
add_row(struct table *table, size_t i, const json_t *rule,
    const json_t *counts)
{
	const json_t *count = json_array_get(counts, i);
	char number[HUMAN_SIZE], to[TABLE_CELL_SIZE], ports[TABLE_CELL_SIZE],
	    protocols[TABLE_CELL_SIZE], packets[HUMAN_SIZE] = "-",
	    bytes[HUMAN_SIZE] = "-";
	const char *const cells[] = {number, api_string(rule, "action"), to,
	    ports, protocols, packets, bytes, api_string(rule, "name")};

	if (count != NULL)
		print_count(count, packets, bytes);
	snprintf(number, sizeof number, "%zu", i + 1);
	join(json_object_get(rule, json_array_size(json_object_get(rule,
	    "domains")) > 0 ? "domains" : "cidrs"), "*", to);
	join(json_object_get(rule, "ports"), "*", ports);
	join(json_object_get(rule, "protocols"), "*", protocols);
	(void)table_add(table, cells);
}

/* What of a number a limit is counted in. */
static void
print_limit(const char *what, const struct egress_limit_row *row,
    double value)
{
	char size[HUMAN_SIZE];

	if (strncmp(row->unit, "bytes", 5) == 0)
		human_size(value, size);
	else
		snprintf(size, sizeof size, "%.0f", value);
	printf("%s %s: %s%s\n", what, row->word, size,
	    strncmp(row->unit, "bytes", 5) == 0 ? "/s" : row->unit[0] == 'c' ?
	    "" : "/s");
}

/* Those of a member, which are called `what`. */
static void
print_limits(const json_t *policy, const char *member, const char *what)
{
	const json_t *limits = json_object_get(policy, member);

	for (size_t i = 0; i < N_EGRESS_LIMIT; i++) {
		const struct egress_limit_row *row = &egress_limit_rows[i];
		const double value = api_number(limits, row->name);

		if (value > 0)
			print_limit(what, row, value);
	}
}

/* whose: of one that nobody has given it. */
static int
print_policy(const struct cli *cli, const json_t *policy,
    const char *whose, const json_t *counts)
{
	static const char *const header[] = {"RULE", "ACTION", "TO", "PORTS",
	    "PROTOCOLS", "PACKETS", "BYTES", "NAME"};
	char packets[HUMAN_SIZE], bytes[HUMAN_SIZE];
	const json_t *last;
	const json_t *rules = json_object_get(policy, "rules"), *rule;
	struct table *table;
	size_t i;

	if (cli->is_json) {
		api_print(policy);
		return CLI_OK;
	}
	table = table_new(header, sizeof header / sizeof *header);
	if (table != NULL && json_array_size(rules) > 0) {
		json_array_foreach(rules, i, rule)
			add_row(table, i, rule, counts);
		table_print(table, stdout);
	}
	table_free(table);
	printf("default: %s%s", api_string(policy, "default"),
	    api_is_true(policy, "own") ? "" : whose);
	last = json_array_get(counts, json_array_size(rules));
	if (last != NULL && api_is_true(policy, "own")) {
		print_count(last, packets, bytes);
		printf(", %s packets, %s", packets, bytes);
	}
	putchar('\n');
	print_limits(policy, "limits", "limit");
	print_limits(policy, "totals", TOTAL);
	return CLI_OK;
}

void
egress_print_totals(struct cli *cli)
{
	auto_json json_t *policy = NULL;
	struct err err = {0};

	if (call(cli, "GET", NULL, NULL, &policy, &err) == 0)
		print_limits(policy, "totals", TOTAL);
}

static const char *
whose_default(const char *id)
{
	return id == NULL ? " (there is no ceiling)" : " (the host's)";
}

static int
show(struct cli *cli, const char *id)
{
	auto_json json_t *policy = NULL, *counts = NULL;
	struct err err = {0};

	if (call(cli, "GET", id, NULL, &policy, &err) < 0)
		return cli_fail(&err);
	/* They may just be changing: then there are none to show. */
	if (!cli->is_json && id != NULL)
		(void)api_call_item(cli, "GET", SANDBOXES, id, "egress/counts",
		    NULL, &counts, &err);
	return print_policy(cli, policy, whose_default(id),
	    json_object_get(counts, "counts"));
}

static int
put(struct cli *cli, const char *id, const json_t *wish)
{
	auto_json json_t *policy = NULL;
	struct err err = {0};

	if (call(cli, "PUT", id, wish, &policy, &err) < 0)
		return cli_fail(&err);
	return print_policy(cli, policy, whose_default(id), NULL);
}

static int
set(struct cli *cli, const char *verb, const char *id, const char *words)
{
	struct err err = {0};
	auto_json json_t *policy = policy_read(cli, words, id == NULL,
	    &err);

	if (policy == NULL)
		return cli_usage(verb, "%s", err.text);
	return put(cli, id, policy);
}

static int
reset(struct cli *cli, const char *id)
{
	struct err err = {0};

	if (call(cli, "DELETE", id, NULL, NULL, &err) < 0)
		return cli_fail(&err);
	return CLI_OK;
}

/* What an answer has beside what a request may say. */
static void
drop_views(json_t *policy)
{
	static const char *const members[] = {"own", "mode", "allow_cidrs",
	    "deny_cidrs", "allow_ports", "totals"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		json_object_del(policy, members[i]);
}

/* The newest first, so that it decides before what was said earlier. */
static int
add_rules(struct cli *cli, const char *verb, const char *id,
    const char *action, int argc, char **argv, const char *protocol)
{
	auto_json json_t *policy = NULL;
	struct err err = {0};
	json_t *rules;

	if (call(cli, "GET", id, NULL, &policy, &err) < 0)
		return cli_fail(&err);
	drop_views(policy);
	rules = json_object_get(policy, "rules");
	for (int i = 0; i < argc; i++) {
		json_t *rule = policy_rule(argv[i], action, protocol, &err);

		if (rule == NULL)
			return cli_usage(verb, "%s", err.text);
		json_array_insert_new(rules, (size_t)i, rule);
	}
	return put(cli, id, policy);
}

/* "out=1M", into the object of limits. */
int
egress_add_limit(json_t *limits, const char *word, struct err *err)
{
	const char *value = strchr(word, '=');
	uint64_t number = 0;

	for (size_t i = 0; value != NULL && i < N_EGRESS_LIMIT; i++) {
		const struct egress_limit_row *row = &egress_limit_rows[i];
		const bool is_size = strncmp(row->unit, "bytes", 5) == 0;

		if (strlen(row->word) != (size_t)(value - word) ||
		    strncmp(row->word, word, strlen(row->word)) != 0)
			continue;
		if (strcmp(value + 1, "none") != 0 && (is_size ?
		    parse_size(value + 1, &number) :
		    parse_u64(value + 1, &number)) < 0)
			return err_set(err, EINVAL, "%s: \"%.40s\" is no "
			    "number of %s", row->word, value + 1, row->unit);
		json_object_set_new(limits, row->name,
		    json_integer((json_int_t)number));
		return 0;
	}
	return err_set(err, EINVAL, "\"%.60s\" is not out=, in=, packets=, "
	    "connects= or connections= and a number, or none", word);
}

/* Those of limits or totals that are named; the others stay. */
static int
limit(struct cli *cli, const char *verb, const char *id, const char *member,
    int argc, char **argv)
{
	auto_json json_t *policy = NULL, *wish = NULL;
	struct err err = {0};
	json_t *limits;

	if (call(cli, "GET", id, NULL, &policy, &err) < 0)
		return cli_fail(&err);
	limits = json_object_get(policy, member);
	for (int i = 0; i < argc; i++)
		if (egress_add_limit(limits, argv[i], &err) < 0)
			return cli_usage(verb, "%s", err.text);
	wish = json_pack("{s:O}", member, limits);
	return put(cli, id, wish);
}

/* Succeeds where it may be reached. */
static int
check(struct cli *cli, const char *id, const char *host, const char *port,
    const char *protocol)
{
	auto_json json_t *body = json_pack("{s:s}", "host", host);
	auto_json json_t *answer = NULL;
	struct err err = {0};
	uint64_t number;

	if (port != NULL && (parse_u64(port, &number) < 0 ||
	    number > UINT16_MAX))
		return cli_usage("egress", "port: \"%s\" is not from 0 to "
		    "65535", port);
	if (port != NULL)
		json_object_set_new(body, "port",
		    json_integer((json_int_t)number));
	if (protocol != NULL)
		json_object_set_new(body, "protocol", json_string(protocol));
	if (api_call_item(cli, "POST", SANDBOXES, id, "egress/check", body,
	    &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		printf("%s by rule %s%s%s\n",
		    api_is_true(answer, "allowed") ? "allowed" : "denied",
		    api_string(answer, "rule"),
		    *api_string(answer, "why") != '\0' ? ": " : "",
		    api_string(answer, "why"));
	return api_is_true(answer, "allowed") ? CLI_OK : CLI_FAILED;
}

/* "tcp 192.0.2.1:443 (x.org) by rule default: why" */
static void
print_denial(const json_t *denial)
{
	const char *to = api_string(denial, "destination");
	const bool is_ipv6 = strchr(to, ':') != NULL;
	char name[256], rule[256], port[HUMAN_SIZE] = "";

	plain_copy(name, sizeof name, api_string(denial, "name"));
	plain_copy(rule, sizeof rule, api_string(denial, "rule"));
	if (strcmp(api_string(denial, "protocol"), DENIAL_NAME) == 0)
		*name = '\0'; /* it is the destination */
	if (api_number(denial, "port") > 0)
		snprintf(port, sizeof port, ":%.0f",
		    api_number(denial, "port"));
	printf("%-24s %-4s %s%s%s%s%s%s%s by rule %s%s%s\n",
	    api_string(denial, "at"), api_string(denial, "protocol"),
	    is_ipv6 ? "[" : "", to, is_ipv6 ? "]" : "", port,
	    *name != '\0' ? " (" : "", name, *name != '\0' ? ")" : "", rule,
	    *api_string(denial, "why") != '\0' ? ": " : "",
	    api_string(denial, "why"));
}

static int
show_log(struct cli *cli, const struct events_wish *wish)
{
	static const struct events_log log = {"egress", "egress/log",
	    "denials", print_denial};

	return events_print(cli, &log, wish);
}

static bool
is_word(int argc, char **argv, int n_min, int n_max, const char *word)
{
	return argc >= n_min && argc <= n_max && strcmp(argv[1], word) == 0;
}

int
run_egress(struct cli *cli, int argc, char **argv)
{
	const char *protocol = NULL;
	struct events_wish wish = {0};
	const struct option_row rows[] = {
	    {"protocol", 'p', OPTION_TEXT, &protocol},
	    {"follow", 'f', OPTION_FLAG, &wish.is_following},
	    {"since", 0, OPTION_TEXT, &wish.since},
	    {"limit", 'n', OPTION_TEXT, &wish.limit},
	};
	struct err err = {0};
	int rest;

	argc = options_parse(cli, rows, 4, argc, argv, &rest, &err);
	if (argc < 0)
		return cli_usage("egress", "%s", err.text);
	if (is_word(argc, argv, 3, 3, "show"))
		return show(cli, argv[2]);
	if (is_word(argc, argv, 4, 4, "set"))
		return set(cli, "egress", argv[2], argv[3]);
	if (is_word(argc, argv, 3, 3, "reset"))
		return reset(cli, argv[2]);
	if (is_word(argc, argv, 4, argc, "allow") ||
	    is_word(argc, argv, 4, argc, "deny"))
		return add_rules(cli, "egress", argv[2], argv[1], argc - 3,
		    argv + 3, protocol);
	if (is_word(argc, argv, 4, argc, "limit"))
		return limit(cli, "egress", argv[2], "limits", argc - 3,
		    argv + 3);
	if (is_word(argc, argv, 4, 5, "check"))
		return check(cli, argv[2], argv[3], argc == 5 ? argv[4] :
		    NULL, protocol);
	if (is_word(argc, argv, 3, 3, "log")) {
		wish.id = argv[2];
		return show_log(cli, &wish);
	}
	return cli_usage("egress", "show, set, reset, allow, deny, limit, "
	    "check or log?");
}

int
egress_run_ceiling(struct cli *cli, int argc, char **argv)
{
	if (is_word(argc, argv, 2, 2, "show"))
		return show(cli, NULL);
	if (is_word(argc, argv, 3, 3, "set"))
		return set(cli, "org", NULL, argv[2]);
	if (is_word(argc, argv, 2, 2, "reset"))
		return reset(cli, NULL);
	if (is_word(argc, argv, 3, argc, "allow") ||
	    is_word(argc, argv, 3, argc, "deny"))
		return add_rules(cli, "org", NULL, argv[1], argc - 2, argv + 2,
		    NULL);
	if (is_word(argc, argv, 3, argc, "limit"))
		return limit(cli, "org", NULL, "limits", argc - 2, argv + 2);
	if (is_word(argc, argv, 3, argc, "total"))
		return limit(cli, "org", NULL, "totals", argc - 2, argv + 2);
	return cli_usage("org", "egress show, set, reset, allow, deny, limit "
	    "or total?");
}
