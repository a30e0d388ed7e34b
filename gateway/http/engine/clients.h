// SPDX-License-Identifier: Apache-2.0
/*
 * The connections of a server, as far as libmicrohttpd does not bound them: it
 * knows silence alone, so that a byte now and then keeps a connection for ever,
 * and counts by single IPv6 addresses, of which everybody has 2^64.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/err.h"
#include "gateway/http/engine/loop.h"

struct clients;
struct client;
struct intake;

/*
 * What is overdue is shut down by a timer of the loop. max_per_source counts
 * those at once from one IPv4 address or IPv6 /64; 0 = no limit.
 */
int clients_new(struct loop *loop, uint64_t max_per_source,
    struct clients **ret, struct err *err);

/* When every client has left. NULL does nothing. */
void clients_free(struct clients *clients);

/* Whether one more may come from this address. */
bool clients_admit(const struct clients *clients,
    const struct sockaddr *address);

/*
 * One has come, on a socket that stays open until client_free; the address
 * may be NULL. NULL when out of memory.
 */
struct client *client_new(struct clients *clients, int fd,
    const struct sockaddr *address);
void client_free(struct client *client);

/* What stands in front of its socket. */
struct intake *client_intake(const struct client *client);

/* Neither it nor we say another word; the library hears of it. */
void client_hang_up(struct client *client);

/* What is awaited of it has to come within this; 0 = nothing is. */
void client_set_timeout(struct client *client, uint64_t within_ms);

/* What whoever answers keeps for as long as it is connected; NULL at first. */
void **client_kept(struct client *client);
