// SPDX-License-Identifier: Apache-2.0
/* GET /v2/sandboxes: those that a query asks for, by their age, in pages. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "common/json_load.h"
#include "common/parse.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/states.h"

#define LIMIT_MAX     1000
#define LIMIT_DEFAULT 100
#define PAIRS_MAX     16
#define METADATA_SIZE 4096

/* Where a page ends: a time and, of those of that time, an id. */
struct place {
	uint64_t created_ms;
	char id[SANDBOX_ID_SIZE];
};

struct row {
	struct place place;
	json_t *object;
};

struct pair {
	const char *name, *value;
};

struct listing {
	struct exchange *exchange;
	bool wants_running, wants_paused, is_oldest_first;
	const char *template_name, *status; /* "" = any */
	uint64_t started_after_ms;
	char pairs_text[METADATA_SIZE];
	struct pair pairs[PAIRS_MAX];
	size_t n_pairs;
	bool has_after;
	struct place after;
	size_t limit, n; /* of rows */
	struct row rows[LIMIT_MAX + 1];
};

/* What is a query in a query: decoded once already. */
static const char *
decode(char *text)
{
	for (char *p = text; (p = strchr(p, '+')) != NULL; p++)
		*p = ' ';
	(void)MHD_http_unescape(text);
	(void)MHD_http_unescape(text);
	return text;
}

static int
read_pairs(struct listing *listing, const char *query, struct err *err)
{
	char *rest = listing->pairs_text, *text, *value;
	int n = snprintf(rest, METADATA_SIZE, "%s", query);

	if (n >= METADATA_SIZE)
		return err_set(err, EINVAL, "metadata: longer than %d bytes",
		    METADATA_SIZE - 1);
	while ((text = strsep(&rest, "&")) != NULL) {
		if (*text == '\0')
			continue;
		value = strchr(text, '=');
		if (value == NULL || listing->n_pairs == PAIRS_MAX)
			return err_set(err, EINVAL, "metadata: must be at "
			    "most %d of NAME=VALUE, joined by &", PAIRS_MAX);
		*value++ = '\0';
		listing->pairs[listing->n_pairs++] = (struct pair){
		    decode(text), decode(value)};
	}
	return 0;
}

static int
read_states(struct listing *listing, const char *query, struct err *err)
{
	char text[64], *rest = text, *word;

	snprintf(text, sizeof text, "%s", query);
	listing->wants_running = listing->wants_paused = *query == '\0';
	while (*query != '\0' && (word = strsep(&rest, ",")) != NULL) {
		if (strcmp(word, "running") == 0)
			listing->wants_running = true;
		else if (strcmp(word, "paused") == 0)
			listing->wants_paused = true;
		else
			return err_set(err, EINVAL,
			    "state: must be running, paused, or both");
	}
	return 0;
}

static int
read_limit(struct listing *listing, const char *query, struct err *err)
{
	uint64_t limit = LIMIT_DEFAULT;

	if (*query != '\0' && (parse_u64(query, &limit) < 0 || limit < 1 ||
	    limit > LIMIT_MAX))
		return err_set(err, EINVAL, "limit: must be from 1 to %d",
		    LIMIT_MAX);
	listing->limit = (size_t)limit;
	return 0;
}

/* As put_next writes it. */
static int
read_after(struct listing *listing, const char *query, struct err *err)
{
	char digits[21];
	size_t n = strcspn(query, ".");

	listing->has_after = *query != '\0';
	if (!listing->has_after)
		return 0;
	if (query[n] == '.' && n < sizeof digits) {
		memcpy(digits, query, n);
		digits[n] = '\0';
		if (parse_u64(digits, &listing->after.created_ms) == 0 &&
		    sandbox_id_is_valid(query + n + 1)) {
			strcpy(listing->after.id, query + n + 1);
			return 0;
		}
	}
	return err_set(err, EINVAL,
	    "nextToken: must be the x-next-token of a page");
}

static int
read_query(struct listing *listing, struct err *err)
{
	const struct exchange *exchange = listing->exchange;
	const char *after = exchange_query(exchange, "startedAfter");
	const char *order = exchange_query(exchange, "order");
	int r = read_states(listing, exchange_query(exchange, "state"), err);

	listing->status = exchange_query(exchange, "status");
	if (r == 0 && *listing->status != '\0' &&
	    !state_word_is_known(STATE_WORDS_SANDBASE, listing->status))
		r = err_set(err, EINVAL, "status: invalid status filter: "
		    "%.32s; must be creating, running, paused, stopped or "
		    "error", listing->status);
	listing->template_name = exchange_query(exchange, "template");
	listing->is_oldest_first = strcmp(order, "asc") == 0;
	if (r == 0 && *order != '\0' && !listing->is_oldest_first &&
	    strcmp(order, "desc") != 0)
		r = err_set(err, EINVAL, "order: must be asc or desc");
	if (r == 0 && *after != '\0' &&
	    timestamp_parse(after, &listing->started_after_ms) < 0)
		r = err_set(err, EINVAL, "startedAfter: must be a time, such "
		    "as 2026-01-31T23:59:59.123Z");
	if (r == 0)
		r = read_limit(listing, exchange_query(exchange, "limit"),
		    err);
	if (r == 0)
		r = read_after(listing, exchange_query(exchange, "nextToken"),
		    err);
	return r < 0 ? r : read_pairs(listing,
	    exchange_query(exchange, "metadata"), err);
}

/* < 0 where a comes before b. */
static int
compare(const struct listing *listing, const struct place *a,
    const struct place *b)
{
	int r = a->created_ms < b->created_ms ? -1 :
	    a->created_ms > b->created_ms ? 1 : strcmp(a->id, b->id);

	return listing->is_oldest_first ? r : -r;
}

static bool
has_pairs(const struct listing *listing, const char *text)
{
	json_t *map = listing->n_pairs > 0 ? json_load_whole(text,
	    strlen(text), 0, NULL) : NULL;
	bool has = true;

	for (size_t i = 0; has && i < listing->n_pairs; i++) {
		const char *value = json_string_value(json_object_get(map,
		    listing->pairs[i].name));

		has = value != NULL &&
		    strcmp(value, listing->pairs[i].value) == 0;
	}
	json_decref(map);
	return has;
}

static bool
is_wanted(const struct listing *listing, const struct rpc_sandbox_info *info)
{
	const char *word = state_word(STATE_WORDS_SANDBASE, info->state);

	if (listing->status[0] != '\0' && (word == NULL ||
	    strcmp(word, listing->status) != 0))
		return false;
	return e2b_is_told(info) && (e2b_is_running(info) ?
	    listing->wants_running : listing->wants_paused) &&
	    info->created_ms >= listing->started_after_ms &&
	    (listing->template_name[0] == '\0' || strcmp(info->template_name,
		listing->template_name) == 0) &&
	    has_pairs(listing, info->metadata);
}

/* Keeps the first limit + 1 behind `after`, in order. */
static int
add(void *arg, const struct sandboxes_view *sandbox)
{
	const struct rpc_sandbox_info *info = &sandbox->info;
	struct listing *listing = arg;
	struct row row = {.place = {.created_ms = info->created_ms}};
	size_t at = listing->n;

	snprintf(row.place.id, sizeof row.place.id, "%s", info->id);
	if (!is_wanted(listing, info) || (listing->has_after &&
	    compare(listing, &row.place, &listing->after) <= 0))
		return 0;
	while (at > 0 && compare(listing, &row.place,
	    &listing->rows[at - 1].place) < 0)
		at--;
	if (at > listing->limit)
		return 0;
	row.object = e2b_sandbox(sandbox);
	if (row.object == NULL)
		return -ENOMEM;
	if (listing->n > listing->limit)
		json_decref(listing->rows[--listing->n].object);
	memmove(&listing->rows[at + 1], &listing->rows[at],
	    (listing->n - at) * sizeof row);
	listing->rows[at] = row;
	listing->n++;
	return 0;
}

static void
drop_rows(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++)
		json_decref(listing->rows[i].object);
	listing->n = 0;
}

static void
reply(struct listing *listing)
{
	struct exchange *exchange = listing->exchange;
	json_t *list = json_array();

	for (size_t i = 0; i < listing->n && i < listing->limit; i++)
		(void)json_array_append(list, listing->rows[i].object);
	if (listing->n > listing->limit) {
		const struct place *last =
		    &listing->rows[listing->limit - 1].place;

		exchange_add_header(exchange, "x-next-token", "%llu.%s",
		    (unsigned long long)last->created_ms, last->id);
	}
	drop_rows(listing);
	exchange_reply(exchange, 200, list);
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;

	if (err == NULL) {
		reply(listing);
		return;
	}
	drop_rows(listing);
	exchange_fail_err(listing->exchange, err);
}

void
e2b_list_sandboxes(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->exchange = exchange;
	if (read_query(listing, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		sandboxes_list(exchange_who(exchange), false, "", add,
		    on_listed, listing);
}
