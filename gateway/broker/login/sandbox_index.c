// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/sandbox_index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "common/log.h"
#include "common/parse.h"
#include "common/rpc_calls.h"
#include "common/rpc_watch.h"
#include "keys/store.h"


struct sandbox_index {
	struct rpc_watch watch;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	void (*current)(void *arg);
	void *arg;
	sd_event_source *timer; /* to connect again */
	bool is_current;
	struct sandbox_owner *owners; /* in order of id */
	size_t n, capacity;
};

/* Where the id is, or would have to be. */
static size_t
position(const struct sandbox_index *index, const char *id)
{
	size_t low = 0, high = index->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(index->owners[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct sandbox_index *index, size_t i, const char *id)
{
	return i < index->n && strcmp(index->owners[i].id, id) == 0;
}

static int
grow(struct sandbox_index *index)
{
	size_t capacity = index->capacity * 2 + 64;
	struct sandbox_owner *owners;

	if (index->n >= SANDBOX_INDEX_MAX)
		return -E2BIG;
	if (index->n < index->capacity)
		return 0;
	owners = reallocarray(index->owners, capacity, sizeof *owners);
	if (owners == NULL)
		return -ENOMEM;
	index->owners = owners;
	index->capacity = capacity;
	return 0;
}

static int
put(struct sandbox_index *index, const struct rpc_sandbox_owner *told)
{
	size_t i = position(index, told->id);
	struct sandbox_owner *row;
	int r;

	if (!is_at(index, i, told->id)) {
		r = grow(index);
		if (r < 0)
			return r;
		memmove(&index->owners[i + 1], &index->owners[i],
		    (index->n - i) * sizeof *index->owners);
		index->n++;
	}
	row = &index->owners[i];
	row->owner_id = (int64_t)told->owner_id;
	row->is_private = told->is_private != 0;
	snprintf(row->id, sizeof row->id, "%s", told->id);
	snprintf(row->org, sizeof row->org, "%s", told->org);
	return 0;
}

static void
take_out(struct sandbox_index *index, const char *id)
{
	size_t i = position(index, id);

	if (!is_at(index, i, id))
		return;
	index->n--;
	memmove(&index->owners[i], &index->owners[i + 1],
	    (index->n - i) * sizeof *index->owners);
}

static int ask_page(struct sandbox_index *index, const char *after);

static int
take_owners(struct sandbox_index *index,
    const struct rpc_sandbox_watch_rep *page)
{
	struct rpc_bytes owners = page->owners;
	struct rpc_sandbox_owner owner;
	const char *last = "";
	int r;

	while (rpc_list_next(&rpc_layout_sandbox_owner, &owners, &owner)) {
		r = put(index, &owner);
		if (r < 0)
			return r;
		last = owner.id;
	}
	if (page->more != 0)
		return *last == '\0' ? -EBADMSG : ask_page(index, last);
	index->is_current = true;
	index->current(index->arg);
	return 0;
}

static void
take_page(void *arg, const void *page, struct rpc_message *message,
    const struct err *failure)
{
	struct sandbox_index *index = arg;
	int r = page != NULL ? take_owners(index, page) : -failure->code;

	(void)message;
	if (r == 0)
		return;
	log_warn("sandbox_watch: %s", failure != NULL ? failure->text :
	    strerror(-r));
	rpc_client_connect(index->watch.client, -1);
}

static int
ask_page(struct sandbox_index *index, const char *after)
{
	const struct rpc_sandbox_watch_req request = {.after = after};

	return rpc_client_call(index->watch.client, &(struct rpc_client_call){
	    .row = &rpc_call_sandbox_watch, .request = &request,
	    .done = take_page, .arg = index}, NULL, NULL);
}

static int
take_news(void *arg, const struct rpc_message *message)
{
	struct sandbox_index *index = arg;
	struct rpc_sandbox_owned_event event;
	int r = rpc_open_request(&rpc_call_sandbox_owned, message, &event);

	if (r < 0)
		return r;
	if (*event.org != '\0')
		return put(index, &(struct rpc_sandbox_owner){event.id,
		    event.org, event.owner_id, event.is_private});
	take_out(index, event.id);
	return 0;
}

static void
connect_in(struct sandbox_index *index, uint64_t pause_ms)
{
	(void)sd_event_source_set_time_relative(index->timer,
	    pause_ms * 1000);
	(void)sd_event_source_set_enabled(index->timer, SD_EVENT_ONESHOT);
}

static void
on_ended(void *arg)
{
	struct sandbox_index *index = arg;

	log_info("sandboxd's list of sandboxes: the connection has ended");
	connect_in(index, index->is_current ? SANDBOX_INDEX_RETRY_MS :
	    SANDBOX_INDEX_PAUSE_MS);
	index->is_current = false;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sandbox_index *index = arg;
	int fd = fd_seqpacket_connect(index->path);

	(void)source;
	(void)usec;
	if (fd < 0) {
		connect_in(index, SANDBOX_INDEX_RETRY_MS);
		return 0;
	}
	index->n = 0;
	rpc_client_connect(index->watch.client, fd);
	if (ask_page(index, "") < 0)
		rpc_client_connect(index->watch.client, -1);
	return 0;
}

static int
watch(struct sandbox_index *index, sd_event *event, struct err *err)
{
	const struct rpc_client_options options = {.calls_max = 1,
	    .queue_bytes_max = RPC_FRAME_MAX, .event = take_news,
	    .ended = on_ended, .arg = index};
	int r = rpc_watch_init(&index->watch, event, &options, err);

	if (r < 0)
		return r;
	/* Before any client's message that came later than the news. */
	index->watch.priority = SD_EVENT_PRIORITY_IMPORTANT;
	r = sd_event_add_time_relative(event, &index->timer, CLOCK_MONOTONIC,
	    0, 0, on_timer, index);
	return r < 0 ? err_set(err, -r, "event loop: %s", strerror(-r)) : 0;
}

int
sandbox_index_new(sd_event *event, const char *path,
    void (*current)(void *arg), void *arg, struct sandbox_index **ret,
    struct err *err)
{
	struct sandbox_index *index;
	int r;

	if (strlen(path) >= sizeof index->path)
		return err_set(err, ENAMETOOLONG, "%s: too long for a socket",
		    path);
	index = calloc(1, sizeof *index);
	if (index == NULL)
		return err_set(err, ENOMEM, "out of memory");
	index->current = current;
	index->arg = arg;
	snprintf(index->path, sizeof index->path, "%s", path);
	r = watch(index, event, err);
	if (r < 0)
		sandbox_index_free(index);
	else
		*ret = index;
	return r;
}

void
sandbox_index_free(struct sandbox_index *index)
{
	if (index == NULL)
		return;
	sd_event_source_disable_unref(index->timer);
	rpc_watch_fini(&index->watch);
	free(index->owners);
	free(index);
}

bool
sandbox_index_is_current(const struct sandbox_index *index)
{
	return index->is_current;
}

const struct sandbox_owner *
sandbox_index_find(const struct sandbox_index *index, const char *sandbox_id)
{
	size_t i = position(index, sandbox_id);

	return is_at(index, i, sandbox_id) ? &index->owners[i] : NULL;
}

const struct sandbox_owner *
sandbox_index_next(const struct sandbox_index *index, const char *org,
    const char *after)
{
	size_t i = position(index, after);

	if (is_at(index, i, after))
		i++;
	for (; i < index->n; i++)
		if (org == NULL || strcmp(index->owners[i].org, org) == 0)
			return &index->owners[i];
	return NULL;
}

uint32_t
sandbox_index_count(const struct sandbox_index *index, const char *org)
{
	uint32_t n = 0;

	for (size_t i = 0; i < index->n; i++)
		n += strcmp(index->owners[i].org, org) == 0;
	return n;
}
