// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/sandbox_index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"
#include "common/rpc_calls.h"
#include "keys/store.h"

#define MESSAGES_A_TURN 64

struct sandbox_index {
	sd_event *event;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	void (*current)(void *arg);
	void *arg;
	int fd;
	sd_event_source *io;
	sd_event_source *timer; /* to connect again */
	uint32_t request_id;	/* of the page that is awaited */
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

static int
ask_page(struct sandbox_index *index, const char *after)
{
	const struct rpc_sandbox_watch_req request = {.after = after};

	return rpc_send_request(index->fd, &rpc_call_sandbox_watch,
	    ++index->request_id, &request, NULL, 0, MSG_DONTWAIT);
}

static int
take_page(struct sandbox_index *index, const struct rpc_message *message)
{
	struct rpc_sandbox_watch_rep reply;
	struct err err = {0};
	struct rpc_sandbox_owner owner;
	const char *last = "";
	int r = rpc_open_reply(&rpc_call_sandbox_watch, message, &reply, &err);

	if (r < 0 || message->header.id != index->request_id) {
		log_warn("sandbox_watch: %s", r < 0 ? err.text : "late");
		return -EBADMSG;
	}
	while (rpc_list_next(&rpc_layout_sandbox_owner, &reply.owners,
	    &owner)) {
		r = put(index, &owner);
		if (r < 0)
			return r;
		last = owner.id;
	}
	if (reply.more != 0)
		return *last == '\0' ? -EBADMSG : ask_page(index, last);
	index->is_current = true;
	index->current(index->arg);
	return 0;
}

static int
take_message(struct sandbox_index *index, const struct rpc_message *message)
{
	struct rpc_sandbox_owned_event event;
	int r;

	if (message->header.number != rpc_call_sandbox_owned.number)
		return take_page(index, message);
	r = rpc_open_request(&rpc_call_sandbox_owned, message, &event);
	if (r < 0)
		return r;
	if (*event.org != '\0')
		return put(index, &(struct rpc_sandbox_owner){event.id,
		    event.org, event.owner_id, event.is_private});
	take_out(index, event.id);
	return 0;
}

static void
disconnect(struct sandbox_index *index)
{
	uint64_t pause_ms = index->is_current ? SANDBOX_INDEX_RETRY_MS :
	    SANDBOX_INDEX_PAUSE_MS;

	index->is_current = false;
	index->io = sd_event_source_disable_unref(index->io);
	fd_close(&index->fd);
	(void)sd_event_source_set_time_relative(index->timer,
	    pause_ms * 1000);
	(void)sd_event_source_set_enabled(index->timer, SD_EVENT_ONESHOT);
}

static int
on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct sandbox_index *index = arg;

	(void)source;
	(void)events;
	for (int i = 0; i < MESSAGES_A_TURN; i++) {
		auto_rpc_message struct rpc_message message = {0};
		int r = rpc_receive(fd, &message, MSG_DONTWAIT);

		if (r == -EAGAIN)
			return 0;
		if (r > 0)
			r = take_message(index, &message);
		else if (r == 0)
			r = -EPIPE;
		if (r < 0) {
			log_info("sandboxd's list of sandboxes: %s",
			    strerror(-r));
			disconnect(index);
			return 0;
		}
	}
	return 0;
}

static int
begin(struct sandbox_index *index)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = socket(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	memcpy(address.sun_path, index->path, sizeof index->path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	r = sd_event_add_io(index->event, &index->io, fd, EPOLLIN, on_io,
	    index);
	/* Before any client's message that came later than the news. */
	if (r >= 0)
		r = sd_event_source_set_priority(index->io,
		    SD_EVENT_PRIORITY_IMPORTANT);
	index->fd = take_fd(&fd);
	index->n = 0;
	return r < 0 ? r : ask_page(index, "");
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sandbox_index *index = arg;

	(void)usec;
	if (begin(index) == 0)
		return 0;
	index->io = sd_event_source_disable_unref(index->io);
	fd_close(&index->fd);
	(void)sd_event_source_set_time_relative(source,
	    SANDBOX_INDEX_RETRY_MS * 1000);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
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
	index->fd = -1;
	index->event = sd_event_ref(event);
	index->current = current;
	index->arg = arg;
	snprintf(index->path, sizeof index->path, "%s", path);
	r = sd_event_add_time_relative(event, &index->timer, CLOCK_MONOTONIC,
	    0, 0, on_timer, index);
	if (r < 0) {
		sandbox_index_free(index);
		return err_set(err, -r, "event loop: %s", strerror(-r));
	}
	*ret = index;
	return 0;
}

void
sandbox_index_free(struct sandbox_index *index)
{
	if (index == NULL)
		return;
	sd_event_source_disable_unref(index->io);
	sd_event_source_disable_unref(index->timer);
	fd_close(&index->fd);
	sd_event_unref(index->event);
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
