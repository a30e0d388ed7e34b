// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/waiters.h"

#include <errno.h>
#include <stdlib.h>

struct waiter {
	struct waiter *next;
	enum waiter_kind kind;
	struct asker asker;
};

int
waiters_add(struct waiters *waiters, enum waiter_kind kind,
    const struct asker *asker, struct err *err)
{
	struct waiter *waiter, **last = &waiters->first;

	if (waiters->n >= WAITERS_MAX) {
		asker->release(asker->owner);
		return err_set(err, EAGAIN, "%u requests wait for it already",
		    waiters->n);
	}
	if ((waiter = calloc(1, sizeof *waiter)) == NULL) {
		asker->release(asker->owner);
		return err_set(err, ENOMEM, "no memory");
	}
	waiter->kind = kind;
	waiter->asker = *asker;
	while (*last != NULL)
		last = &(*last)->next;
	*last = waiter;
	waiters->n++;
	return 0;
}

bool
waiters_have(const struct waiters *waiters, enum waiter_kind kind)
{
	for (const struct waiter *w = waiters->first; w != NULL; w = w->next)
		if (w->kind == kind)
			return true;
	return false;
}

const char *
waiters_whose(const struct waiters *waiters, enum waiter_kind kind)
{
	for (const struct waiter *w = waiters->first; w != NULL; w = w->next)
		if (w->kind == kind)
			return w->asker.whose;
	return NULL;
}

static void
drop(struct waiters *waiters, struct waiter **at)
{
	struct waiter *waiter = *at;

	*at = waiter->next;
	waiters->n--;
	waiter->asker.release(waiter->asker.owner);
	free(waiter);
}

void
waiters_answer(struct waiters *waiters, enum waiter_kind kind,
    const struct sandbox *sandbox, const struct err *err)
{
	struct waiter **at = &waiters->first;

	while (*at != NULL) {
		const struct asker *asker = &(*at)->asker;

		if ((*at)->kind != kind) {
			at = &(*at)->next;
			continue;
		}
		asker->answer(asker->owner, asker->request_id, sandbox, err);
		drop(waiters, at);
	}
}

void
waiters_forget(struct waiters *waiters)
{
	while (waiters->first != NULL)
		drop(waiters, &waiters->first);
}
