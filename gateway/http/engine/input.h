// SPDX-License-Identifier: Apache-2.0
/*
 * From a request's body to checked values. Every error is -EINVAL with words
 * "field: what is allowed".
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/rpc.h"

#define INPUT_DEPTH_MAX	     16 /* of nested arrays and objects */
#define INPUT_ENV_SIZE_MAX   65536
#define INPUT_ENV_COUNT_MAX  256
#define INPUT_KEY_SIZE_MAX   16384 /* one authorized_keys line */
#define INPUT_KEY_NAME_MAX   63
#define INPUT_MEMORY_MIN     (16ull << 20)
#define INPUT_MEMORY_MAX     (1ull << 40)
#define INPUT_DISK_MIN	     (16ull << 20)
#define INPUT_DISK_MAX	     (16ull << 40)
#define INPUT_PIDS_MIN	     8
#define INPUT_PIDS_MAX	     1000000
#define INPUT_CPU_MIN_MILLIS 100
#define INPUT_CPU_MAX_MILLIS 1024000

/*
 * Parses a body of at most `size` bytes into *ret, an object of the caller's;
 * an empty body is the empty object. -EINVAL for anything else, for duplicate
 * names and for deep nesting.
 */
int input_parse(const char *text, size_t size, json_t **ret, struct err *err);

/* Refuses members of body that are not among the n names. */
int input_check_names(const json_t *body, const char *const *names, size_t n,
    struct err *err);

/*
 * A string member of at most max bytes without control characters; *ret
 * points into body, and is NULL where the member is absent or null.
 */
int input_string(const json_t *body, const char *name, size_t max,
    const char **ret, struct err *err);

/* A whole number from min to max, or 0 where it is absent. */
int input_number(const json_t *body, const char *name, uint64_t min,
    uint64_t max, uint64_t *ret, struct err *err);

/* true or false; false where it is absent. */
int input_boolean(const json_t *body, const char *name, bool *ret,
    struct err *err);

/* What a new sandbox is asked to be. Owns nothing but env. */
struct input_sandbox {
	const char *name, *template_name;
	uint64_t memory_bytes, disk_bytes, pids, cpu_millis;
	char *env; /* env_count strings "NAME=value", env_size bytes */
	uint32_t env_size, env_count;
	bool is_ephemeral;
};

/* Free with input_sandbox_fini, also after an error. */
int input_sandbox_init(const json_t *body, struct input_sandbox *ret,
    struct err *err);
void input_sandbox_fini(struct input_sandbox *input);

/* A positive decimal id from a path; -ENOENT where it is none. */
int input_path_id(const char *param, uint64_t *ret, struct err *err);

/*
 * Reads a body that holds public_key, which must be there, and name (*ret_name
 * is NULL where it is not); both strings are the body's. -EINVAL.
 */
int input_public_key(const json_t *body, const char **ret_line,
    const char **ret_name, struct err *err);
