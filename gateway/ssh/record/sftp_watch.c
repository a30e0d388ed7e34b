// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/sftp_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of a packet; two paths of PATH_MAX and what goes with them. */
#define HEAD_MAX_BYTES	 9216
#define LENGTH_BYTES	 4
#define HANDLE_MAX_BYTES 256 /* section 3 */
#define REQUEST_BUCKETS	 256

/* One direction: the head of the packet that is passing. */
struct stream {
	uint8_t head[LENGTH_BYTES + HEAD_MAX_BYTES];
	size_t n_head;
	uint32_t left; /* bytes of the packet behind its head */
};

/* An open handle and what it was used for. */
struct handle {
	struct handle *next;
	uint8_t name[HANDLE_MAX_BYTES];
	uint32_t name_size;
	bool is_folder;
	uint64_t read_bytes, written_bytes;
	uint32_t path_size;
	uint8_t path[];
};

/* A request that was not answered yet. */
struct request {
	struct request *next;
	const struct sftp_kind *kind;
	uint32_t id;
	char detail[SFTP_REQUEST_DETAIL_SIZE];
	struct handle *handle; /* it is about; of the path otherwise */
	uint32_t path_size, target_size, data_size;
	bool has_target;
	uint8_t paths[]; /* the path, then the target */
};

struct sftp_watch {
	void (*take)(void *arg, const struct sftp_event *event);
	void *arg;
	struct stream from_client, from_server;
	bool is_broken;
	struct request *requests[REQUEST_BUCKETS];
	uint32_t n_requests;
	struct handle *handles;
	uint32_t n_handles;
};

struct sftp_watch *
sftp_watch_new(void (*take)(void *arg, const struct sftp_event *event),
    void *arg)
{
	struct sftp_watch *watch = calloc(1, sizeof *watch);

	if (watch == NULL)
		return NULL;
	watch->take = take;
	watch->arg = arg;
	return watch;
}

static void
tell(struct sftp_watch *watch, const struct request *request,
    const char *result)
{
	struct sftp_event event = {
	    .name = request->kind->name,
	    .path = {request->paths, request->path_size},
	    .result = result,
	};

	if (request->kind->type == SFTP_READ ||
	    request->kind->type == SFTP_WRITE ||
	    (request->kind->type == SFTP_CLOSE && request->handle != NULL &&
	    request->handle->is_folder))
		return;
	if (request->handle != NULL)
		event.path = (struct sftp_bytes){request->handle->path,
		    request->handle->path_size};
	if (request->has_target)
		event.target = (struct sftp_bytes){
		    request->paths + request->path_size,
		    request->target_size};
	memcpy(event.detail, request->detail, sizeof event.detail);
	if (request->kind->type == SFTP_CLOSE && request->handle != NULL) {
		event.has_bytes = true;
		event.read_bytes = request->handle->read_bytes;
		event.written_bytes = request->handle->written_bytes;
	}
	watch->take(watch->arg, &event);
}

static struct handle *
find_handle(struct sftp_watch *watch, const uint8_t *name, uint32_t size)
{
	struct handle *handle = watch->handles;

	while (handle != NULL && (handle->name_size != size ||
	    memcmp(handle->name, name, size) != 0))
		handle = handle->next;
	return handle;
}

/* Nothing refers to it any more. */
static void
drop_handle(struct sftp_watch *watch, struct handle *handle)
{
	struct handle **link = &watch->handles;

	for (size_t i = 0; i < REQUEST_BUCKETS; i++)
		for (struct request *request = watch->requests[i];
		    request != NULL; request = request->next)
			if (request->handle == handle)
				request->handle = NULL;
	while (*link != handle)
		link = &(*link)->next;
	*link = handle->next;
	watch->n_handles--;
	free(handle);
}

static int
add_handle(struct sftp_watch *watch, const struct request *request,
    const uint8_t *name, uint32_t size)
{
	struct handle *handle;

	if (size > HANDLE_MAX_BYTES ||
	    watch->n_handles == SFTP_WATCH_HANDLES_MAX ||
	    find_handle(watch, name, size) != NULL)
		return -EBADMSG;
	handle = calloc(1, sizeof *handle + request->path_size);
	if (handle == NULL)
		return -ENOMEM;
	memcpy(handle->name, name, size);
	handle->name_size = size;
	handle->is_folder = request->kind->type == SFTP_OPENDIR;
	memcpy(handle->path, request->paths, request->path_size);
	handle->path_size = request->path_size;
	handle->next = watch->handles;
	watch->handles = handle;
	watch->n_handles++;
	return 0;
}

static int
add_request(struct sftp_watch *watch, const struct sftp_request *asked)
{
	struct handle *handle = NULL, *source = NULL;
	struct request *request, **bucket =
	    &watch->requests[asked->id % REQUEST_BUCKETS];
	const uint8_t *target = asked->target;
	uint32_t target_size = asked->target_size;

	if (asked->handle != NULL) {
		handle = find_handle(watch, asked->handle, asked->handle_size);
		if (handle == NULL)
			return 0; /* the server will refuse it */
	}
	if (asked->kind->shape == SFTP_SHAPE_COPY) {
		source = find_handle(watch, target, target_size);
		if (source == NULL)
			return 0;
		target = source->path;
		target_size = source->path_size;
	}
	if (watch->n_requests == SFTP_WATCH_REQUESTS_MAX)
		return -EBADMSG;
	request = calloc(1, sizeof *request + asked->path_size + target_size);
	if (request == NULL)
		return -ENOMEM;
	request->kind = asked->kind;
	request->id = asked->id;
	request->handle = handle;
	request->path_size = asked->path_size;
	request->target_size = target_size;
	request->data_size = asked->data_size;
	request->has_target = target != NULL;
	memcpy(request->detail, asked->detail, sizeof request->detail);
	if (asked->path_size > 0)
		memcpy(request->paths, asked->path, asked->path_size);
	if (target_size > 0)
		memcpy(request->paths + asked->path_size, target,
		    target_size);
	request->next = *bucket;
	*bucket = request;
	watch->n_requests++;
	return 0;
}

static int
take_request(struct sftp_watch *watch, uint8_t type,
    struct packet_reader *reader)
{
	struct sftp_request asked;
	int r = type == SFTP_INIT ? 0 :
	    sftp_request_read(type, reader, &asked);

	return r > 0 ? add_request(watch, &asked) : r;
}

static struct request *
take_out(struct sftp_watch *watch, uint32_t id)
{
	struct request **link = &watch->requests[id % REQUEST_BUCKETS];
	struct request *request, **oldest = NULL;

	/* The newest are in front; of two with one id, answer the older. */
	for (; *link != NULL; link = &(*link)->next)
		if ((*link)->id == id)
			oldest = link;
	if (oldest == NULL)
		return NULL;
	request = *oldest;
	*oldest = request->next;
	watch->n_requests--;
	return request;
}

static const char *
status_words(uint32_t status)
{
	static const char *const words[] = {"ok", "end of file",
	    "no such file", "permission denied", "failure", "bad message",
	    "no connection", "connection lost", "unsupported"};

	return status < sizeof words / sizeof *words ? words[status] :
	    "failure";
}

static int
answer(struct sftp_watch *watch, const struct request *request, uint8_t type,
    struct packet_reader *reader)
{
	const uint8_t *name;
	uint32_t number, size;

	if (type == SFTP_HANDLE && (request->kind->type == SFTP_OPEN ||
	    request->kind->type == SFTP_OPENDIR)) {
		if (!packet_read_string(reader, &name, &size))
			return -EBADMSG;
		tell(watch, request, "ok");
		return add_handle(watch, request, name, size);
	}
	if (!packet_read_u32(reader, &number))
		return -EBADMSG;
	if (type == SFTP_DATA && request->kind->type == SFTP_READ) {
		if (request->handle != NULL)
			request->handle->read_bytes += number;
		return 0;
	}
	if (type != SFTP_STATUS) {
		tell(watch, request, "unexpected answer");
		return 0;
	}
	if (request->kind->type == SFTP_WRITE && request->handle != NULL &&
	    number == 0)
		request->handle->written_bytes += request->data_size;
	tell(watch, request, status_words(number));
	if (request->kind->type == SFTP_CLOSE && request->handle != NULL)
		drop_handle(watch, request->handle);
	return 0;
}

static int
take_answer(struct sftp_watch *watch, uint8_t type,
    struct packet_reader *reader)
{
	struct request *request;
	uint32_t id;
	int r;

	if (type == SFTP_VERSION)
		return 0;
	if (!packet_read_u32(reader, &id))
		return -EBADMSG;
	request = take_out(watch, id);
	if (request == NULL)
		return 0;
	r = answer(watch, request, type, reader);
	free(request);
	return r;
}

/* Bytes of the packet that are kept before it is looked at; 0 = unknown. */
static size_t
head_bytes(const struct stream *stream)
{
	struct packet_reader reader = {stream->head, LENGTH_BYTES};
	uint32_t size = 0;

	if (stream->n_head < LENGTH_BYTES)
		return 0;
	(void)packet_read_u32(&reader, &size);
	return LENGTH_BYTES + (size < HEAD_MAX_BYTES ? size : HEAD_MAX_BYTES);
}

static int
take_packet(struct sftp_watch *watch, bool is_from_client,
    struct stream *stream)
{
	struct packet_reader reader = {stream->head,
	    (uint32_t)stream->n_head};
	uint32_t size = 0;
	uint8_t type;

	(void)packet_read_u32(&reader, &size);
	if (size == 0 || size > SFTP_WATCH_PACKET_MAX)
		return -EBADMSG;
	stream->left = size - reader.n_bytes;
	type = *reader.p;
	(void)packet_skip(&reader, 1);
	stream->n_head = 0;
	return is_from_client ? take_request(watch, type, &reader) :
	    take_answer(watch, type, &reader);
}

int
sftp_watch_feed(struct sftp_watch *watch, bool is_from_client,
    const uint8_t *data, size_t size)
{
	struct stream *stream = is_from_client ? &watch->from_client :
	    &watch->from_server;

	while (size > 0 && !watch->is_broken) {
		size_t want = head_bytes(stream), n;

		if (stream->left > 0) {
			n = size < stream->left ? size : stream->left;
			stream->left -= (uint32_t)n;
		} else {
			n = (want > 0 ? want : LENGTH_BYTES) - stream->n_head;
			if (n > size)
				n = size;
			memcpy(stream->head + stream->n_head, data, n);
			stream->n_head += n;
			want = head_bytes(stream);
			if (want > 0 && stream->n_head == want)
				watch->is_broken = take_packet(watch,
				    is_from_client, stream) < 0;
		}
		data += n;
		size -= n;
	}
	return watch->is_broken ? -EBADMSG : 0;
}

static void
end_requests(struct sftp_watch *watch, bool is_told)
{
	for (size_t i = 0; i < REQUEST_BUCKETS; i++)
		while (watch->requests[i] != NULL) {
			struct request *request = watch->requests[i];

			if (is_told)
				tell(watch, request, "");
			watch->requests[i] = request->next;
			free(request);
		}
	watch->n_requests = 0;
}

void
sftp_watch_end(struct sftp_watch *watch)
{
	static const struct sftp_kind close = {.type = SFTP_CLOSE,
	    .name = "close"};

	end_requests(watch, true);
	while (watch->handles != NULL) {
		struct handle *handle = watch->handles;
		struct request request = {.kind = &close,
		    .handle = handle};

		tell(watch, &request, "");
		watch->handles = handle->next;
		free(handle);
	}
	watch->n_handles = 0;
}

void
sftp_watch_free(struct sftp_watch *watch)
{
	if (watch == NULL)
		return;
	end_requests(watch, false);
	while (watch->handles != NULL) {
		struct handle *handle = watch->handles;

		watch->handles = handle->next;
		free(handle);
	}
	free(watch);
}
