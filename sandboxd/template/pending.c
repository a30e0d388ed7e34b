// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/template/pending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct templates_pending *
pending_new(const struct templates_asker *asker, struct err *err)
{
	struct templates_pending *pending = calloc(1, sizeof *pending);

	if (pending != NULL && asker != NULL)
		pending->asker = *asker;
	if (pending == NULL && asker != NULL)
		asker->release(asker->owner);
	if (pending == NULL)
		(void)err_set(err, ENOMEM, "no memory");
	return pending;
}

void
pending_free(struct templates_pending *pending)
{
	if (pending->asker.release != NULL)
		pending->asker.release(pending->asker.owner);
	free(pending->data);
	free(pending);
}

static const struct templates_pending *
find(const struct daemon *daemon, const char *org, const char *name)
{
	const struct templates_pending *p = daemon->templates_pending;

	while (p != NULL && (strcmp(p->org, org) != 0 ||
	    strcmp(p->name, name) != 0))
		p = p->next;
	return p;
}

unsigned
pending_count(const struct daemon *daemon, const char *org)
{
	unsigned n = 0;

	for (const struct templates_pending *p = daemon->templates_pending;
	    p != NULL; p = p->next)
		n += org == NULL || (p->kind == JOB_PUBLISH &&
		    strcmp(p->org, org) == 0);
	return n;
}

int
pending_check(const struct daemon *daemon, const char *org, const char *name,
    struct err *err)
{
	if (find(daemon, org, name) != NULL)
		return err_set(err, EBUSY, "name: %s is being changed by "
		    "somebody else; try again", name);
	if (pending_count(daemon, NULL) >= TEMPLATES_PENDING_MAX)
		return err_set(err, EAGAIN, "templates: %d are being changed; "
		    "try again", TEMPLATES_PENDING_MAX);
	return 0;
}

int
pending_begin(struct daemon *daemon, const struct job *job,
    struct templates_pending *pending, struct err *err)
{
	int r = worker_pool_submit(daemon->workers, job, err);

	if (r < 0)
		return r;
	pending->kind = job->kind;
	pending->next = daemon->templates_pending;
	daemon->templates_pending = pending;
	return 0;
}

struct templates_pending *
pending_take(struct daemon *daemon, const char *id)
{
	struct templates_pending **p = &daemon->templates_pending, *found;

	while (*p != NULL && strcmp((*p)->id, id) != 0)
		p = &(*p)->next;
	found = *p;
	if (found != NULL)
		*p = found->next;
	return found;
}
