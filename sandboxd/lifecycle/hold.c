// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/hold.h"

static void
on_lingered(void *data)
{
	struct hold *hold = data;

	hold->abandoned(hold->data);
}

int
hold_review(struct hold *hold, bool is_at_rest)
{
	if (!hold->is_ephemeral)
		return 0;
	if (!is_at_rest || hold->n_capabilities > 0 || hold->n_attached > 0) {
		clock_disarm(hold->clock, &hold->timer);
		return 0;
	}
	if (hold->timer.due_ms != 0)
		return 0;
	hold->timer.fire = on_lingered;
	hold->timer.data = hold;
	return clock_arm(hold->clock, &hold->timer, hold->linger_ms);
}

void
hold_fini(struct hold *hold)
{
	if (hold->clock != NULL)
		clock_disarm(hold->clock, &hold->timer);
}
