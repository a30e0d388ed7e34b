// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/request.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "common/timestamp.h"
#include "gateway/http/back/mux.h"

#define FIELD_SIZE 64

/* What an errno means to an API client. */
static const struct meaning {
	int code;
	unsigned int status;
	const char *name;
} meanings[] = {
    {EINVAL, 400, "invalid_argument"},
    {ERANGE, 400, "invalid_argument"},
    {EBADF, 401, "unauthenticated"},
    {EACCES, 403, "permission_denied"},
    {EPERM, 403, "permission_denied"},
    {ENOENT, 404, "not_found"},
    {ESRCH, 404, "not_found"},
    {EEXIST, 409, "already_exists"},
    {EBUSY, 409, "conflict"},
    {ENOTEMPTY, 409, "conflict"},
    {ENOTSUP, 409, "unsupported"},
    {EDQUOT, 429, "limit_exceeded"},
    {EUSERS, 429, "limit_exceeded"},
    {EMFILE, 429, "limit_exceeded"},
    {ENOSPC, 503, "out_of_resources"},
    {ENOMEM, 503, "out_of_resources"},
    {EAGAIN, 503, "unavailable"},
    {EPIPE, 503, "unavailable"},
    {ECONNREFUSED, 503, "unavailable"},
    {ECONNRESET, 503, "unavailable"},
    {ENOTCONN, 503, "unavailable"},
    {ETIMEDOUT, 503, "unavailable"},
    {ESHUTDOWN, 503, "unavailable"},
};

const char *
request_query(const struct request *request, const char *name)
{
	const char *value = request->connection == NULL ? NULL :
	    MHD_lookup_connection_value(request->connection,
	    MHD_GET_ARGUMENT_KIND, name);

	return value != NULL ? value : "";
}

int
request_ask_broker(const struct request *request, const struct rpc_call *call,
    const void *arguments, void *ret_reply, struct rpc_message *ret_message,
    struct err *err)
{
	return mux_call(request->broker, call, arguments, NULL, 0, ret_reply,
	    ret_message, err);
}

int
request_ask_sandboxd(const struct request *request,
    const struct rpc_call *call, const void *arguments, void *ret_reply,
    struct rpc_message *ret_message, struct err *err)
{
	if (request->capability_fd < 0)
		return err_set(err, EPIPE, "sandboxd is not running");
	return rpc_call(request->capability_fd, call, arguments, NULL, 0,
	    ret_reply, ret_message, err);
}

int
reply_set(struct reply *reply, unsigned int status, json_t *body,
    struct err *err)
{
	if (body == NULL && status != 204)
		return err_set(err, ENOMEM, "out of memory");
	json_decref(reply->body);
	reply->status = status;
	reply->body = body;
	return 0;
}

void
reply_set_failure(struct reply *reply, unsigned int status, const char *code,
    const char *field, const char *message)
{
	json_t *error = json_pack("{s:s, s:s}", "code", code, "message",
	    message);

	if (error == NULL) /* words that are not UTF-8, or no memory */
		error = json_pack("{s:s, s:s}", "code", code, "message", code);
	if (field != NULL)
		json_object_set_new(error, "field", json_string(field));
	json_decref(reply->body);
	reply->status = status;
	reply->body = json_pack("{s:o}", "error", error);
}

/* The name before ": ", or nothing where words do not begin so. */
static const char *
field_of(const char *words, char field[FIELD_SIZE])
{
	size_t n = strspn(words, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (n == 0 || n >= FIELD_SIZE || strncmp(words + n, ": ", 2) != 0)
		return NULL;
	memcpy(field, words, n);
	field[n] = '\0';
	return field;
}

void
reply_set_error(struct reply *reply, const struct err *err)
{
	char field[FIELD_SIZE];

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].code == err->code) {
			reply_set_failure(reply, meanings[i].status,
			    meanings[i].name, meanings[i].status == 400 ?
			    field_of(err->text, field) : NULL, err->text);
			return;
		}
	/* Words nobody foresaw may name what is no client's business. */
	reply_set_failure(reply, 500, "internal", NULL,
	    "internal error; the log of the service says more");
}

int
json_records(const struct rpc_layout *layout, struct rpc_bytes records,
    uint32_t count, void *info, json_t *(*to_json)(const void *info),
    json_t **ret, struct err *err)
{
	json_t *list = json_array();
	size_t offset = 0, used;

	*ret = NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (rpc_decode(layout, records.data + offset,
		    records.size - offset, info, &used) < 0 ||
		    json_array_append_new(list, to_json(info)) < 0) {
			json_decref(list);
			return err_set(err, EBADMSG, "malformed list of %s",
			    layout->name);
		}
		offset += used;
	}
	*ret = list;
	return 0;
}

json_t *
json_timestamp(uint64_t unix_ms)
{
	char text[TIMESTAMP_SIZE];

	if (unix_ms == 0)
		return json_null();
	timestamp_format(unix_ms, text);
	return json_string(text);
}

json_t *
json_string_or_null(const char *text)
{
	return *text != '\0' ? json_string(text) : json_null();
}

json_t *
json_strv(struct rpc_strv strv)
{
	json_t *list = json_array();
	const char *text;

	while ((text = rpc_strv_next(&strv)) != NULL)
		if (json_array_append_new(list, json_string(text)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}
