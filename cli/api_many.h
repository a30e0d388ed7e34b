// SPDX-License-Identifier: Apache-2.0
/* Posts to one path of the API, several at once. */
#pragma once

#include <stdbool.h>

#include "cli/api.h"

struct api_many;

/* One is answered: text is what came, of size bytes, which may be none; or err
 * says why not. Once for every api_many_post. */
typedef void api_many_done(void *arg, json_t *tag, const char *text,
    size_t size, const struct err *err);

/* Of one that is answered by server-sent events: the data of one of them, in
 * their order, before done, which has no text then. */
typedef void api_many_told(void *arg, const char *text, size_t size);

/*
 * A header of this name that comes with an answer is sent with all later posts.
 * The caller's to api_many_free; cli, path and header live as long. NULL: out
 * of memory.
 */
struct api_many *api_many_new(const struct cli *cli, const char *path,
    const char *header, api_many_told *told, api_many_done *done, void *arg);

/* Those under way are told of no more. NULL does nothing. */
void api_many_free(struct api_many *many);

/* Begins one; waits for its answer as long as it takes. Takes over tag. */
int api_many_post(
    struct api_many *many, const json_t *body, json_t *tag, struct err *err);

/* How many are under way. */
size_t api_many_count(const struct api_many *many);

/* Turns them until something is done, or fd (-1: none) can be read, as
 * *ret_is_readable says. */
int api_many_turn(
    struct api_many *many, int fd, bool *ret_is_readable, struct err *err);
