// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/sweep.h"

#include <string.h>

#include "common/clock.h"
#include "common/log.h"

static void
on_due(void *data)
{
	struct daemon *daemon = data;
	const uint64_t keep_ms = daemon->settings.tombstone_keep_s * 1000;
	uint64_t now_ms = clock_unix_ms();
	const struct job tidy = {.kind = JOB_TIDY};
	struct err err = {0};
	int r;

	if (worker_pool_submit(daemon->workers, &tidy, &err) < 0)
		log_error("not tidied: %s", err.text);
	if (now_ms > keep_ms &&
	    writer_sweep(daemon->writer, now_ms - keep_ms, &err) < 0)
		log_error("not swept: %s", err.text);
	r = clock_arm(&daemon->clock, &daemon->sweep_timer,
	    SWEEP_INTERVAL_MS);
	if (r < 0)
		log_error("no more sweeps: %s", strerror(-r));
}

void
sweep_begin(struct daemon *daemon)
{
	daemon->sweep_timer.fire = on_due;
	daemon->sweep_timer.data = daemon;
	on_due(daemon);
}
