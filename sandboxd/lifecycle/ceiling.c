// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/ceiling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/lifecycle/egress.h"

/* Rows stay for as long as sandboxd runs, also one that says nothing. */
struct org_ceiling {
	struct org_ceiling *next;
	char org[64];
	uint8_t *list;
	uint32_t size; /* 0: there is none */
	bool is_operators;

	/* A change: what was before, while its row is written; then, while it
	 * comes into force, what went wrong first. */
	bool is_saving, is_applying;
	uint8_t *before;
	uint32_t before_size;
	bool was_operators;
	struct err failure;
	struct asker asker;
};

static struct org_ceiling *
find(const struct daemon *daemon, const char *org)
{
	struct org_ceiling *ceiling = daemon->org_ceilings;

	while (ceiling != NULL && strcmp(ceiling->org, org) != 0)
		ceiling = ceiling->next;
	return ceiling;
}

static struct org_ceiling *
add(struct daemon *daemon, const char *org)
{
	struct org_ceiling *ceiling = calloc(1, sizeof *ceiling);

	if (ceiling == NULL)
		return NULL;
	snprintf(ceiling->org, sizeof ceiling->org, "%s", org);
	ceiling->next = daemon->org_ceilings;
	daemon->org_ceilings = ceiling;
	return ceiling;
}

static int
keep(struct org_ceiling *ceiling, struct rpc_bytes list, struct err *err)
{
	uint8_t *copy = NULL;

	if (list.size > 0 && (copy = malloc(list.size)) == NULL)
		return err_set(err, ENOMEM, "no memory for a ceiling");
	if (list.size > 0)
		memcpy(copy, list.data, list.size);
	ceiling->list = copy;
	ceiling->size = list.size;
	return 0;
}

struct rpc_bytes
ceiling_of(const struct daemon *daemon, const char *org)
{
	const struct org_ceiling *ceiling = org[0] != '\0' ? find(daemon, org) :
	    NULL;

	return ceiling == NULL ? (struct rpc_bytes){0} :
	    (struct rpc_bytes){ceiling->list, ceiling->size};
}

static int
load_row(const struct ceiling_record *record, void *data, struct err *err)
{
	struct org_ceiling *ceiling = add(data, record->org);

	if (ceiling == NULL)
		return err_set(err, ENOMEM, "no memory for a ceiling");
	ceiling->is_operators = record->is_operators;
	return keep(ceiling, record->policy, err);
}

int
ceilings_load(struct daemon *daemon, struct err *err)
{
	return registry_load_ceilings(daemon->registry, load_row, daemon,
	    err);
}

static void
answer(struct org_ceiling *ceiling, const struct err *err)
{
	struct asker asker = ceiling->asker;

	ceiling->asker = (struct asker){0};
	if (asker.answer == NULL)
		return;
	asker.answer(asker.owner, asker.request_id, NULL, err);
	asker.release(asker.owner);
}

void
ceilings_end(struct daemon *daemon)
{
	while (daemon->org_ceilings != NULL) {
		struct org_ceiling *ceiling = daemon->org_ceilings;

		daemon->org_ceilings = ceiling->next;
		if (ceiling->asker.release != NULL)
			ceiling->asker.release(ceiling->asker.owner);
		free(ceiling->before);
		free(ceiling->list);
		free(ceiling);
	}
}

static bool
is_of(const struct org_ceiling *ceiling, const struct sandbox *sandbox)
{
	return strcmp(sandbox->record.org, ceiling->org) == 0;
}

/* Whether a worker is at its firewall as part of something else, with what
 * was said before. */
static bool
is_being_made(const struct sandbox *sandbox)
{
	switch (sandbox->record.state) {
	case SANDBOX_CREATING:
	case SANDBOX_STARTING:
	case SANDBOX_FITTING:
		return true;
	default:
		return false;
	}
}

/* Has every sandbox of the organisation have what is said now. */
static void
apply(struct daemon *daemon, const struct org_ceiling *ceiling)
{
	struct sandbox_table *table = &daemon->sandboxes;

	for (size_t i = 0; i < table->n; i++) {
		struct sandbox *sandbox = table->sorted[i];

		if (!is_of(ceiling, sandbox))
			continue;
		if (is_being_made(sandbox))
			sandbox->egress.is_stale = true;
		else if (sandbox->record.pid != 0)
			egress_apply(sandbox);
	}
}

static bool
is_pending(const struct sandbox *sandbox)
{
	return sandbox->egress.is_applying ||
	    (sandbox->egress.is_stale && is_being_made(sandbox));
}

/* Answers, unless one of them does not have it yet. */
static void
review(struct daemon *daemon, struct org_ceiling *ceiling)
{
	const struct sandbox_table *table = &daemon->sandboxes;

	if (!ceiling->is_applying)
		return;
	for (size_t i = 0; i < table->n; i++)
		if (is_of(ceiling, table->sorted[i]) &&
		    is_pending(table->sorted[i]))
			return;
	ceiling->is_applying = false;
	answer(ceiling, ceiling->failure.code != 0 ? &ceiling->failure :
	    NULL);
}

void
ceilings_review(struct daemon *daemon)
{
	for (struct org_ceiling *ceiling = daemon->org_ceilings;
	    ceiling != NULL; ceiling = ceiling->next)
		review(daemon, ceiling);
}

void
ceiling_applied(const struct sandbox *sandbox, const struct err *err)
{
	struct org_ceiling *ceiling = find(sandbox->daemon,
	    sandbox->record.org);

	/* One that is on its way out is not kept out of anything. */
	if (ceiling != NULL && ceiling->is_applying && err != NULL &&
	    ceiling->failure.code == 0 &&
	    sandbox_state_is_at_rest(sandbox->record.state))
		err_set(&ceiling->failure, err->code, "%s: %s",
		    sandbox->record.id, err->text);
}

/* What was is again. */
static void
take_back(struct org_ceiling *ceiling)
{
	free(ceiling->list);
	ceiling->list = ceiling->before;
	ceiling->size = ceiling->before_size;
	ceiling->is_operators = ceiling->was_operators;
	ceiling->before = NULL;
}

void
ceiling_written(const char *org, const struct err *err, void *data)
{
	struct daemon *daemon = data;
	struct org_ceiling *ceiling = find(daemon, org);

	if (ceiling == NULL || daemon->is_ending)
		return;
	ceiling->is_saving = false;
	ceiling->is_applying = true;
	ceiling->failure = (struct err){0};
	if (err != NULL) {
		log_error("ceiling not saved org=%s: %s", org, err->text);
		ceiling->failure = *err;
		/* What was started meanwhile has the one that is not saved. */
		take_back(ceiling);
	} else {
		log_info("ceiling changed org=%s bytes=%u", org,
		    ceiling->size);
		free(ceiling->before);
		ceiling->before = NULL;
	}
	apply(daemon, ceiling);
	review(daemon, ceiling);
}

static int
check(const struct org_ceiling *ceiling, bool is_operators, struct err *err)
{
	if (ceiling == NULL)
		return err_set(err, ENOMEM, "no memory for a ceiling");
	if (ceiling->is_saving || ceiling->is_applying)
		return err_set(err, EBUSY, "the ceiling of %s is being changed "
		    "already", ceiling->org);
	if (ceiling->size > 0 && ceiling->is_operators && !is_operators)
		return err_set(err, EACCES, "permission denied: the ceiling of "
		    "%s was set by the operator, and is the operator's to "
		    "change", ceiling->org);
	return 0;
}

static int
save(struct daemon *daemon, struct org_ceiling *ceiling, struct rpc_bytes list,
    bool is_operators, struct err *err)
{
	const struct ceiling_record record = {.org = ceiling->org,
	    .policy = list, .is_operators = is_operators};
	int r;

	ceiling->before = ceiling->list;
	ceiling->before_size = ceiling->size;
	ceiling->was_operators = ceiling->is_operators;
	ceiling->list = NULL;
	r = keep(ceiling, list, err);
	if (r == 0)
		r = writer_submit_ceiling(daemon->writer, &record, err);
	if (r < 0) {
		take_back(ceiling);
		return r;
	}
	ceiling->is_operators = is_operators;
	ceiling->is_saving = true;
	return 0;
}

int
ceiling_set(struct daemon *daemon, const char *org, struct rpc_bytes list,
    bool is_operators, const struct asker *asker, struct err *err)
{
	struct org_ceiling *ceiling = find(daemon, org);
	int r;

	if (ceiling == NULL)
		ceiling = add(daemon, org);
	r = check(ceiling, is_operators, err);
	if (r == 0)
		r = save(daemon, ceiling, list, is_operators, err);
	if (r < 0)
		asker->release(asker->owner);
	else
		ceiling->asker = *asker;
	return r;
}
