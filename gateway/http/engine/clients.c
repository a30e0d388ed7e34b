// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/clients.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "common/address.h"
#include "common/clock.h"

#define LOOK_INTERVAL_S 1

struct client {
	LIST_ENTRY(client) link;
	struct clients *clients;
	int fd;
	bool has_source;
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint64_t due_ms; /* 0 = nothing is awaited */
};

struct clients {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t end;
	bool is_ending;
	uint64_t max_per_source;
	LIST_HEAD(, client) all;
};

static void
shut_overdue(struct clients *clients)
{
	struct client *client;
	uint64_t now = clock_monotonic_ms();

	LIST_FOREACH(client, &clients->all, link)
		if (client->due_ms != 0 && now >= client->due_ms) {
			/* Its thread reads the end, and closes it. */
			(void)shutdown(client->fd, SHUT_RDWR);
			client->due_ms = 0;
		}
}

static void *
watch(void *arg)
{
	struct clients *clients = arg;
	struct timespec next;

	pthread_mutex_lock(&clients->mutex);
	while (!clients->is_ending) {
		shut_overdue(clients);
		clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_sec += LOOK_INTERVAL_S;
		(void)pthread_cond_timedwait(&clients->end, &clients->mutex,
		    &next);
	}
	pthread_mutex_unlock(&clients->mutex);
	return NULL;
}

static void
release(struct clients *clients)
{
	pthread_cond_destroy(&clients->end);
	pthread_mutex_destroy(&clients->mutex);
	free(clients);
}

int
clients_new(uint64_t max_per_source, struct clients **ret, struct err *err)
{
	struct clients *clients = calloc(1, sizeof *clients);
	pthread_condattr_t attributes;
	int code;

	if (clients == NULL)
		return err_set(err, ENOMEM, "out of memory");
	clients->max_per_source = max_per_source;
	LIST_INIT(&clients->all);
	pthread_mutex_init(&clients->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&clients->end, &attributes);
	pthread_condattr_destroy(&attributes);
	code = pthread_create(&clients->thread, NULL, watch, clients);
	if (code != 0) {
		release(clients);
		return err_set(err, code, "new thread: %s", strerror(code));
	}
	*ret = clients;
	return 0;
}

void
clients_free(struct clients *clients)
{
	if (clients == NULL)
		return;
	pthread_mutex_lock(&clients->mutex);
	clients->is_ending = true;
	pthread_cond_signal(&clients->end);
	pthread_mutex_unlock(&clients->mutex);
	pthread_join(clients->thread, NULL);
	release(clients);
}

bool
clients_admit(struct clients *clients, const struct sockaddr *address)
{
	const struct client *client;
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint64_t n = 0;

	if (clients->max_per_source == 0 || !address_source(address, source))
		return true;
	pthread_mutex_lock(&clients->mutex);
	LIST_FOREACH(client, &clients->all, link)
		n += client->has_source &&
		    memcmp(client->source, source, sizeof source) == 0;
	pthread_mutex_unlock(&clients->mutex);
	return n < clients->max_per_source;
}

struct client *
client_new(struct clients *clients, int fd,
    const struct sockaddr *address)
{
	struct client *client = calloc(1, sizeof *client);

	if (client == NULL)
		return NULL;
	client->clients = clients;
	client->fd = fd;
	client->has_source = address_source(address, client->source);
	pthread_mutex_lock(&clients->mutex);
	LIST_INSERT_HEAD(&clients->all, client, link);
	pthread_mutex_unlock(&clients->mutex);
	return client;
}

void
client_free(struct client *client)
{
	pthread_mutex_t *mutex = &client->clients->mutex;

	pthread_mutex_lock(mutex);
	LIST_REMOVE(client, link);
	pthread_mutex_unlock(mutex);
	free(client);
}

void
client_set_timeout(struct client *client, uint64_t within_ms)
{
	pthread_mutex_t *mutex = &client->clients->mutex;

	pthread_mutex_lock(mutex);
	client->due_ms = within_ms != 0 ? clock_monotonic_ms() + within_ms : 0;
	pthread_mutex_unlock(mutex);
}
