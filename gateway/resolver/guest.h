// SPDX-License-Identifier: Apache-2.0
/*
 * One sandbox that asks: what it may know, and where it asks. Which sandbox a
 * question is from follows from the socket that it came in by.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/egress.h"
#include "common/rpc_calls.h"
#include "gateway/resolver/resolver.h"
#include "gateway/resolver/unresolved.h"

#define GUEST_ID_SIZE 32

/* Places that one asks at: an address of each of the host's resolvers. */
#define GUEST_DOORS_MAX 8

/* Domains of a policy that cover one name, and are told to sandboxd. */
#define GUEST_COVERS_MAX 8

struct lookup;
struct stream;

/* Where it asks: a UDP socket, and a TCP one that listens. */
struct door {
	struct guest *guest;
	struct loop_watch udp, tcp; /* fd -1 = there is none */
};

struct look_door {
	struct guest *guest;
	struct loop_watch tcp;
};

struct guest {
	LIST_ENTRY(guest) entry;
	struct resolver *resolver;
	char id[GUEST_ID_SIZE];
	uint32_t serial;
	bool is_open; /* other names are asked for as well */
	bool is_dns_closed; /* but none that serves encrypted DNS */
	char *domains; /* owned: n of them, end to end */
	uint32_t n_domains;
	uint8_t looks[EGRESS_DOMAINS_MAX]; /* bits of EGRESS_LOOKED */
	struct door doors[GUEST_DOORS_MAX];
	size_t n_doors;
	LIST_HEAD(, lookup) lookups;
	size_t n_lookups;
	LIST_HEAD(, stream) streams;
	size_t n_streams;
	/* Where connections come that are to be looked at, of each family. */
	struct look_door look_doors[2];
	size_t n_look_doors, n_looks;
	struct unresolved unresolved;
	uint64_t filled_ms; /* when its allowance was last counted */
	uint64_t allowance; /* thousandths of questions */
};

struct guest *guest_find(const struct resolver *resolver, const char *id);

/* Makes it, or gives it other domains, by which what is under way is not
 * answered. 0, -ENOMEM or -EBADMSG. */
int guest_set(struct resolver *resolver,
    const struct rpc_names_serve_req *request);

/* Has it answered there; takes over both. 0 or -errno. */
int guest_listen(struct guest *guest, int udp_fd, int tcp_fd);

/* Closes its sockets; whoever waits is not answered. */
void guest_free(struct guest *guest);
void guests_clear(struct resolver *resolver);

/* Reads nothing more from any, and answers nothing that is under way. */
void guests_pause(struct resolver *resolver);

/* Has connections that come there looked at; takes it over. 0 or -errno. */
int guest_look(struct guest *guest, int fd);

/* The numbers of its domains that cover a name, where kind is not 0 of those
 * alone that want to be named so (EGRESS_LOOKED); how many. */
size_t guest_covers(const struct guest *guest, const char *name,
    uint32_t kind, uint16_t ret[GUEST_COVERS_MAX]);

/* Whether a name that n of its domains cover is asked for at all. */
bool guest_resolves(const struct guest *guest, const char *name, size_t n);

/* Whether it may ask once more now; that is counted. */
bool guest_may_ask(struct guest *guest);
