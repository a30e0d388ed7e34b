// SPDX-License-Identifier: Apache-2.0
/* A list of what is in a folder as a reply, told as it is read: there may be a
 * million of them. */
#pragma once

#include <sys/types.h>

#include "gateway/http/dialect/native/file.h"
#include "gateway/http/engine/outbox.h"

/* Zeroed, with the first three set. */
struct file_rows {
	struct exchange *exchange;
	const char *path; /* of the folder, as it was asked for */
	const char *list; /* what the member is called */
	struct files *files;
	struct outbox out;
	struct file_view view; /* for whoever makes rows */
	size_t n;
	bool is_begun, is_ended;
	int failed; /* -errno */
};

/* Of a client of files: the folder is there, and the reply begins. */
void file_rows_begin(struct file_rows *rows);

/* Another; takes it over. NULL: out of memory. */
void file_rows_add(struct file_rows *rows, json_t *row);

/* The path of a name below the folder. */
void file_rows_path(const struct file_rows *rows, const char *name,
    char ret[2 * PATH_MAX]);

/* The last of it: `more` are further members, with a comma before each. */
void file_rows_end(struct file_rows *rows, const char *more);

/* It fails, or where it has begun is cut. */
void file_rows_fail(struct file_rows *rows, const struct err *err);

/* Has it answer the exchange, by files of the client's; false: the exchange
 * has been failed. client->arg is the rows. */
bool file_rows_open(struct file_rows *rows, const struct files_client *client);
