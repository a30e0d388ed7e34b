// SPDX-License-Identifier: Apache-2.0
/* Files, as much of one as a model may want at once. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/dialect/native/file.h"
#include "gateway/http/engine/outbox.h"

#define ENTRIES_MAX 1000
#define CONTENT_MAX (16 << 20) /* the body of a request is less */
#define OFFSET_MAX  (UINT64_MAX >> 1)

static const char *const encodings[] = {"utf-8", "base64", NULL};
enum { ENCODING_TEXT, ENCODING_BASE64 };

#define PATH_FIELD(s)                                                        \
	{                                                                    \
		"path", FIELD_STRING, offsetof(s, path), 1, PATH_MAX - 1,    \
		    "such as /workspace/a.txt; below the user's home where " \
		    "it does "                                               \
		    "not begin with /",                                      \
		    "a path"                                                 \
	}

struct read_wish {
	const char *path;
	uint64_t offset;
	uint32_t max_bytes;
};
static const struct field read_fields[] = {
    PATH_FIELD(struct read_wish),
    {"offset", FIELD_U64, offsetof(struct read_wish, offset), 0, OFFSET_MAX,
	"bytes to leave out at its beginning"},
    {"max_bytes", FIELD_U32, offsetof(struct read_wish, max_bytes), 1,
	MCP_TEXT_MAX, "at most so many of it"},
};
FIELD_TABLE(mcp_read_wish, struct read_wish, read_fields);

struct write_wish {
	const char *path, *content;
	uint32_t encoding;
};
static const struct field write_fields[] = {
    PATH_FIELD(struct write_wish),
    {"content", FIELD_TEXT, offsetof(struct write_wish, content), 0,
	CONTENT_MAX, "all that it is to have", "text"},
    {"encoding", FIELD_U32, offsetof(struct write_wish, encoding),
	.text = "of content; utf-8, as it is, where left out",
	.words = encodings},
};
FIELD_TABLE(mcp_write_wish, struct write_wish, write_fields);

struct folder_wish {
	const char *path;
};
static const struct field folder_fields[] = {PATH_FIELD(struct folder_wish)};
FIELD_TABLE(mcp_folder_wish, struct folder_wish, folder_fields);

struct work {
	struct exchange *exchange;
	struct files *files;
	struct file_view view;
	const char *path;
	struct outbox out; /* of a file that is read */
	uint64_t offset, wanted;
	uint8_t *data;	     /* to be written, where it is not the text */
	const uint8_t *from; /* what is left of it */
	size_t left;
	json_t *entries; /* of a folder */
	size_t n_infos;
	bool is_begun, is_ending;
};

static void
on_gone(void *arg)
{
	struct work *work = arg;

	files_close(work->files);
	outbox_fini(&work->out);
	json_decref(work->entries);
	free(work->data);
}

/* NULL: the exchange has been failed. */
static struct work *
open_work(struct exchange *exchange, const char *path,
    const struct files_client *calls)
{
	struct work *work = file_memory(exchange, sizeof *work);
	struct exchange_stream stream = {.gone = on_gone, .arg = work};
	struct files_client client = *calls;

	client.arg = work;
	if (work == NULL)
		return NULL;
	work->exchange = exchange;
	work->path = path;
	return file_open(exchange, &stream, &client, &work->files) ? work :
	    NULL;
}

/* How many bytes are whole characters; SIZE_MAX: it is no text. A character may
 * be cut at the end, where there is more. */
static size_t
count_text(const uint8_t *data, size_t size, bool is_more)
{
	size_t used = 0;

	while (used < size) {
		int n = data[used] == '\0'
			    ? -1
			    : utf8_first(data + used, size - used);

		if (n == 0 && is_more)
			break;
		if (n <= 0)
			return SIZE_MAX;
		used += (size_t)n;
	}
	return used;
}

static json_t *
to_base64(const uint8_t *data, size_t size)
{
	size_t room =
	    sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	json_t *value = text != NULL
			    ? json_string(sodium_bin2base64(text, room, data,
				  size, sodium_base64_VARIANT_ORIGINAL))
			    : NULL;

	free(text);
	return value;
}

static void
reply_read(struct work *work)
{
	const uint8_t *data = (const uint8_t *)work->out.data + work->out.start;
	size_t size = outbox_size(&work->out);
	bool is_more = work->offset + size < work->view.size;
	size_t n = count_text(data, size, is_more);
	bool is_text = n != SIZE_MAX && (n > 0 || size == 0);
	uint64_t next = work->offset + (is_text ? n : size);

	exchange_reply(work->exchange, 200,
	    json_pack("{s:s, s:I, s:I, s:s, s:o, s:b, s:o}", "path",
		work->view.path, "size_bytes", (json_int_t)work->view.size,
		"offset", (json_int_t)work->offset, "encoding",
		encodings[is_text ? ENCODING_TEXT : ENCODING_BASE64], "content",
		is_text ? json_stringn(n > 0 ? (const char *)data : "", n)
			: to_base64(data, size),
		"truncated", (int)is_more, "next_offset",
		is_more ? json_integer((json_int_t)next) : json_null()));
}

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct work *work = arg;

	file_view_set(&work->view, info, work->path);
}

static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct work *work = arg;
	const struct err err = {ENOMEM, "out of memory"};

	if (outbox_add(&work->out, data, size) < 0)
		exchange_fail_err(work->exchange, &err);
}

/* It is open; then what was wanted of it has come. */
static void
on_read(void *arg, const struct err *err)
{
	struct work *work = arg;
	uint64_t left;

	if (err != NULL) {
		file_fail(work->exchange, err);
		return;
	}
	left =
	    work->offset < work->view.size ? work->view.size - work->offset : 0;
	if (work->wanted > left)
		work->wanted = left;
	if (work->is_begun || work->wanted == 0) {
		reply_read(work);
		return;
	}
	work->is_begun = true;
	files_read(work->files, work->offset, work->wanted);
}

void
mcp_read_file(struct exchange *exchange)
{
	const struct read_wish *wish = exchange_input(exchange);
	struct work *work = open_work(exchange, wish->path,
	    &(struct files_client){
		.info = on_info, .bytes = on_bytes, .done = on_read});

	if (work == NULL)
		return;
	work->offset = wish->offset;
	work->wanted = wish->max_bytes != 0 ? wish->max_bytes : MCP_TEXT_MAX;
	files_open_file(work->files, wish->path);
}

/* As much as there is room for; then its end. */
static void
write_on(void *arg)
{
	struct work *work = arg;
	size_t n = files_put(work->files, work->from, work->left);

	work->from += n;
	work->left -= n;
	if (work->left == 0) {
		work->is_ending = true;
		(void)files_commit(work->files);
	}
}

static void
on_room(void *arg)
{
	struct work *work = arg;

	if (work->is_ending)
		(void)files_commit(work->files);
	else if (work->is_begun)
		write_on(work);
}

static void
on_written(void *arg, const struct err *err)
{
	struct work *work = arg;

	if (err != NULL) {
		file_fail(work->exchange, err);
	} else if (!work->is_begun) {
		work->is_begun = true;
		write_on(work);
	} else {
		files_sha256(work->files, work->view.sha256);
		exchange_reply(work->exchange, 200,
		    file_view_print(&work->view, &native_written_file));
	}
}

/* False: the exchange has been failed. */
static bool
read_content(struct work *work, const struct write_wish *wish)
{
	const struct err err = {ENOMEM, "out of memory"};
	struct failure failure;

	work->from = (const uint8_t *)wish->content;
	work->left = strlen(wish->content);
	if (wish->encoding != ENCODING_BASE64)
		return true;
	work->data = malloc(work->left + 1);
	if (work->data == NULL) {
		exchange_fail_err(work->exchange, &err);
		return false;
	}
	if (sodium_base642bin(work->data, work->left + 1, wish->content,
		work->left, "\r\n ", &work->left, NULL,
		sodium_base64_VARIANT_ORIGINAL) < 0) {
		failure_of_field(&failure, "content", "is not base64");
		exchange_fail(work->exchange, &failure);
		return false;
	}
	work->from = work->data;
	return true;
}

void
mcp_write_file(struct exchange *exchange)
{
	const struct write_wish *wish = exchange_input(exchange);
	struct work *work = open_work(exchange, wish->path,
	    &(struct files_client){
		.info = on_info, .room = on_room, .done = on_written});

	if (work != NULL && read_content(work, wish))
		files_write(work->files, wish->path, 0, work->left);
}

/* The first is the folder itself. */
static void
on_entry(void *arg, const struct rpc_file_info_event *info)
{
	struct work *work = arg;
	json_t *entry;

	if (work->n_infos++ == 0 || work->n_infos > ENTRIES_MAX + 1)
		return;
	file_view_set(&work->view, info, info->name);
	entry = file_view_print(&work->view, &native_file);
	(void)json_object_del(entry, "path");
	(void)json_array_append_new(work->entries, entry);
}

static void
on_listed(void *arg, const struct err *err)
{
	struct work *work = arg;

	if (err != NULL)
		file_fail(work->exchange, err);
	else
		exchange_reply(work->exchange, 200,
		    json_pack("{s:s, s:O, s:b}", "path", work->path, "entries",
			work->entries, "truncated",
			work->n_infos > ENTRIES_MAX + 1));
}

void
mcp_list_folder(struct exchange *exchange)
{
	const struct folder_wish *wish = exchange_input(exchange);
	struct work *work = open_work(exchange, wish->path,
	    &(struct files_client){.info = on_entry, .done = on_listed});

	if (work == NULL)
		return;
	work->entries = json_array();
	files_list(work->files, wish->path);
}
