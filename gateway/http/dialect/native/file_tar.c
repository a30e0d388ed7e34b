// SPDX-License-Identifier: Apache-2.0
/* A folder as a tar archive, out and in. Nothing here looks at one: that is
 * done in the sandbox, where it can cost nobody else anything. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "gateway/http/dialect/native/file.h"
#include "gateway/http/engine/outbox.h"

struct packing {
	struct exchange *exchange;
	struct files *files;
	struct outbox out;
	uint32_t is_compressed;
	bool is_begun, is_ended;
	int failed; /* -errno */
};

/* With the first bytes, and not before: what fails until then is an answer. */
static void
begin_reply(struct packing *packing)
{
	if (!packing->is_begun)
		exchange_reply_stream(packing->exchange, 200,
		    packing->is_compressed != 0 ? "application/gzip" :
		    "application/x-tar", REPLY_UNKNOWN);
	packing->is_begun = true;
}

static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct packing *packing = arg;

	begin_reply(packing);
	if (outbox_add(&packing->out, data, size) < 0)
		packing->failed = -ENOMEM;
	if (outbox_is_full(&packing->out))
		files_hold(packing->files, true);
	exchange_proceed(packing->exchange);
}

static void
on_packed(void *arg, const struct err *err)
{
	struct packing *packing = arg;

	if (err != NULL && !packing->is_begun) {
		file_fail(packing->exchange, err);
		return;
	}
	if (err != NULL)
		packing->failed = -err->code;
	begin_reply(packing);
	packing->is_ended = true;
	exchange_proceed(packing->exchange);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct packing *packing = arg;
	size_t n = outbox_take(&packing->out, data, size);

	if (packing->failed < 0)
		return packing->failed;
	if (!outbox_is_full(&packing->out) && !packing->is_ended)
		files_hold(packing->files, false);
	return n > 0 ? (ssize_t)n : packing->is_ended ? -ENODATA : 0;
}

static void
on_packing_gone(void *arg)
{
	struct packing *packing = arg;

	files_close(packing->files);
	outbox_fini(&packing->out);
}

void
native_pack_files(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	struct packing *packing = path != NULL ?
	    file_memory(exchange, sizeof *packing) : NULL;
	const struct files_client client = {.bytes = on_bytes,
	    .done = on_packed, .arg = packing};
	const struct exchange_stream stream = {.give = give,
	    .gone = on_packing_gone, .arg = packing};
	uint32_t is_compressed = 0;

	if (packing == NULL ||
	    !file_flag(exchange, "gzip", 1, &is_compressed))
		return;
	packing->exchange = exchange;
	packing->is_compressed = is_compressed;
	if (file_open(exchange, &stream, &client, &packing->files))
		files_pack(packing->files, path, is_compressed != 0);
}

/* What was in an archive. */
struct unpacked {
	const char *path;
	uint64_t files, folders, links, size;
	const char *sha256;
};
static const struct field unpacked_fields[] = {
    {"path", FIELD_STRING, offsetof(struct unpacked, path), .text =
	"of the folder, as it was asked for"},
    {"files", FIELD_U64, offsetof(struct unpacked, files), .text =
	"how many were written"},
    {"folders", FIELD_U64, offsetof(struct unpacked, folders), .text =
	"how many it named"},
    {"links", FIELD_U64, offsetof(struct unpacked, links), .text =
	"how many, of either kind, were made"},
    {"size", FIELD_SIZE, offsetof(struct unpacked, size), .text =
	"of the files"},
    {"sha256", FIELD_STRING, offsetof(struct unpacked, sha256), .text =
	"of the archive, as it came, in hexadecimal"},
};
FIELD_TABLE(native_unpacked, struct unpacked, unpacked_fields);

struct unpacking {
	struct exchange *exchange;
	struct files *files;
	struct unpacked unpacked;
	char path[3 * PATH_MAX];
	char sha256[FILES_SHA256_SIZE];
	bool is_begun, is_ending, is_over;
};

/* The folder is there. */
static void
on_ready(void *arg, const struct rpc_file_info_event *info)
{
	struct unpacking *unpacking = arg;

	(void)info;
	if (!unpacking->is_begun)
		exchange_accept(unpacking->exchange);
	unpacking->is_begun = true;
}

static void
on_unpacked(void *arg, const struct rpc_file_unpacked_event *n)
{
	struct unpacking *unpacking = arg;

	unpacking->unpacked.files = n->files;
	unpacking->unpacked.folders = n->folders;
	unpacking->unpacked.links = n->links;
	unpacking->unpacked.size = n->size;
}

static void
on_room(void *arg)
{
	struct unpacking *unpacking = arg;

	if (unpacking->is_ending)
		(void)files_commit(unpacking->files);
	else
		exchange_proceed(unpacking->exchange);
}

static void
on_done(void *arg, const struct err *err)
{
	struct unpacking *unpacking = arg;

	if (unpacking->is_over)
		return;
	unpacking->is_over = true;
	if (err != NULL) {
		file_fail(unpacking->exchange, err);
		return;
	}
	files_sha256(unpacking->files, unpacking->sha256);
	exchange_reply(unpacking->exchange, 200,
	    field_print(&native_unpacked, &unpacking->unpacked));
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct unpacking *unpacking = arg;

	return files_put(unpacking->files, data, size);
}

static void
on_end(void *arg)
{
	struct unpacking *unpacking = arg;

	unpacking->is_ending = true;
	(void)files_commit(unpacking->files);
}

static void
on_gone(void *arg)
{
	struct unpacking *unpacking = arg;

	files_close(unpacking->files);
}

void
native_unpack_files(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	struct unpacking *unpacking = path != NULL ?
	    file_memory(exchange, sizeof *unpacking) : NULL;
	const struct exchange_stream stream = {take, on_end, NULL, on_gone,
	    unpacking};
	const struct files_client client = {.info = on_ready, .room = on_room,
	    .unpacked = on_unpacked, .done = on_done, .arg = unpacking};

	if (unpacking == NULL)
		return;
	unpacking->exchange = exchange;
	utf8_copy(unpacking->path, sizeof unpacking->path, path);
	unpacking->unpacked.path = unpacking->path;
	unpacking->unpacked.sha256 = unpacking->sha256;
	if (file_open(exchange, &stream, &client, &unpacking->files))
		files_unpack(unpacking->files, path);
}
