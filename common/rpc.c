// SPDX-License-Identifier: Apache-2.0
#include "common/rpc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* A cursor over a buffer being written or read. */
struct cursor {
	uint8_t *p;
	size_t left;
};

static int
put(struct cursor *c, const void *data, size_t size)
{
	if (size > c->left)
		return -EMSGSIZE;
	if (size > 0)
		memcpy(c->p, data, size);
	c->p += size;
	c->left -= size;
	return 0;
}

static int
put_range(struct cursor *c, const void *data, size_t size, uint32_t max)
{
	uint32_t wire_size = (uint32_t)size;
	int r;

	if (size > max)
		return -EMSGSIZE;
	r = put(c, &wire_size, sizeof wire_size);
	return r < 0 ? r : put(c, data, size);
}

static uint8_t
wire_type(const struct rpc_field *field)
{
	return field->type == RPC_LIST ? RPC_BYTES : (uint8_t)field->type;
}

static int
encode_field(const struct rpc_field *field, const uint8_t *value,
    struct cursor *c)
{
	const char *str;
	struct rpc_bytes bytes;
	struct rpc_strv strv;
	uint8_t type = wire_type(field);
	int r;

	if (field->is_later && ((const struct rpc_bytes *)value)->size == 0)
		return 0;
	if ((r = put(c, &type, 1)) < 0)
		return r;
	switch (field->type) {
	case RPC_U32:
	case RPC_I32:
		return put(c, value, sizeof(uint32_t));
	case RPC_U64:
		return put(c, value, sizeof(uint64_t));
	case RPC_STR:
		memcpy(&str, value, sizeof str);
		if (str == NULL)
			str = "";
		return put_range(c, str, strlen(str) + 1, field->max);
	case RPC_BYTES:
	case RPC_LIST:
		memcpy(&bytes, value, sizeof bytes);
		return put_range(c, bytes.data, bytes.size, field->max);
	case RPC_STRV:
		memcpy(&strv, value, sizeof strv);
		return put_range(c, strv.data, strv.size, field->max);
	}
	return -EMSGSIZE;
}

ptrdiff_t
rpc_encode(const struct rpc_layout *layout, const void *data, uint8_t *buffer,
    size_t size)
{
	struct cursor c = {buffer, size};

	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct rpc_field *field = &layout->fields[i];
		int r = encode_field(field,
		    (const uint8_t *)data + field->offset, &c);

		if (r < 0)
			return r;
	}
	return c.p - buffer;
}

static const uint8_t *
get(struct cursor *c, size_t size)
{
	const uint8_t *p = c->p;

	if (size > c->left)
		return NULL;
	c->p += size;
	c->left -= size;
	return p;
}

static const uint8_t *
get_range(struct cursor *c, uint32_t max, uint32_t *ret_size)
{
	const uint8_t *p = get(c, sizeof *ret_size);

	if (p == NULL)
		return NULL;
	memcpy(ret_size, p, sizeof *ret_size);
	return *ret_size <= max ? get(c, *ret_size) : NULL;
}

/* A range whose bytes are whole NUL-terminated strings. */
static int
decode_strv(const uint8_t *p, uint32_t size, struct rpc_strv *ret)
{
	if (size > 0 && p[size - 1] != '\0')
		return -EBADMSG;
	ret->data = (const char *)p;
	ret->size = size;
	for (uint32_t i = 0; i < size; i++)
		if (p[i] == '\0')
			ret->count++;
	return 0;
}

/* Whether the bytes are whole records; one without fields would be endless. */
static bool
is_list(const struct rpc_layout *record, struct rpc_bytes bytes)
{
	union rpc_any ignored;

	while (bytes.size > 0)
		if (!rpc_list_next(record, &bytes, &ignored))
			return false;
	return true;
}

/* One that came later, and what comes next is not it. */
static bool
is_left_out(const struct rpc_field *field, const struct cursor *c)
{
	return field->is_later && (c->left == 0 || *c->p != wire_type(field));
}

static int
decode_field(const struct rpc_field *field, struct cursor *c, uint8_t *value)
{
	const uint8_t *p;
	struct rpc_bytes bytes = {0};
	struct rpc_strv strv = {0};
	size_t scalar_size = field->type == RPC_U64 ? 8 : 4;

	if (is_left_out(field, c))
		return 0;
	if ((p = get(c, 1)) == NULL || *p != wire_type(field))
		return -EBADMSG;
	switch (field->type) {
	case RPC_U32:
	case RPC_I32:
	case RPC_U64:
		if ((p = get(c, scalar_size)) == NULL)
			return -EBADMSG;
		memcpy(value, p, scalar_size);
		return 0;
	case RPC_STR:
		p = get_range(c, field->max, &bytes.size);
		if (p == NULL || bytes.size == 0 ||
		    memchr(p, '\0', bytes.size) != p + bytes.size - 1)
			return -EBADMSG;
		memcpy(value, &p, sizeof p);
		return 0;
	case RPC_BYTES:
	case RPC_LIST:
		bytes.data = get_range(c, field->max, &bytes.size);
		if (bytes.data == NULL || (field->type == RPC_LIST &&
		    !is_list(field->record, bytes)) ||
		    (field->is_later && bytes.size == 0))
			return -EBADMSG;
		memcpy(value, &bytes, sizeof bytes);
		return 0;
	case RPC_STRV:
		p = get_range(c, field->max, &bytes.size);
		if (p == NULL || decode_strv(p, bytes.size, &strv) < 0)
			return -EBADMSG;
		memcpy(value, &strv, sizeof strv);
		return 0;
	}
	return -EBADMSG;
}

int
rpc_decode(const struct rpc_layout *layout, const uint8_t *buffer, size_t size,
    void *ret_data, size_t *ret_used)
{
	struct cursor c = {(uint8_t *)(uintptr_t)buffer, size};

	memset(ret_data, 0, layout->struct_size);
	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct rpc_field *field = &layout->fields[i];
		int r = decode_field(field, &c,
		    (uint8_t *)ret_data + field->offset);

		if (r < 0)
			return r;
	}
	if (ret_used != NULL)
		*ret_used = size - c.left;
	else if (c.left != 0)
		return -EBADMSG;
	return 0;
}

int
rpc_decode_kept(const struct rpc_layout *layout, const uint8_t *buffer,
    size_t size, void *ret_data)
{
	struct rpc_layout older = *layout;

	if (rpc_decode(layout, buffer, size, ret_data, NULL) == 0)
		return 0;
	older.n_fields--;
	return rpc_decode(&older, buffer, size, ret_data, NULL);
}

bool
rpc_list_next(const struct rpc_layout *record, struct rpc_bytes *list,
    void *ret_record)
{
	size_t used;

	if (list->size == 0 || rpc_decode(record, list->data, list->size,
	    ret_record, &used) < 0 || used == 0)
		return false;
	list->data += used;
	list->size -= (uint32_t)used;
	return true;
}

int
rpc_list_add(struct rpc_list *list, const struct rpc_layout *layout,
    const void *record)
{
	ptrdiff_t n = rpc_encode(layout, record, list->data + list->used,
	    list->size - list->used);

	if (n < 0)
		return (int)n;
	list->used += (uint32_t)n;
	list->count++;
	return 0;
}

const char *
rpc_strv_next(struct rpc_strv *strv)
{
	const char *s = strv->data;
	uint32_t size;

	if (strv->count == 0)
		return NULL;
	size = (uint32_t)strlen(s) + 1;
	strv->data += size;
	strv->size -= size;
	strv->count--;
	return s;
}

#define SMALL_FRAME_BYTES 2048 /* what most messages fit in */

/*
 * Header and struct as one datagram: into `small`, or *ret_large, the caller's
 * to free, where it does not fit. The bytes, or -errno.
 */
static ptrdiff_t
encode_frame(struct rpc_header *header, const struct rpc_layout *layout,
    const void *data, uint8_t small[SMALL_FRAME_BYTES], uint8_t **ret_large)
{
	size_t room = SMALL_FRAME_BYTES;
	uint8_t *frame = small;
	ptrdiff_t n;

	n = rpc_encode(layout, data, frame + sizeof *header,
	    room - sizeof *header);
	if (n == -EMSGSIZE) {
		room = RPC_FRAME_MAX;
		*ret_large = frame = malloc(room);
		if (frame == NULL)
			return -ENOMEM;
		n = rpc_encode(layout, data, frame + sizeof *header,
		    room - sizeof *header);
	}
	if (n < 0)
		return n;
	header->size = (uint32_t)n;
	memcpy(frame, header, sizeof *header);
	return n + (ptrdiff_t)sizeof *header;
}

static int
send_frame(int sock, struct rpc_header header, const struct rpc_layout *layout,
    const void *data, const int *fds, size_t n_fds, int flags)
{
	auto_free uint8_t *large = NULL;
	uint8_t small[SMALL_FRAME_BYTES];
	ptrdiff_t n = encode_frame(&header, layout, data, small, &large);

	if (n < 0)
		return (int)n;
	return fd_send(sock, large != NULL ? large : small, (size_t)n, fds,
	    n_fds, flags);
}

static int
keep_frame(struct rpc_header header, const struct rpc_layout *layout,
    const void *data, const int *fds, size_t n_fds, struct rpc_frame *ret)
{
	auto_free uint8_t *large = NULL;
	uint8_t small[SMALL_FRAME_BYTES];
	ptrdiff_t n = encode_frame(&header, layout, data, small, &large);
	int r = 0;

	memset(ret, 0, sizeof *ret);
	if (n < 0)
		return (int)n;
	if (n_fds > FD_PASS_MAX)
		return -E2BIG;
	if ((ret->data = malloc((size_t)n)) == NULL)
		return -ENOMEM;
	memcpy(ret->data, large != NULL ? large : small, (size_t)n);
	ret->size = (size_t)n;
	while (r == 0 && ret->n_fds < n_fds) {
		int fd = fcntl(fds[ret->n_fds], F_DUPFD_CLOEXEC, 3);

		if (fd < 0)
			r = -errno;
		else
			ret->fds[ret->n_fds++] = fd;
	}
	if (r < 0)
		rpc_frame_free(ret);
	return r;
}

int
rpc_frame_send(int sock, const struct rpc_frame *frame, int flags)
{
	return fd_send(sock, frame->data, frame->size, frame->fds,
	    frame->n_fds, flags);
}

void
rpc_frame_free(struct rpc_frame *frame)
{
	for (size_t i = 0; i < frame->n_fds; i++)
		fd_close(&frame->fds[i]);
	free(frame->data);
	memset(frame, 0, sizeof *frame);
}

static struct rpc_header
request_header(const struct rpc_call *call, uint32_t id)
{
	return (struct rpc_header){.number = call->number,
	    .kind = (uint16_t)call->kind, .id = id};
}

static struct rpc_header
reply_header(uint16_t number, uint32_t id, int32_t status)
{
	return (struct rpc_header){.number = number, .kind = RPC_KIND_REPLY,
	    .id = id, .status = status};
}

int
rpc_send_request(int sock, const struct rpc_call *call, uint32_t id,
    const void *request, const int *fds, size_t n_fds, int flags)
{
	return send_frame(sock, request_header(call, id), call->request,
	    request, fds, n_fds, flags);
}

int
rpc_frame_request(const struct rpc_call *call, uint32_t id,
    const void *request, const int *fds, size_t n_fds, struct rpc_frame *ret)
{
	return keep_frame(request_header(call, id), call->request, request,
	    fds, n_fds, ret);
}

int
rpc_send_reply(int sock, const struct rpc_call *call, uint32_t id,
    const void *reply, const int *fds, size_t n_fds, int flags)
{
	return send_frame(sock, reply_header(call->number, id, 0), call->reply,
	    reply, fds, n_fds, flags);
}

int
rpc_frame_reply(const struct rpc_call *call, uint32_t id, const void *reply,
    const int *fds, size_t n_fds, struct rpc_frame *ret)
{
	return keep_frame(reply_header(call->number, id, 0), call->reply, reply,
	    fds, n_fds, ret);
}

/* The payload of every failed reply. */
struct error_words {
	const char *words;
	uint32_t retry_s;
	const char *cause;
};
static const struct rpc_field error_fields[] = {
    {"words", RPC_STR, ERR_TEXT_SIZE, offsetof(struct error_words, words)},
    {"retry_s", RPC_U32, 0, offsetof(struct error_words, retry_s)},
    {"cause", RPC_STR, ERR_CAUSE_SIZE, offsetof(struct error_words, cause)},
};
/* Without the last ones where there are none, as inits of before have it. */
static const struct rpc_layout error_layouts[] = {
    {"error", sizeof(struct error_words), 1, error_fields},
    {"error", sizeof(struct error_words), 2, error_fields},
    {"error", sizeof(struct error_words), 3, error_fields},
};

static const struct rpc_layout *
error_layout_of(const struct err *err)
{
	if (err->cause[0] != '\0')
		return &error_layouts[2];
	return &error_layouts[err->retry_s != 0];
}

static int
open_error(const struct rpc_message *m, struct error_words *ret)
{
	int r = -EBADMSG;

	for (size_t i = 0; r < 0 && i < sizeof error_layouts /
	    sizeof *error_layouts; i++) {
		*ret = (struct error_words){NULL};
		r = rpc_decode(&error_layouts[i], m->payload, m->header.size,
		    ret, NULL);
	}
	if (ret->cause == NULL)
		ret->cause = "";
	return r;
}

static int32_t
error_status(const struct err *err)
{
	return err->code > 0 ? -err->code : -EIO;
}

int
rpc_send_error(int sock, uint16_t number, uint32_t id, const struct err *err,
    int flags)
{
	return send_frame(sock, reply_header(number, id, error_status(err)),
	    error_layout_of(err), &(struct error_words){err->text,
	    err->retry_s, err->cause}, NULL, 0, flags);
}

int
rpc_frame_error(uint16_t number, uint32_t id, const struct err *err,
    struct rpc_frame *ret)
{
	return keep_frame(reply_header(number, id, error_status(err)),
	    error_layout_of(err), &(struct error_words){err->text,
	    err->retry_s, err->cause}, NULL, 0, ret);
}

int
rpc_receive(int sock, struct rpc_message *m, int flags)
{
	ssize_t n;

	memset(m, 0, sizeof *m);
	do
		n = recv(sock, NULL, 0, flags | MSG_PEEK | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n > RPC_FRAME_MAX)
		return -EBADMSG;
	m->buffer = malloc((size_t)n + 1);
	if (m->buffer == NULL)
		return -ENOMEM;
	n = fd_receive(sock, m->buffer, (size_t)n + 1, m->fds, &m->n_fds,
	    flags);
	if (n <= 0)
		return n == -EMSGSIZE ? -EBADMSG : (int)n;
	if ((size_t)n < sizeof m->header)
		return -EBADMSG;
	memcpy(&m->header, m->buffer, sizeof m->header);
	m->payload = m->buffer + sizeof m->header;
	if (m->header.size != (size_t)n - sizeof m->header ||
	    m->header.kind >= N_RPC_KIND)
		return -EBADMSG;
	return 1;
}

void
rpc_message_free(struct rpc_message *m)
{
	for (size_t i = 0; i < m->n_fds; i++)
		fd_close(&m->fds[i]);
	free(m->buffer);
	memset(m, 0, sizeof *m);
}

int
rpc_open_request(const struct rpc_call *call, const struct rpc_message *m,
    void *ret_request)
{
	if (m->header.number != call->number || m->header.kind != call->kind ||
	    m->n_fds != call->request_fds || m->header.size > call->max_bytes)
		return -EBADMSG;
	return rpc_decode(call->request, m->payload, m->header.size,
	    ret_request, NULL);
}

int
rpc_open_reply(const struct rpc_call *call, const struct rpc_message *m,
    void *ret_reply, struct err *err)
{
	struct error_words words;

	if (m->header.kind != RPC_KIND_REPLY ||
	    m->header.number != call->number || m->n_fds > call->reply_fds_max)
		return err_set(err, EBADMSG, "%s: not a reply to it",
		    call->name);
	if (m->header.status < 0) {
		if (open_error(m, &words) < 0)
			return err_set(err, EBADMSG, "%s: malformed error",
			    call->name);
		err_set(err, -m->header.status, "%s", words.words);
		(void)err_cause(err, words.cause);
		return err == NULL ? m->header.status :
		    err_retry(err, words.retry_s);
	}
	if (rpc_decode(call->reply, m->payload, m->header.size, ret_reply,
	    NULL) < 0)
		return err_set(err, EBADMSG, "%s: malformed reply",
		    call->name);
	return 0;
}

int
rpc_call(int sock, const struct rpc_call *call, const void *request,
    const int *fds, size_t n_fds, void *ret_reply,
    struct rpc_message *ret_message, struct err *err)
{
	static uint32_t next_id;
	uint32_t id = __atomic_add_fetch(&next_id, 1, __ATOMIC_RELAXED);
	int r = rpc_send_request(sock, call, id, request, fds, n_fds, 0);

	if (r < 0)
		return err_set(err, -r, "%s: send: %s", call->name,
		    strerror(-r));
	for (;;) {
		r = rpc_receive(sock, ret_message, 0);
		if (r <= 0)
			return err_set(err, r == 0 ? EPIPE : -r, "%s: %s",
			    call->name, r == 0 ? "the server hung up" :
			    strerror(-r));
		if (ret_message->header.kind == RPC_KIND_REPLY &&
		    ret_message->header.id == id)
			break;
		rpc_message_free(ret_message);
	}
	return rpc_open_reply(call, ret_message, ret_reply, err);
}
