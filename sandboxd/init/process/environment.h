// SPDX-License-Identifier: Apache-2.0
/* The environment a process starts with, put together as sshd does. */
#pragma once

#include <stddef.h>

#include "common/rpc.h"
#include "sandboxd/init/process/user.h"

#define ENVIRONMENT_MAX 1024 /* variables */

struct environment {
	size_t n;
	char *values[ENVIRONMENT_MAX + 1]; /* "NAME=value", NULL-terminated */
};

/* Sets a variable, over one of the same name. 0, -E2BIG or -ENOMEM. */
int environment_set(struct environment *env, const char *name,
    const char *value);

/* The value of a variable, "" where it is not set; the environment's. */
const char *environment_get(const struct environment *env, const char *name);

/*
 * Sets every "NAME=value" of *strv; a string without a name is passed over.
 * 0, -E2BIG or -ENOMEM.
 */
int environment_add(struct environment *env, struct rpc_strv strv);

/* The same for the lines of a text as /etc/environment has them. */
int environment_add_text(struct environment *env, const char *text);

/* Sets what a login of this user has, names that nothing may override last. */
int environment_set_path(struct environment *env, const struct user *user);
int environment_set_user(struct environment *env, const struct user *user);

void environment_fini(struct environment *env);
#define auto_environment __attribute__((cleanup(environment_fini)))
