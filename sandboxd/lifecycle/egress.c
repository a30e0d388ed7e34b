// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/egress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "sandboxd/lifecycle/actions.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/chronicle_write.h"

static void
answer(struct sandbox *sandbox, const struct err *err)
{
	waiters_answer(&sandbox->waiters, WAITER_EGRESS, sandbox, err);
}

int
egress_prepare(struct sandbox *sandbox, struct err *err)
{
	if (waiters_have(&sandbox->waiters, WAITER_EGRESS))
		return err_set(err, EBUSY,
		    "%s: its egress policy is being changed already",
		    sandbox->record.id);
	return 0;
}

/* Ends the change before it was promised to anybody. */
static void
take_back(struct sandbox *sandbox, const struct err *why)
{
	struct egress_change *change = &sandbox->egress;

	free(sandbox->record.egress);
	sandbox->record.egress = change->before;
	sandbox->record.egress_size = change->before_size;
	change->before = NULL;
	answer(sandbox, why);
}

void
egress_save(struct sandbox *sandbox, struct rpc_bytes list)
{
	struct sandbox_record *record = &sandbox->record;
	struct egress_change *change = &sandbox->egress;
	struct err err = {0};

	change->before = record->egress;
	change->before_size = record->egress_size;
	record->egress = NULL;
	record->egress_size = 0;
	if (list.size > 0 && (record->egress = malloc(list.size)) == NULL) {
		err_set(&err, ENOMEM, "no memory");
		take_back(sandbox, &err);
		return;
	}
	if (list.size > 0)
		memcpy(record->egress, list.data, list.size);
	record->egress_size = list.size;
	if (chronicle_write(sandbox, WRITER_EGRESS, record, REGISTRY_DURABLE,
	    &err) < 0)
		take_back(sandbox, &err);
	else
		change->is_saving = true;
}

void
egress_apply(struct sandbox *sandbox)
{
	struct egress_change *change = &sandbox->egress;
	struct err err = {0};

	change->is_stale = change->is_applying;
	if (change->is_applying)
		return;
	if (sandbox->record.pid == 0) {
		answer(sandbox, NULL);
		return;
	}
	change->is_applying = true;
	if (action_submit(sandbox, JOB_EGRESS, &err) < 0)
		egress_applied(sandbox, sandbox->record.pid, &err);
}

void
egress_saved(struct sandbox *sandbox, const struct err *err)
{
	struct egress_change *change = &sandbox->egress;

	change->is_saving = false;
	if (err != NULL) {
		take_back(sandbox, err);
		/* What was started meanwhile has the one that is not saved. */
		change->is_stale = true;
		if (sandbox->record.pid != 0)
			egress_apply(sandbox);
		return;
	}
	free(change->before);
	change->before = NULL;
	log_info("egress policy changed id=%s org=%s bytes=%u",
	    sandbox->record.id, sandbox->record.org,
	    sandbox->record.egress_size);
	egress_apply(sandbox);
}

void
egress_applied(struct sandbox *sandbox, pid_t pid, const struct err *err)
{
	struct egress_change *change = &sandbox->egress;

	change->is_applying = false;
	/* One that ended meanwhile is started with it. */
	if (err != NULL && pid != sandbox->record.pid)
		err = NULL;
	if (err != NULL)
		log_error("egress policy not in force id=%s: %s",
		    sandbox->record.id, err->text);
	ceiling_applied(sandbox, err);
	if (change->is_stale)
		egress_apply(sandbox);
	else if (!change->is_saving)
		answer(sandbox, err);
}

void
egress_started(struct sandbox *sandbox)
{
	if (sandbox->egress.is_stale)
		egress_apply(sandbox);
}
