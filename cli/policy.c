// SPDX-License-Identifier: Apache-2.0
#include "cli/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "common/fd.h"
#include "common/parse.h"

static bool
is_ports(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789-") == strlen(text);
}

/* Where the address ends, and the ports begin, if there are any. */
static int
split(const char *text, const char **ret_address, size_t *ret_size,
    const char **ret_ports)
{
	const char *colon = strchr(text, ':'), *bracket;

	*ret_address = text;
	*ret_size = strlen(text);
	*ret_ports = NULL;
	if (*text == '[') {
		bracket = strchr(text, ']');
		if (bracket == NULL || (bracket[1] != '\0' &&
		    bracket[1] != ':'))
			return -EINVAL;
		*ret_address = text + 1;
		*ret_size = (size_t)(bracket - text - 1);
		*ret_ports = bracket[1] == ':' ? bracket + 2 : NULL;
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		*ret_size = (size_t)(colon - text);
		*ret_ports = colon + 1;
	}
	return *ret_size == 0 || (*ret_ports != NULL &&
	    !is_ports(*ret_ports)) ? -EINVAL : 0;
}

/* A single port is a number, as the API prints it. */
static json_t *
make_ports(const char *text)
{
	uint64_t port;

	return json_pack("[o]", parse_u64(text, &port) == 0 &&
	    port <= UINT16_MAX ? json_integer((json_int_t)port) :
	    json_string(text));
}

/* No address has a letter after its last dot, or begins with a star. */
static bool
is_name(const char *text, size_t size)
{
	const char *end = text + size, *last = end;

	if (memchr(text, ':', size) != NULL || memchr(text, '/', size) != NULL)
		return false;
	if (last > text && last[-1] == '.')
		end = --last;
	while (last > text && last[-1] != '.')
		last--;
	while (last < end && *last >= '0' && *last <= '9')
		last++;
	return last < end;
}

json_t *
policy_rule(const char *destination, const char *action,
    const char *protocol, struct err *err)
{
	const char *address, *ports;
	json_t *rule;
	size_t size;

	if (split(destination, &address, &size, &ports) < 0) {
		err_set(err, EINVAL, "\"%.80s\" is not NAME, ADDRESS, PREFIX "
		    "or *, with :PORT or :PORT-PORT after it; an IPv6 "
		    "address with ports is in brackets", destination);
		return NULL;
	}
	rule = json_pack("{s:s}", "action", action);
	if (size != 1 || *address != '*')
		json_object_set_new(rule, is_name(address, size) ? "domains" :
		    "cidrs", json_pack("[o]", json_stringn(address, size)));
	if (ports != NULL)
		json_object_set_new(rule, "ports", make_ports(ports));
	if (protocol != NULL)
		json_object_set_new(rule, "protocols", json_pack("[s]",
		    protocol));
	return rule;
}

/* "allow" or "deny" with what follows them; NULL: neither. */
static const char *
find_action(const char *words, const char **ret_rest)
{
	static const char *const actions[] = {"allow", "deny"};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(actions[i]);

		if (strncmp(words, actions[i], n) == 0 &&
		    (words[n] == '\0' || words[n] == ':')) {
			*ret_rest = words[n] == ':' ? words + n + 1 : NULL;
			return actions[i];
		}
	}
	return NULL;
}

static json_t *
make_rules(const char *destinations, const char *action, struct err *err)
{
	auto_free char *copy = strdup(destinations);
	json_t *rules = json_array();
	char *rest = copy, *destination;

	while ((destination = strsep(&rest, ",")) != NULL) {
		json_t *rule = policy_rule(destination, action, NULL, err);

		if (rule == NULL) {
			json_decref(rules);
			return NULL;
		}
		json_array_append_new(rules, rule);
	}
	return rules;
}

/* With destinations, what is said of them is not the default. */
static json_t *
make_policy(const char *action, const char *destinations, struct err *err)
{
	const bool is_allow = strcmp(action, "allow") == 0;
	json_t *rules;

	if (destinations == NULL)
		return json_pack("{s:s, s:[]}", "default", action, "rules");
	rules = make_rules(destinations, action, err);
	if (rules == NULL)
		return NULL;
	return json_pack("{s:s, s:o}", "default", is_allow ? "deny" : "allow",
	    "rules", rules);
}

static json_t *
load(const char *path, struct err *err)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	json_error_t problem;
	json_t *policy;

	if (file == NULL) {
		err_errno(err, "%s", path);
		return NULL;
	}
	policy = json_loadf(file, JSON_REJECT_DUPLICATES, &problem);
	if (file != stdin)
		fclose(file);
	if (policy == NULL)
		err_set(err, EINVAL, "%s: line %d: %.120s", path,
		    problem.line, problem.text);
	return policy;
}

/* As the API shows one it says whose it is, the same in other words, and what
 * of a sandbox's is its organisation's. */
static void
drop_shown(json_t *policy, bool is_ceiling)
{
	static const char *const members[] = {"own", "mode", "allow_cidrs",
	    "deny_cidrs", "allow_ports"};

	if (json_object_get(policy, "own") == NULL)
		return;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		json_object_del(policy, members[i]);
	if (!is_ceiling)
		json_object_del(policy, "totals");
}

json_t *
policy_read(const struct cli *cli, const char *words, bool is_ceiling,
    struct err *err)
{
	const char *rest, *action = find_action(words, &rest);
	json_t *policy;

	if (action != NULL)
		return make_policy(action, rest, err);
	if (cli->is_lobby && strcmp(words, "-") != 0) {
		err_set(err, EINVAL, "%s: there are no files here; give it on "
		    "standard input: -", words);
		return NULL;
	}
	policy = load(words, err);
	if (policy != NULL)
		drop_shown(policy, is_ceiling);
	return policy;
}
