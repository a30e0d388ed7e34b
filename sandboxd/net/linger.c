// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/linger.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "common/clock.h"

#define LINGERING_MAX 256
#define LINGER_MS     100

/* The oldest first. */
static struct {
	struct mnl_socket *socket;
	uint64_t due_ms;
} lingering[LINGERING_MAX];
static size_t n_lingering;
static uint64_t begun_ms; /* 0: never */

static void
close_oldest(void)
{
	(void)mnl_socket_close(lingering[0].socket);
	n_lingering--;
	memmove(&lingering[0], &lingering[1],
	    n_lingering * sizeof lingering[0]);
}

void
linger_begin(void)
{
	begun_ms = clock_monotonic_ms();
}

void
linger_close(struct mnl_socket *socket)
{
	if (begun_ms == 0 || clock_monotonic_ms() > begun_ms + LINGER_MS) {
		(void)mnl_socket_close(socket);
		return;
	}
	if (n_lingering == LINGERING_MAX)
		close_oldest();
	lingering[n_lingering].socket = socket;
	lingering[n_lingering].due_ms = clock_monotonic_ms() + LINGER_MS;
	n_lingering++;
}

int
linger_settle(void)
{
	uint64_t now_ms;

	if (n_lingering == 0)
		return LINGER_NONE;
	now_ms = clock_monotonic_ms();
	while (n_lingering > 0 && lingering[0].due_ms <= now_ms)
		close_oldest();
	return n_lingering > 0 ? (int)(lingering[0].due_ms - now_ms) :
	    LINGER_NONE;
}

void
linger_forget(void)
{
	n_lingering = 0;
	begun_ms = 0;
}
