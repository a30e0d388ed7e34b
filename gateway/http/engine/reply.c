// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/reply.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

#define FILE_BLOCK_BYTES 32768

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

/* The next bytes of a file; they are asked for one after the other. */
static ssize_t
read_file(void *arg, uint64_t offset, char *data, size_t size)
{
	const struct reply *reply = arg;
	ssize_t n;

	(void)offset;
	do
		n = read(reply->file_fd, data, size);
	while (n < 0 && errno == EINTR);
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *
make_response(struct reply *reply)
{
	struct MHD_Response *response;
	char *text = NULL;

	/* Not by the library's own reader of files: it wants pread(2). */
	if (reply->file_type != NULL)
		return MHD_create_response_from_callback(reply->file_bytes,
		    FILE_BLOCK_BYTES, read_file, reply, NULL);
	if (reply->status != MHD_HTTP_NO_CONTENT) {
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

int
reply_send(struct reply *reply, struct MHD_Connection *connection)
{
	struct MHD_Response *response = make_response(reply);
	enum MHD_Result result;

	if (response == NULL)
		return -ENOMEM;
	if (reply->file_type != NULL || reply->status != MHD_HTTP_NO_CONTENT)
		MHD_add_response_header(response,
		    MHD_HTTP_HEADER_CONTENT_TYPE, reply->file_type != NULL ?
		    reply->file_type : "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
	    "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (reply->is_last)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION,
		    "close");
	if (reply->allow[0] != '\0')
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
		    reply->allow);
	if (reply->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response,
		    MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result == MHD_YES ? 0 : -EIO;
}
