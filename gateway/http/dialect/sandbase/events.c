// SPDX-License-Identifier: Apache-2.0
/* Events of a session: what is said to its agent, and what that answers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/dialect/sandbase/turn.h"
#include "gateway/http/runner/runner.h"

#define CONTENT_MAX	131072
#define ANSWER_TIMEOUT_MS ((uint64_t)3600 * 1000)
#define STATUS_NO_RUNNER  127 /* of runner/turns.sh */

struct event_wish {
	uint32_t type, role;
	const char *content;
};
static const char *const types[] = {"message", NULL};
static const char *const roles[] = {"user", NULL};
#define WISH(field) offsetof(struct event_wish, field)
static const struct field wish_fields[] = {
    {"type", FIELD_U32, WISH(type), .text = "what it is", .words = types},
    {"role", FIELD_U32, WISH(role), .text = "whose it is", .words = roles},
    {"content", FIELD_TEXT, WISH(content), 1, CONTENT_MAX,
	"what is said to the agent", "a text"},
};
FIELD_TABLE(sandbase_event_wish, struct event_wish, wish_fields);

/* sh -c SCRIPT sh VERB [AFTER], packed; false: the exchange has been failed. */
static bool
make_argv(struct exchange *exchange, const char *verb, const char *after,
    struct start_wish *ret, char **ret_room)
{
	const char *const words[] = {"/bin/sh", "-c", runner_turns, "sh", verb,
	    after};
	const size_t n = after != NULL ? 6 : 5;
	const struct err err = {ENOMEM, "out of memory"};
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < n; i++)
		size += strlen(words[i]) + 1;
	at = *ret_room = malloc(size);
	if (at == NULL) {
		exchange_fail_err(exchange, &err);
		return false;
	}
	*ret = (struct start_wish){.argv = {at, (uint32_t)size, (uint32_t)n},
	    .timeout_ms = ANSWER_TIMEOUT_MS};
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, words[i]) + 1;
	return true;
}

static bool
read_say(struct exchange *exchange, struct start_wish *ret, char **ret_room)
{
	return make_argv(exchange, "say", NULL, ret, ret_room);
}

static const char *
say_input(struct exchange *exchange)
{
	return ((const struct event_wish *)exchange_input(exchange))->content;
}

static bool
read_list(struct exchange *exchange, struct start_wish *ret, char **ret_room)
{
	const char *after = exchange_query(exchange, "after");
	struct failure failure;
	uint64_t number;

	if (*after != '\0' && parse_u64(after, &number) < 0) {
		failure_of_field(&failure, "after", "must be the number of a "
		    "turn, as next has it");
		exchange_fail(exchange, &failure);
		return false;
	}
	return make_argv(exchange, "list", *after != '\0' ? after : "0", ret,
	    ret_room);
}

/* All events of what the script wrote; NULL: the exchange has been failed. */
static json_t *
read_events(struct exchange *exchange, const char *out, struct turn *ret_last,
    bool *ret_has_more)
{
	char *text = strdup(out), *at = text;
	const char *id = exchange_param(exchange, "id");
	char session[SANDBOX_ID_SIZE];
	json_t *list = json_array();
	struct err err;
	int r = text == NULL ? -ENOMEM : 1;

	sandbox_id_spell(id, session);
	while (r > 0 && (r = turn_next(&at, ret_last, ret_has_more)) > 0)
		if ((r = turn_events(ret_last, session, list)) == 0)
			r = 1;
	free(text);
	if (r == 0)
		return list;
	json_decref(list);
	err_set(&err, -r, r == -ENOMEM ? "out of memory" :
	    "what the session keeps of its events is not ours");
	exchange_fail_err(exchange, &err);
	return NULL;
}

/* Whether the script did its part; false: the exchange has been failed. */
static bool
check(struct exchange *exchange, const struct exec_result *result)
{
	struct failure failure;

	if (result->is_timed_out)
		failure_set(&failure, 502, "deadline_exceeded", NULL,
		    "the agent did not answer within an hour");
	else if (result->exit_code == STATUS_NO_RUNNER)
		failure_set(&failure, 409, "conflict", NULL, "the session's "
		    "template has no program sandgate-agent");
	else if (result->exit_code != 0)
		failure_set(&failure, 502, "failed", NULL, "the session keeps "
		    "no events: %.160s", result->err);
	else
		return true;
	exchange_fail(exchange, &failure);
	return false;
}

/* The last that is not the client's own. */
static void
reply_said(struct exchange *exchange, const struct exec_result *result)
{
	struct turn turn = {0};
	struct failure failure;
	json_t *list, *answer;
	bool has_more;
	size_t n;

	if (!check(exchange, result) || (list = read_events(exchange,
	    result->out, &turn, &has_more)) == NULL)
		return;
	n = json_array_size(list);
	answer = json_array_get(list, n - 1);
	if (n < 2) {
		failure_set(&failure, 502, "failed", NULL,
		    "the agent answered nothing");
		exchange_fail(exchange, &failure);
	} else if (turn.exit_code != 0) {
		failure_set(&failure, 502, "failed", NULL,
		    "the agent ended with %u: %.160s", turn.exit_code,
		    json_string_value(json_object_get(answer, "message")));
		exchange_fail(exchange, &failure);
	} else {
		answer = json_copy(answer);
		(void)json_object_set(answer, "events", list);
		(void)json_object_set_new(answer, "answer_bytes",
		    json_integer((json_int_t)turn.answer_bytes));
		exchange_reply(exchange, 200, answer);
	}
	json_decref(list);
}

static void
reply_list(struct exchange *exchange, const struct exec_result *result)
{
	struct turn turn = {0};
	json_t *list;
	bool has_more = false;

	if (check(exchange, result) && (list = read_events(exchange,
	    result->out, &turn, &has_more)) != NULL)
		exchange_reply(exchange, 200, json_pack("{s:o, s:o}", "events",
		    list, "next", has_more ? json_integer(
		    (json_int_t)turn.number) : json_null()));
}

const struct exec_kind sandbase_say = {.read = read_say, .input = say_input,
    .reply = reply_said};
const struct exec_kind sandbase_events = {.read = read_list,
    .reply = reply_list};
