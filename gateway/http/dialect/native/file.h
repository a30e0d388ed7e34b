// SPDX-License-Identifier: Apache-2.0
/* What the routes of files have in common. */
#pragma once

#include <limits.h>

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/files.h"

/* A file as it is shown. */
struct file_view {
	char name[3 * NAME_MAX + 1], path[3 * PATH_MAX];
	uint32_t type; /* index of its word */
	char mode[8];  /* octal */
	uint32_t uid, gid;
	uint64_t size;
	uint64_t modified_ms;
	char target[3 * PATH_MAX]; /* "" = it is no link */
	char sha256[FILES_SHA256_SIZE]; /* of one that was written */
	const char *texts[5]; /* of these, as tables have them */
};

/* What a view's type counts in; ends with NULL. */
extern const char *const file_types[];

/* Of a mode (stat(2)), the index of its word. */
uint32_t file_type(uint32_t mode);

/* path is as it was asked for; what is not UTF-8 is replaced in each. */
void file_view_set(struct file_view *view,
    const struct rpc_file_info_event *info, const char *path);

/* It as JSON; NULL: out of memory. */
json_t *file_view_print(struct file_view *view,
    const struct field_table *table);

/* ?path=, or NULL where the exchange has been failed: there is none. */
const char *file_path(struct exchange *exchange);

/* ?mode=, in octal, 0 where there is none; false: the exchange has been
 * failed. */
bool file_mode(struct exchange *exchange, uint32_t *ret);

/* Answers with a file as the user of the sandbox's may read it ("" = its
 * default one); spell: how the path is to be said there, NULL: as it is. */
void file_read(struct exchange *exchange, const char *user,
    const char *(*spell)(const char *path));

/* Adds the bit where a query is 1; 0 and none are none. False: the exchange has
 * been failed. */
bool file_flag(struct exchange *exchange, const char *name, uint32_t bit,
    uint32_t *ret);

/* As exchange_memory; NULL: the exchange has been failed. */
void *file_memory(struct exchange *exchange, size_t size);

/* Has an exchange answered by files of its sandbox's: gives it the stream and
 * opens *ret, which is the client's. False: it has been failed. */
bool file_open(struct exchange *exchange,
    const struct exchange_stream *stream, const struct files_client *client,
    struct files **ret);

/* Fails it in the words of the sandbox. */
void file_fail(struct exchange *exchange, const struct err *err);
