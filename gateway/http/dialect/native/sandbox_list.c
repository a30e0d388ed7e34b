// SPDX-License-Identifier: Apache-2.0
/* GET /v1/sandboxes: those that a query asks for, a page at a time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/states.h"
#include "gateway/http/service/sandboxes.h"

#define LIMIT_MAX      1000
#define PAIRS_MAX      16
#define METADATA_SIZE  4096

struct pair {
	char *name, *value;
};

/* What a sandbox has to be like; "" and 0: anything. */
struct filter {
	bool is_destroyed;
	const char *status, *state, *template_name, *name;
	const char *pairs_field; /* of the query */
	char pairs_text[METADATA_SIZE];
	struct pair pairs[PAIRS_MAX];
	size_t n_pairs;
};

struct listing {
	struct exchange *exchange;
	struct filter filter;
	uint64_t limit; /* 0 = none */
	json_t *list;
	char last[SANDBOX_ID_SIZE];
	bool is_more;
};

/* As forms have it. */
static void
unescape(char *text)
{
	for (char *p = text; (p = strchr(p, '+')) != NULL; p++)
		*p = ' ';
	(void)MHD_http_unescape(text);
}

static int
read_pair(char *text, struct filter *filter, struct err *err)
{
	char *value = strchr(text, '=');

	if (value == NULL || value == text)
		return err_set(err, EINVAL, "%s: \"%.60s\" is not NAME=VALUE",
		    filter->pairs_field, text);
	if (filter->n_pairs == PAIRS_MAX)
		return err_set(err, EINVAL, "%s: more than %d pairs",
		    filter->pairs_field, PAIRS_MAX);
	*value++ = '\0';
	unescape(text);
	unescape(value);
	filter->pairs[filter->n_pairs++] = (struct pair){text, value};
	return 0;
}

static int
read_pairs(const struct exchange *exchange, struct filter *filter,
    struct err *err)
{
	const char *metadata = exchange_query(exchange, "metadata");
	const char *label = exchange_query(exchange, "label");
	char *rest = filter->pairs_text, *text;
	int n = snprintf(filter->pairs_text, sizeof filter->pairs_text, "%s",
	    *label != '\0' ? label : metadata);
	int r = 0;

	filter->pairs_field = *label != '\0' ? "label" : "metadata";
	if (*label != '\0' && *metadata != '\0')
		return err_set(err, EINVAL,
		    "label: is metadata by another name: give one of them");
	if (n < 0 || (size_t)n >= sizeof filter->pairs_text)
		return err_set(err, EINVAL, "%s: longer than %d bytes",
		    filter->pairs_field, METADATA_SIZE - 1);
	while (r == 0 && (text = strsep(&rest, "&")) != NULL)
		if (*text != '\0')
			r = read_pair(text, filter, err);
	return r;
}

/* A state by its name, or by the fewer words of zwrm's clients. */
static int
read_status(const char *field, const char *status, struct err *err)
{
	char all[ERR_TEXT_SIZE / 2] = "";
	size_t used = 0;

	if (*status == '\0' || state_word_is_known(STATE_WORDS_ZWRM, status))
		return 0;
	for (size_t i = 0; i < n_state_names && used < sizeof all; i++) {
		if (strcmp(status, state_names[i]) == 0)
			return 0;
		used += (size_t)snprintf(all + used, sizeof all - used,
		    "%s%s", i > 0 ? ", " : "", state_names[i]);
	}
	return err_set(err, EINVAL, "%s: must be one of %s", field, all);
}

static int
read_query(struct listing *listing, struct err *err)
{
	struct exchange *exchange = listing->exchange;
	struct filter *filter = &listing->filter;
	const char *destroyed = exchange_query(exchange, "destroyed");
	const char *limit = exchange_query(exchange, "limit");
	const char *after = exchange_query(exchange, "after");
	int r;

	filter->status = exchange_query(exchange, "status");
	filter->state = exchange_query(exchange, "state");
	filter->template_name = exchange_query(exchange, "template");
	filter->name = exchange_query(exchange, "name");
	filter->is_destroyed = strcmp(destroyed, "1") == 0 ||
	    strcmp(filter->status, "destroyed") == 0 ||
	    strcmp(filter->state, "destroyed") == 0;
	if (strcmp(destroyed, "") != 0 && strcmp(destroyed, "0") != 0 &&
	    strcmp(destroyed, "1") != 0)
		return err_set(err, EINVAL, "destroyed: must be 0 or 1");
	if (*limit != '\0' && (parse_u64(limit, &listing->limit) < 0 ||
	    listing->limit < 1 || listing->limit > LIMIT_MAX))
		return err_set(err, EINVAL, "limit: must be from 1 to %d",
		    LIMIT_MAX);
	if (*after != '\0' && !sandbox_id_is_valid(after))
		return err_set(err, EINVAL, "after: must be a sandbox's id");
	if ((r = read_status("status", filter->status, err)) < 0 ||
	    (r = read_status("state", filter->state, err)) < 0)
		return r;
	return read_pairs(exchange, filter, err);
}

static bool
is_like(const char *wish, const char *what)
{
	return *wish == '\0' || strcmp(wish, what) == 0;
}

static bool
has_status(const char *wish, const char *state)
{
	const char *word = state_word(STATE_WORDS_ZWRM, state);

	return is_like(wish, state) || (word != NULL &&
	    strcmp(wish, word) == 0);
}

static bool
has_pairs(const struct filter *filter, const json_t *metadata)
{
	for (size_t i = 0; i < filter->n_pairs; i++) {
		const char *value = json_string_value(json_object_get(
		    metadata, filter->pairs[i].name));

		if (value == NULL || strcmp(value, filter->pairs[i].value) !=
		    0)
			return false;
	}
	return true;
}

/* Takes the object over. */
static int
keep(struct listing *listing, const char *id, json_t *object)
{
	if (!has_pairs(&listing->filter, json_object_get(object,
	    "metadata"))) {
		json_decref(object);
		return 0;
	}
	listing->is_more = listing->limit != 0 &&
	    json_array_size(listing->list) == listing->limit;
	if (listing->is_more) {
		json_decref(object);
		return 1;
	}
	snprintf(listing->last, sizeof listing->last, "%s", id);
	return json_array_append_new(listing->list, object) < 0 ? -ENOMEM : 0;
}

static int
add(void *arg, const struct sandboxes_view *sandbox)
{
	const struct rpc_sandbox_info *info = &sandbox->info;
	struct listing *listing = arg;
	const struct filter *filter = &listing->filter;
	json_t *object;

	if (!has_status(filter->status, info->state) ||
	    !is_like(filter->state, info->state) ||
	    !is_like(filter->template_name, info->template_name) ||
	    !is_like(filter->name, info->name))
		return 0;
	object = native_print_sandbox(sandbox);
	return object == NULL ? -ENOMEM : keep(listing, info->id, object);
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;

	if (err != NULL) {
		json_decref(listing->list);
		exchange_fail_err(listing->exchange, err);
	} else {
		exchange_reply(listing->exchange, 200, json_pack("{s:o, s:s?}",
		    "sandboxes", listing->list, "next",
		    listing->is_more ? listing->last : NULL));
	}
}

void
native_list_sandboxes(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*listing = (struct listing){.exchange = exchange};
	if (read_query(listing, &err) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->list = json_array();
	sandboxes_list(exchange_who(exchange), listing->filter.is_destroyed,
	    exchange_query(exchange, "after"), add, on_listed, listing);
}
