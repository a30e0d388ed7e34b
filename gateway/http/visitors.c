// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/visitors.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "common/address.h"
#include "common/clock.h"

#define LOOK_INTERVAL_S 1

struct visitor {
	LIST_ENTRY(visitor) link;
	struct visitors *visitors;
	int fd;
	bool has_source;
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint64_t due_ms; /* 0 = nothing is awaited */
};

struct visitors {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t end;
	bool is_ending;
	uint64_t max_per_source;
	LIST_HEAD(, visitor) all;
};

static void
shut_overdue(struct visitors *visitors)
{
	struct visitor *visitor;
	uint64_t now = clock_monotonic_ms();

	LIST_FOREACH(visitor, &visitors->all, link)
		if (visitor->due_ms != 0 && now >= visitor->due_ms) {
			/* Its thread reads the end, and closes it. */
			(void)shutdown(visitor->fd, SHUT_RDWR);
			visitor->due_ms = 0;
		}
}

static void *
watch(void *arg)
{
	struct visitors *visitors = arg;
	struct timespec next;

	pthread_mutex_lock(&visitors->mutex);
	while (!visitors->is_ending) {
		shut_overdue(visitors);
		clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_sec += LOOK_INTERVAL_S;
		(void)pthread_cond_timedwait(&visitors->end, &visitors->mutex,
		    &next);
	}
	pthread_mutex_unlock(&visitors->mutex);
	return NULL;
}

static void
release(struct visitors *visitors)
{
	pthread_cond_destroy(&visitors->end);
	pthread_mutex_destroy(&visitors->mutex);
	free(visitors);
}

int
visitors_new(uint64_t max_per_source, struct visitors **ret, struct err *err)
{
	struct visitors *visitors = calloc(1, sizeof *visitors);
	pthread_condattr_t attributes;
	int code;

	if (visitors == NULL)
		return err_set(err, ENOMEM, "out of memory");
	visitors->max_per_source = max_per_source;
	LIST_INIT(&visitors->all);
	pthread_mutex_init(&visitors->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&visitors->end, &attributes);
	pthread_condattr_destroy(&attributes);
	code = pthread_create(&visitors->thread, NULL, watch, visitors);
	if (code != 0) {
		release(visitors);
		return err_set(err, code, "new thread: %s", strerror(code));
	}
	*ret = visitors;
	return 0;
}

void
visitors_free(struct visitors *visitors)
{
	if (visitors == NULL)
		return;
	pthread_mutex_lock(&visitors->mutex);
	visitors->is_ending = true;
	pthread_cond_signal(&visitors->end);
	pthread_mutex_unlock(&visitors->mutex);
	pthread_join(visitors->thread, NULL);
	release(visitors);
}

bool
visitors_admit(struct visitors *visitors, const struct sockaddr *address)
{
	const struct visitor *visitor;
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint64_t n = 0;

	if (visitors->max_per_source == 0 || !address_source(address, source))
		return true;
	pthread_mutex_lock(&visitors->mutex);
	LIST_FOREACH(visitor, &visitors->all, link)
		n += visitor->has_source &&
		    memcmp(visitor->source, source, sizeof source) == 0;
	pthread_mutex_unlock(&visitors->mutex);
	return n < visitors->max_per_source;
}

struct visitor *
visitor_enter(struct visitors *visitors, int fd,
    const struct sockaddr *address)
{
	struct visitor *visitor = calloc(1, sizeof *visitor);

	if (visitor == NULL)
		return NULL;
	visitor->visitors = visitors;
	visitor->fd = fd;
	visitor->has_source = address_source(address, visitor->source);
	pthread_mutex_lock(&visitors->mutex);
	LIST_INSERT_HEAD(&visitors->all, visitor, link);
	pthread_mutex_unlock(&visitors->mutex);
	return visitor;
}

void
visitor_leave(struct visitor *visitor)
{
	pthread_mutex_t *mutex = &visitor->visitors->mutex;

	pthread_mutex_lock(mutex);
	LIST_REMOVE(visitor, link);
	pthread_mutex_unlock(mutex);
	free(visitor);
}

void
visitor_expect(struct visitor *visitor, uint64_t within_ms)
{
	pthread_mutex_t *mutex = &visitor->visitors->mutex;

	pthread_mutex_lock(mutex);
	visitor->due_ms = within_ms != 0 ? clock_monotonic_ms() + within_ms : 0;
	pthread_mutex_unlock(mutex);
}
