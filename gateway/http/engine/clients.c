// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/clients.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/address.h"
#include "common/clock.h"
#include "gateway/http/engine/intake.h"

#define LOOK_INTERVAL_MS 1000

struct client {
	LIST_ENTRY(client) link;
	struct clients *clients;
	int fd;
	bool has_source;
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint64_t due_ms; /* 0 = nothing is awaited */
	void *kept;
	struct intake *intake;
};

struct clients {
	struct loop *loop;
	struct loop_timer timer; /* set while there is a client */
	uint64_t max_per_source;
	LIST_HEAD(, client) all;
};

/* The library reads the end, and closes it. */
void
client_hang_up(struct client *client)
{
	(void)shutdown(client->fd, SHUT_RDWR);
	client->due_ms = 0;
}

static void
on_look(struct loop_timer *timer)
{
	struct clients *clients = (struct clients *)((char *)timer -
	    offsetof(struct clients, timer));
	struct client *client;
	uint64_t now = clock_monotonic_ms();

	LIST_FOREACH(client, &clients->all, link)
		if (client->due_ms != 0 && now >= client->due_ms)
			client_hang_up(client);
	if (!LIST_EMPTY(&clients->all))
		loop_set_timer(clients->loop, timer, LOOK_INTERVAL_MS);
}

int
clients_new(struct loop *loop, uint64_t max_per_source, struct clients **ret,
    struct err *err)
{
	struct clients *clients = calloc(1, sizeof *clients);

	if (clients == NULL)
		return err_set(err, ENOMEM, "out of memory");
	clients->loop = loop;
	clients->timer.due = on_look;
	clients->max_per_source = max_per_source;
	LIST_INIT(&clients->all);
	*ret = clients;
	return 0;
}

void
clients_free(struct clients *clients)
{
	if (clients == NULL)
		return;
	loop_stop_timer(clients->loop, &clients->timer);
	free(clients);
}

bool
clients_admit(const struct clients *clients, const struct sockaddr *address)
{
	const struct client *client;
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint64_t n = 0;

	if (clients->max_per_source == 0 || !address_source(address, source))
		return true;
	LIST_FOREACH(client, &clients->all, link)
		n += client->has_source &&
		    memcmp(client->source, source, sizeof source) == 0;
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
	client->intake = intake_new(fd);
	if (client->intake == NULL) {
		free(client);
		return NULL;
	}
	client->fd = fd;
	client->has_source = address_source(address, client->source);
	if (LIST_EMPTY(&clients->all))
		loop_set_timer(clients->loop, &clients->timer,
		    LOOK_INTERVAL_MS);
	LIST_INSERT_HEAD(&clients->all, client, link);
	return client;
}

void
client_free(struct client *client)
{
	LIST_REMOVE(client, link);
	intake_free(client->intake);
	free(client);
}

void
client_set_timeout(struct client *client, uint64_t within_ms)
{
	client->due_ms = within_ms != 0 ? clock_monotonic_ms() + within_ms : 0;
}

struct intake *
client_intake(const struct client *client)
{
	return client->intake;
}

void **
client_kept(struct client *client)
{
	return &client->kept;
}
