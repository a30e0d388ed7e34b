// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/ending.h"

#include <stdlib.h>

struct ending {
	struct ending *next;
	struct peer *peer;
	struct answer *answer; /* owned */
	uint32_t task;
	uint64_t deadline_ms;
};

/* A task that is forgotten meanwhile is over as well. */
static bool
is_over(const struct init *init, uint32_t id)
{
	struct err err;
	const struct task *task = task_find(init, id, &err);

	return task == NULL || !task_is_dying(task);
}

static void
unlink_ending(struct init *init, struct ending *ending)
{
	struct ending **link = &init->endings;

	while (*link != ending)
		link = &(*link)->next;
	*link = ending->next;
	init->n_endings--;
}

void
ending_await(struct peer *peer, const struct task *task,
    struct answer *answer)
{
	struct init *init = peer->init;
	struct ending *ending = NULL;

	if (task_is_dying(task) && init->n_endings < ENDINGS_MAX)
		ending = calloc(1, sizeof *ending);
	if (ending == NULL) {
		peer_answer(peer, answer);
		return;
	}
	*ending = (struct ending){init->endings, peer, answer, task->id,
	    loop_now_ms() + ENDING_WAIT_MS};
	init->endings = ending;
	init->n_endings++;
}

void
ending_forget(struct peer *peer)
{
	struct ending *ending = peer->init->endings, *next;

	for (; ending != NULL; ending = next) {
		next = ending->next;
		if (ending->peer != peer)
			continue;
		unlink_ending(peer->init, ending);
		answer_free(ending->answer);
		free(ending);
	}
}

/* Takes one off the list and answers; frees it, and maybe its peer. */
static void
finish(struct init *init, struct ending *ending)
{
	struct peer *peer = ending->peer;
	struct answer *answer = ending->answer;

	unlink_ending(init, ending);
	free(ending);
	peer_answer(peer, answer);
}

int
ending_expire(struct init *init)
{
	uint64_t now_ms, first_ms = UINT64_MAX;
	struct ending *ending = init->endings;

	if (ending == NULL)
		return -1;
	now_ms = loop_now_ms();
	while (ending != NULL) {
		if (ending->deadline_ms > now_ms &&
		    !is_over(init, ending->task)) {
			if (ending->deadline_ms < first_ms)
				first_ms = ending->deadline_ms;
			ending = ending->next;
		} else {
			finish(init, ending);
			/* The list may have lost any of them. */
			ending = init->endings;
			first_ms = UINT64_MAX;
		}
	}
	return first_ms == UINT64_MAX ? -1 : (int)(first_ms - now_ms);
}
