// SPDX-License-Identifier: Apache-2.0
/*
 * Posts on their way: orders to gateway-webhook, so many at once, and what it
 * says of each. Those that find no gateway-webhook, or no room, wait for it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "gateway/protocol/handover.h"

/* On their way at once, and of one organisation. */
#define COURIER_POSTS_MAX     32
#define COURIER_ORG_POSTS_MAX 8

struct courier;

/* Embedded in who wants one posted, zeroed until then; his to keep until it is
 * done or taken back. */
struct courier_post {
	struct handover_post order;
	const char *org; /* whose it is; outlives the post */
	/* What became of it; may begin another, or free this. */
	void (*done)(struct courier_post *post,
	    const struct handover_posted *posted);
	/* The rest is courier.c's. */
	TAILQ_ENTRY(courier_post) link;
	struct courier *courier; /* NULL: it is not on its way */
	int answer_fd;		 /* -1: it waits */
	sd_event_source *io;
};
TAILQ_HEAD(courier_posts, courier_post);

struct courier {
	sd_event *event;
	int fd; /* orders; -1: there is no gateway-webhook */
	sd_event_source *io;
	struct courier_posts waiting, under_way;
	unsigned n_under_way;
};

void courier_init(struct courier *courier, sd_event *event);
void courier_fini(struct courier *courier);

/* Takes over the orders' socket of another gateway-webhook. 0 or -errno. */
int courier_set_zygote(struct courier *courier, int *fd);

/* Has it posted; done follows, never from within this. */
void courier_send(struct courier *courier, struct courier_post *post);

/* Nobody waits for it any more; what is under way may still arrive. */
void courier_forget(struct courier_post *post);
