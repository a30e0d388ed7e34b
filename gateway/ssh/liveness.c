// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/liveness.h"

/* sshd's ClientAlive: any byte from the client counts as a sign of life. */
static void
check_alive(struct session *s, int *timeout_ms)
{
	uint64_t interval_ms = s->turn.options->client_alive_interval_s * 1000;
	uint64_t due_ms = s->heard_ms + interval_ms * (s->alive_missed + 1);

	if (interval_ms == 0 || !s->is_authenticated)
		return;
	if (s->turn.now_ms >= due_ms) {
		if (++s->alive_missed >
		    s->turn.options->client_alive_count_max) {
			turn_end(&s->turn, "Timeout, client not responding");
			return;
		}
		/* The first takes note of the last answer, the second asks;
		 * one that is still open is not repeated. */
		ssh_set_fd_towrite(s->turn.ssh);
		(void)ssh_send_keepalive(s->turn.ssh);
		(void)ssh_send_keepalive(s->turn.ssh);
		due_ms += interval_ms;
	}
	turn_wake(timeout_ms, due_ms - s->turn.now_ms);
}

/* sshd's UnusedConnectionTimeout. */
static void
check_unused(struct session *s, int *timeout_ms)
{
	uint64_t limit_ms = s->turn.options->unused_connection_timeout_s * 1000;
	uint64_t unused_ms = s->turn.now_ms - s->unused_ms;

	if (limit_ms == 0 || !s->is_authenticated)
		return;
	if (s->channels != NULL || s->forwarding.forwards != NULL ||
	    s->unused_ms == 0)
		s->unused_ms = s->turn.now_ms;
	else if (unused_ms >= limit_ms)
		turn_end(&s->turn, "Timeout, no channel is open");
	else
		turn_wake(timeout_ms, limit_ms - unused_ms);
}

void
liveness_turn(struct session *s, int *timeout_ms)
{
	check_alive(s, timeout_ms);
	check_unused(s, timeout_ms);
}
