// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/reply.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

#define BLOCK_BYTES 65536

void
reply_init(struct reply *reply)
{
	*reply = (struct reply){.file_fd = -1};
}

void
reply_fini(struct reply *reply)
{
	json_decref(reply->body);
	fd_close(&reply->file_fd);
}

/* The next bytes; they are asked for one after the other. */
static ssize_t
read_bytes(void *arg, uint64_t offset, char *data, size_t size)
{
	const struct reply *reply = arg;
	ssize_t n;

	(void)offset;
	if (reply->give != NULL) {
		n = reply->give(reply->give_arg, data, size);
		return n >= 0 ? n : n == -ENODATA ?
		    MHD_CONTENT_READER_END_OF_STREAM :
		    MHD_CONTENT_READER_END_WITH_ERROR;
	}
	do
		n = read(reply->file_fd, data, size);
	while (n < 0 && errno == EINTR);
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void
hand_on(void *arg, struct MHD_Connection *connection, void *request,
    const char *extra, size_t n_extra, MHD_socket fd,
    struct MHD_UpgradeResponseHandle *upgraded)
{
	const struct reply *reply = arg;

	(void)connection;
	(void)request;
	(void)extra;
	reply->hand_on(reply->hand_on_arg, &(struct reply_handover){fd,
	    n_extra, upgraded});
}

static bool
has_content(const struct reply *reply)
{
	return reply->status != MHD_HTTP_NO_CONTENT &&
	    reply->status != MHD_HTTP_NOT_MODIFIED && reply->hand_on == NULL &&
	    (reply->body != NULL || reply->media_type != NULL);
}

static struct MHD_Response *
make_response(struct reply *reply)
{
	struct MHD_Response *response;
	char *text = NULL;

	if (reply->hand_on != NULL)
		return MHD_create_response_for_upgrade(hand_on, reply);
	/* Not by the library's own reader of files: it wants pread(2). */
	if (reply->media_type != NULL)
		return MHD_create_response_from_callback(
		    reply->n_bytes == REPLY_UNKNOWN ? MHD_SIZE_UNKNOWN :
		    reply->n_bytes, BLOCK_BYTES, read_bytes, reply, NULL);
	if (has_content(reply) && reply->body != NULL) {
		text = json_dumps(reply->body, JSON_COMPACT);
		if (text == NULL)
			return NULL;
	}
	response = MHD_create_response_from_buffer(
	    text != NULL ? strlen(text) : 0, text, text != NULL ?
	    MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		free(text);
	return response;
}

/* Calls add with each header of a reply, but for the length and how the
 * connection goes on. */
static void
add_headers(const struct reply *reply,
    void (*add)(void *arg, const char *name, const char *value), void *arg)
{
	if (has_content(reply))
		add(arg, MHD_HTTP_HEADER_CONTENT_TYPE,
		    reply->media_type != NULL ? reply->media_type :
		    "application/json");
	for (size_t i = 0; i < reply->n_headers; i++)
		add(arg, reply->headers[i].name, reply->headers[i].value);
	add(arg, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	add(arg, "X-Content-Type-Options", "nosniff");
	if (reply->request_id != NULL)
		add(arg, "X-Request-Id", reply->request_id);
	if (reply->allow[0] != '\0')
		add(arg, MHD_HTTP_HEADER_ALLOW, reply->allow);
	if (reply->status == MHD_HTTP_UNAUTHORIZED)
		add(arg, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
}

static void
add_to_response(void *response, const char *name, const char *value)
{
	MHD_add_response_header(response, name, value);
}

int
reply_send(struct reply *reply, struct MHD_Connection *connection)
{
	struct MHD_Response *response = make_response(reply);
	enum MHD_Result result;

	if (response == NULL)
		return -ENOMEM;
	add_headers(reply, add_to_response, response);
	if (reply->is_last)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION,
		    "close");
	if (reply->is_unchunked)
		MHD_set_response_options(response,
		    MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result == MHD_YES ? 0 : -EIO;
}

static void
add_to_text(void *file, const char *name, const char *value)
{
	fprintf(file, "%s: %s\r\n", name, value);
}

/* The whole of it, allocated; NULL: out of memory. */
static char *
make_text(const struct reply *reply, size_t *ret_size)
{
	auto_free char *body = json_dumps(reply->body, JSON_COMPACT);
	char *text = NULL;
	FILE *file = open_memstream(&text, ret_size);

	if (file == NULL)
		return NULL;
	fprintf(file, "HTTP/1.1 %u %s\r\n", reply->status,
	    MHD_get_reason_phrase_for(reply->status));
	add_headers(reply, add_to_text, file);
	fprintf(file, "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
	    body != NULL ? strlen(body) : 0, body != NULL ? body : "");
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

void
reply_send_early(const struct reply *reply, int fd)
{
	size_t size = 0;
	char *text = make_text(reply, &size);

	if (text != NULL)
		(void)send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	free(text);
}
