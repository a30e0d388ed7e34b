// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/sftp_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/ssh/packet_fields.h"

/* Of a packet; two paths of PATH_MAX and what goes with them. */
#define HEAD_MAX_BYTES	 9216
#define LENGTH_BYTES	 4
#define HANDLE_MAX_BYTES 256 /* section 3 */
#define REQUEST_BUCKETS	 256

/* Section 3: what is asked and answered. */
enum packet_type {
	INIT = 1,
	VERSION = 2,
	OPEN = 3,
	CLOSE = 4,
	READ = 5,
	WRITE = 6,
	SETSTAT = 9,
	FSETSTAT = 10,
	OPENDIR = 11,
	REMOVE = 13,
	MKDIR = 14,
	RMDIR = 15,
	RENAME = 18,
	SYMLINK = 20,
	STATUS = 101,
	HANDLE = 102,
	DATA = 103,
	EXTENDED = 200,
};

/* How the fields of a request are read. */
enum shape {
	SHAPE_OPEN,	     /* path, flags */
	SHAPE_PATH,	     /* path */
	SHAPE_TWO_PATHS,     /* path, target */
	SHAPE_LINK,	     /* target, path: OpenSSH's order */
	SHAPE_SET,	     /* path, attributes */
	SHAPE_SET_HANDLE,    /* handle, attributes */
	SHAPE_CLOSE,	     /* handle */
	SHAPE_READ,	     /* handle */
	SHAPE_WRITE,	     /* handle, offset, data */
	SHAPE_COPY,	     /* handle, offset, length, handle, offset */
};

/* One row a request that changes or opens something. */
static const struct row {
	uint8_t type;
	const char *extension;
	enum shape shape;
	const char *name;
} rows[] = {
    {OPEN, NULL, SHAPE_OPEN, "open"},
    {CLOSE, NULL, SHAPE_CLOSE, "close"},
    {READ, NULL, SHAPE_READ, "read"},
    {WRITE, NULL, SHAPE_WRITE, "write"},
    {SETSTAT, NULL, SHAPE_SET, "setstat"},
    {FSETSTAT, NULL, SHAPE_SET_HANDLE, "setstat"},
    {OPENDIR, NULL, SHAPE_PATH, "opendir"},
    {REMOVE, NULL, SHAPE_PATH, "remove"},
    {MKDIR, NULL, SHAPE_PATH, "mkdir"},
    {RMDIR, NULL, SHAPE_PATH, "rmdir"},
    {RENAME, NULL, SHAPE_TWO_PATHS, "rename"},
    {SYMLINK, NULL, SHAPE_LINK, "symlink"},
    {EXTENDED, "posix-rename@openssh.com", SHAPE_TWO_PATHS, "rename"},
    {EXTENDED, "hardlink@openssh.com", SHAPE_TWO_PATHS, "hardlink"},
    {EXTENDED, "lsetstat@openssh.com", SHAPE_SET, "setstat"},
    {EXTENDED, "copy-data", SHAPE_COPY, "copy"},
};

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
	const struct row *row;
	uint32_t id;
	char detail[64];
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
	    .name = request->row->name,
	    .path = {request->paths, request->path_size},
	    .result = result,
	};

	if (request->row->shape == SHAPE_READ ||
	    request->row->shape == SHAPE_WRITE ||
	    (request->row->shape == SHAPE_CLOSE && request->handle != NULL &&
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
	if (request->row->shape == SHAPE_CLOSE && request->handle != NULL) {
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
	handle->is_folder = request->row->type == OPENDIR;
	memcpy(handle->path, request->paths, request->path_size);
	handle->path_size = request->path_size;
	handle->next = watch->handles;
	watch->handles = handle;
	watch->n_handles++;
	return 0;
}

/* The fields of one request, as they lie in its packet. */
struct fields {
	const uint8_t *handle, *path, *target;
	uint32_t handle_size, path_size, target_size, data_size, flags;
};

static bool
read_two(struct packet_reader *reader, const uint8_t **first,
    uint32_t *first_size, const uint8_t **second, uint32_t *second_size)
{
	return packet_read_string(reader, first, first_size) &&
	    packet_read_string(reader, second, second_size);
}

static bool
read_fields(struct packet_reader *reader, enum shape shape,
    struct fields *ret)
{
	struct fields f = {.data_size = 0};
	bool is_good = false;

	switch (shape) {
	case SHAPE_PATH:
		is_good = packet_read_string(reader, &f.path, &f.path_size);
		break;
	case SHAPE_OPEN:
	case SHAPE_SET:
		is_good = packet_read_string(reader, &f.path, &f.path_size) &&
		    packet_read_u32(reader, &f.flags);
		break;
	case SHAPE_TWO_PATHS:
		is_good = read_two(reader, &f.path, &f.path_size, &f.target,
		    &f.target_size);
		break;
	case SHAPE_LINK:
		is_good = read_two(reader, &f.target, &f.target_size, &f.path,
		    &f.path_size);
		break;
	case SHAPE_SET_HANDLE:
		is_good = packet_read_string(reader, &f.handle,
		    &f.handle_size) && packet_read_u32(reader, &f.flags);
		break;
	case SHAPE_CLOSE:
	case SHAPE_READ:
		is_good = packet_read_string(reader, &f.handle,
		    &f.handle_size);
		break;
	case SHAPE_WRITE:
		is_good = packet_read_string(reader, &f.handle,
		    &f.handle_size) && packet_skip(reader, 8) &&
		    packet_read_u32(reader, &f.data_size);
		break;
	case SHAPE_COPY: /* what the second handle is open for is told */
		is_good = packet_read_string(reader, &f.target,
		    &f.target_size) && packet_skip(reader, 16) &&
		    packet_read_string(reader, &f.handle, &f.handle_size);
		break;
	}
	*ret = f;
	return is_good;
}

/* Names of the bits that are set, by commas. */
static void
name_bits(uint32_t bits, const char *const *names, size_t n, char ret[64])
{
	size_t used = 0;

	*ret = '\0';
	for (size_t i = 0; i < n; i++)
		if (bits >> i & 1)
			used += (size_t)snprintf(ret + used, 64 - used, "%s%s",
			    used > 0 ? "," : "", names[i]);
}

static void
describe(const struct row *row, uint32_t flags, char ret[64])
{
	static const char *const open_flags[] = {"read", "write", "append",
	    "create", "truncate", "exclusive"};
	static const char *const attributes[] = {"size", "owner", "mode",
	    "times"};

	if (row->shape == SHAPE_OPEN)
		name_bits(flags, open_flags, 6, ret);
	else if (row->shape == SHAPE_SET || row->shape == SHAPE_SET_HANDLE)
		name_bits(flags, attributes, 4, ret);
}

static int
add_request(struct sftp_watch *watch, const struct row *row, uint32_t id,
    const struct fields *f)
{
	struct handle *handle = NULL, *source = NULL;
	struct request *request;
	struct fields f_copy = *f;

	if (f->handle != NULL) {
		handle = find_handle(watch, f->handle, f->handle_size);
		if (handle == NULL)
			return 0; /* the server will refuse it */
	}
	if (row->shape == SHAPE_COPY) {
		source = find_handle(watch, f->target, f->target_size);
		if (source == NULL)
			return 0;
		f_copy.target = source->path;
		f_copy.target_size = source->path_size;
	}
	if (watch->n_requests == SFTP_WATCH_REQUESTS_MAX)
		return -EBADMSG;
	request = calloc(1, sizeof *request + f_copy.path_size +
	    f_copy.target_size);
	if (request == NULL)
		return -ENOMEM;
	request->row = row;
	request->id = id;
	request->handle = handle;
	request->path_size = f_copy.path_size;
	request->target_size = f_copy.target_size;
	request->data_size = f->data_size;
	request->has_target = f->target != NULL;
	describe(row, f->flags, request->detail);
	if (f_copy.path_size > 0)
		memcpy(request->paths, f_copy.path, f_copy.path_size);
	if (f_copy.target_size > 0)
		memcpy(request->paths + f_copy.path_size, f_copy.target,
		    f_copy.target_size);
	request->next = watch->requests[id % REQUEST_BUCKETS];
	watch->requests[id % REQUEST_BUCKETS] = request;
	watch->n_requests++;
	return 0;
}

static const struct row *
find_row(uint8_t type, const uint8_t *extension, uint32_t size)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].type == type && (rows[i].extension == NULL ||
		    (strlen(rows[i].extension) == size &&
		    memcmp(rows[i].extension, extension, size) == 0)))
			return &rows[i];
	return NULL;
}

static int
take_request(struct sftp_watch *watch, uint8_t type,
    struct packet_reader *reader)
{
	const uint8_t *extension = NULL;
	uint32_t id, size = 0;
	const struct row *row;
	struct fields fields;

	if (type == INIT)
		return 0;
	if (!packet_read_u32(reader, &id) || (type == EXTENDED &&
	    !packet_read_string(reader, &extension, &size)))
		return -EBADMSG;
	row = find_row(type, extension, size);
	if (row == NULL)
		return 0; /* it only looks */
	if (!read_fields(reader, row->shape, &fields))
		return -EBADMSG;
	return add_request(watch, row, id, &fields);
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

	if (type == HANDLE && (request->row->type == OPEN ||
	    request->row->type == OPENDIR)) {
		if (!packet_read_string(reader, &name, &size))
			return -EBADMSG;
		tell(watch, request, "ok");
		return add_handle(watch, request, name, size);
	}
	if (!packet_read_u32(reader, &number))
		return -EBADMSG;
	if (type == DATA && request->row->shape == SHAPE_READ) {
		if (request->handle != NULL)
			request->handle->read_bytes += number;
		return 0;
	}
	if (type != STATUS) {
		tell(watch, request, "unexpected answer");
		return 0;
	}
	if (request->row->shape == SHAPE_WRITE && request->handle != NULL &&
	    number == 0)
		request->handle->written_bytes += request->data_size;
	tell(watch, request, status_words(number));
	if (request->row->shape == SHAPE_CLOSE && request->handle != NULL)
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

	if (type == VERSION)
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
	static const struct row close_row = {CLOSE, NULL, SHAPE_CLOSE,
	    "close"};

	end_requests(watch, true);
	while (watch->handles != NULL) {
		struct handle *handle = watch->handles;
		struct request request = {.row = &close_row,
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
