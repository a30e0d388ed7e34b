// SPDX-License-Identifier: Apache-2.0
/* What an SSH client may ask to be: a sandbox, and who in it. */
#pragma once

#include "common/parse.h"

#define USERNAME_LOGIN_SIZE 64

struct username {
	char sandbox_id[SANDBOX_ID_SIZE];
	char login_user[USERNAME_LOGIN_SIZE]; /* "" = the template's default */
};

/*
 * Reads "sb_..." or "sb_...+root" into *ret. 0, or -EINVAL for anything else,
 * which is to be refused like any other failure.
 */
int username_parse(const char *text, struct username *ret);
