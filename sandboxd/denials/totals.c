// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/denials/totals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/chronicle.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/net/egress/totals.h"

/* As denials.c has them. */
#define LOOK_AFTER_MS 20
#define LOOK_EVERY_MS 1000
#define RINGS_MAX     64

/* Links that are looked at once; more of them are told a minute later. */
#define LINKS_MAX 1024

static struct sandbox *
find_by_link(struct daemon *daemon, const char *link)
{
	const char *prefix = daemon->runtime.egress.range.link_prefix;
	uint64_t slot;

	if (strncmp(link, prefix, strlen(prefix)) != 0 ||
	    parse_u64(link + strlen(prefix), &slot) < 0)
		return NULL;
	for (size_t i = 0; i < daemon->sandboxes.n; i++) {
		struct sandbox *sandbox = daemon->sandboxes.sorted[i];

		if (sandbox->record.pid != 0 && sandbox->record.slot == slot)
			return sandbox;
	}
	return NULL;
}

static void
tell(struct sandbox *sandbox, enum egress_limit limit)
{
	const struct rpc_bytes list = ceiling_of(sandbox->daemon,
	    sandbox->record.org);
	const struct egress_limit_row *row = &egress_limit_rows[limit];
	auto_free struct policy *ceiling = list.size > 0 ? policy_make(list,
	    false, NULL) : NULL;
	char cause[EVENT_CAUSE_SIZE];

	/* What has ended since is no news. */
	if (ceiling == NULL || ceiling->totals.of[limit] == 0)
		return;
	(void)snprintf(cause, sizeof cause, "%s: no more than %" PRIu64
	    " %s, of all sandboxes of the organisation together", row->name,
	    ceiling->totals.of[limit], row->unit);
	chronicle_tell(sandbox, EVENT_KIND_LIMITED, EVENT_HOST, cause);
}

/* What was added after it was last told of: it leaves after its period. */
static void
tell_new(struct daemon *daemon, const struct totals_told *told)
{
	struct sandbox *sandbox = find_by_link(daemon, told->link);
	const uint64_t now_ms = daemon->clock.now_ms(&daemon->clock);
	uint64_t *at_ms;

	if (sandbox == NULL || told->left_ms > TOLD_PERIOD_MS)
		return;
	at_ms = &sandbox->denials.totals_ms[told->limit];
	if (now_ms + told->left_ms < *at_ms + TOLD_PERIOD_MS)
		return;
	*at_ms = now_ms;
	tell(sandbox, told->limit);
}

static void
look(void *data)
{
	static struct totals_told found[LINKS_MAX];
	struct daemon *daemon = data;
	struct err err = {0};
	size_t n;

	daemon->totals.looked_ms = daemon->clock.now_ms(&daemon->clock);
	if (totals_list(&daemon->runtime.egress, found, LINKS_MAX, &n,
	    &err) < 0) {
		log_error("totals of organisations: %s", err.text);
		return;
	}
	for (size_t i = 0; i < n; i++)
		tell_new(daemon, &found[i]);
}

/* What is rung says nothing, and is not read. */
static int
on_bell(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct daemon *daemon = data;
	struct totals_watch *watch = &daemon->totals;
	const uint64_t now_ms = daemon->clock.now_ms(&daemon->clock);
	uint64_t after_ms = LOOK_AFTER_MS;
	char nothing;
	int r;

	(void)source;
	(void)events;
	for (size_t i = 0; i < RINGS_MAX; i++)
		if (recv(fd, &nothing, sizeof nothing, MSG_DONTWAIT) < 0 &&
		    errno != ENOBUFS)
			break;
	if (watch->look.due_ms != 0)
		return 0;
	if (watch->looked_ms != 0 &&
	    now_ms < watch->looked_ms + LOOK_EVERY_MS - LOOK_AFTER_MS)
		after_ms = watch->looked_ms + LOOK_EVERY_MS - now_ms;
	r = clock_arm(&daemon->clock, &watch->look, after_ms);
	if (r < 0)
		log_error("totals of organisations are not told: %s",
		    strerror(-r));
	return 0;
}

void
totals_watch(struct daemon *daemon)
{
	struct totals_watch *watch = &daemon->totals;
	auto_close int fd = -1;
	struct err err = {0};
	int r;

	watch->look.fire = look;
	watch->look.data = daemon;
	r = totals_listen(&daemon->runtime.egress, &fd, &err);
	if (r == 0 && (r = sd_event_add_io(daemon->event, &watch->bell, fd,
	    EPOLLIN, on_bell, daemon)) < 0)
		err_set(&err, -r, "cannot watch a bell");
	if (r < 0) {
		log_error("totals of organisations are not told: %s",
		    err.text);
		return;
	}
	(void)sd_event_source_set_io_fd_own(watch->bell, true);
	(void)take_fd(&fd);
	/* What was held back before somebody listened. */
	look(daemon);
}

void
totals_watch_end(struct daemon *daemon)
{
	clock_disarm(&daemon->clock, &daemon->totals.look);
	daemon->totals.bell = sd_event_source_disable_unref(
	    daemon->totals.bell);
}
