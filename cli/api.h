// SPDX-License-Identifier: Apache-2.0
/* One request to the API, by libcurl, over its Unix socket or TCP. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"

/*
 * Sends `body` (NULL: none; stays the caller's) and waits for the answer. On
 * success *ret, where ret is not NULL, is the caller's object, or NULL where
 * the API had nothing to say. -ENOENT for 404, -ENOTCONN where there is no API,
 * otherwise -EIO, with the API's own words.
 */
int api_call(const struct cli *cli, const char *method, const char *path,
    const json_t *body, json_t **ret, struct err *err);

/* Gets what is no JSON, into the file. Errors as those of api_call. */
int api_download(const struct cli *cli, const char *path, FILE *file,
    struct err *err);

/* The same into a file of that name, of which there is none after an error;
 * NULL or "-" is standard output. -errno also where it cannot be written. */
int api_save(const struct cli *cli, const char *path, const char *file,
    struct err *err);

/* False where no more are wanted. */
typedef bool api_line(void *arg, const json_t *line);

/* Gets lines of JSON, told as they come for as long as they do. Errors as those
 * of api_call; -ECONNABORTED where lines came and then the API was gone, -EPIPE
 * where nobody reads standard output any more; 0 also where no more were
 * wanted. */
int api_follow(const struct cli *cli, const char *path, api_line *line,
    void *arg, struct err *err);

/* The same of what a POST of the body is answered with. */
int api_post_lines(const struct cli *cli, const char *path,
    const json_t *body, api_line *line, void *arg, struct err *err);

/* Posts bytes, and waits as long as it takes. */
int api_send(const struct cli *cli, const char *path, const void *bytes,
    size_t n_bytes, struct err *err);

/* Puts bytes, of a type that the path's end says, and waits as long as it
 * takes; ret as of api_call. */
int api_put(const struct cli *cli, const char *path, const void *bytes,
    size_t n_bytes, json_t **ret, struct err *err);

/* Puts what is in a file as it is read, and waits as long as it takes; ret as
 * of api_call. */
int api_upload(const struct cli *cli, const char *path, FILE *file,
    json_t **ret, struct err *err);

/* api_call on "collection/id" or "collection/id/suffix"; errors name id. */
int api_call_item(const struct cli *cli, const char *method,
    const char *collection, const char *id, const char *suffix,
    const json_t *body, json_t **ret, struct err *err);

/* api_call on "collection/name" with what comes after it, for what has a name
 * of its own choice (common/parse.h). */
int api_call_name(const struct cli *cli, const char *method,
    const char *collection, const char *name, const char *query,
    const json_t *body, json_t **ret, struct err *err);

/*
 * Adds "?name=value", or "&name=value" to a path that has one already, to a
 * path in a buffer of `size` bytes, the value escaped (RFC 3986); nothing
 * where value is NULL. -EINVAL where it does not fit: "--NAME: too long".
 */
int api_add_query(char *path, size_t size, const char *name,
    const char *value, struct err *err);

/* A string member of a dotted path of members, or "" where it is absent. */
const char *api_string(const json_t *object, const char *path);

/* A number member the same way, or 0. */
double api_number(const json_t *object, const char *path);

/* Whether a member is true, the same way. */
bool api_is_true(const json_t *object, const char *path);

/* Sets a member to the text of the option --NAME; NULL: it was not given.
 * -EINVAL where it is no UTF-8. */
int api_add_text(json_t *body, const char *name, const char *text,
    struct err *err);

static inline void
json_decref_pointer(json_t **p)
{
	json_decref(*p);
}

#define auto_json __attribute__((cleanup(json_decref_pointer)))

/* Prints an object on stdout, indented. */
void api_print(const json_t *object);
