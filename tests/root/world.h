// SPDX-License-Identifier: Apache-2.0
/*
 * A small world for network tests: the calling process's own network namespace
 * is "the host", another one "the internet" behind it, and two are sandboxes.
 * Nothing of it can be seen from outside, and it dies with the process.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/net.h"

#define WORLD_HOST	"203.0.113.1" /* where the internet sees the host */
#define WORLD_HOST6	"2001:db8:1::1"
#define WORLD_PORT	8080 /* something listens on it everywhere */
#define WORLD_DNS_PORT	53   /* and on this */
#define WORLD_GID_BASE	1000000u
#define WORLD_MTU	1300 /* of the host's way out */
#define N_WORLD_SANDBOX 2

struct world {
	int host_fd, internet_fd; /* network namespaces */
	int sandbox_fds[N_WORLD_SANDBOX];
	struct net_link links[N_WORLD_SANDBOX];
	struct egress_host egress;
};

/* Leaves the machine's network namespace and builds the world in new ones,
 * links up and no firewall anywhere. Exits where it cannot. */
void world_make(struct world *world);

/*
 * Connects by TCP from netns_fd to address and port, waiting at most half a
 * second. Returns 0 or -errno (-ETIMEDOUT: nobody answered); *ret_ms is how
 * long it took.
 */
int world_connect(
    int netns_fd, const char *address, uint16_t port, int *ret_ms);

/* The same, and the socket, which does not block, or -errno. */
int world_dial(
    int netns_fd, const char *address, uint16_t port, int *ret_ms);

/* Who the internet saw at the last world_connect that reached it. */
void world_last_peer(char *text, socklen_t size);

/* Sends one datagram; whether the listener there got it. */
bool world_datagram_arrives(int netns_fd, const char *address, uint16_t port);

/* The same with a source that is not ours. */
bool world_forged_arrives(
    int netns_fd, const char *source, const char *address, uint16_t port);

/* Echo from netns_fd as the group gid, which must be allowed to. */
bool world_ping(int netns_fd, const char *address, gid_t gid);

/* Runs a command in netns_fd; exits where it fails. */
void world_run(int netns_fd, const char *command);

/* Whether a command succeeds in netns_fd. */
bool world_can(int netns_fd, const char *command);

/* Waits until the links that are up in netns_fd carry: what is sent before the
 * kernel has opened their queues is lost, and TCP's second try too late. */
void world_await_links(int netns_fd);
