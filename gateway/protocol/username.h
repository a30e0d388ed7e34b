// SPDX-License-Identifier: Apache-2.0
/*
 * What an SSH client may ask to be (docs/SSH.md, "User names"):
 *	sb_ID[+root][+why][+TERMINAL[!]]	a sandbox; sb-ID is the same one
 *	new[+TEMPLATE][+root][+why][+keep]	a sandbox made on connect
 *	ctl				the control lobby
 */
#pragma once

#include <stdbool.h>

#include "common/parse.h"

#define USERNAME_LOGIN_SIZE    64
#define USERNAME_TEMPLATE_SIZE 64
#define USERNAME_TERMINAL_SIZE 33

enum username_kind { USERNAME_SANDBOX, USERNAME_NEW, USERNAME_LOBBY };

struct username {
	enum username_kind kind;
	char sandbox_id[SANDBOX_ID_SIZE];     /* "" unless USERNAME_SANDBOX */
	char login_user[USERNAME_LOGIN_SIZE]; /* "" = the template's default */

	bool is_why; /* what the sandbox is refused is to be said */

	/* USERNAME_SANDBOX: the terminal to attach to, "" = none. */
	char terminal[USERNAME_TERMINAL_SIZE];
	bool takes_over; /* others attached to it are to be detached */

	/* USERNAME_NEW */
	char template_name[USERNAME_TEMPLATE_SIZE]; /* "" = the default */
	bool is_kept; /* does not end with the connection */
};

/*
 * Reads a whole name into *ret. 0, or -EINVAL for anything else, which is to
 * be refused like any other failure.
 */
int username_parse(const char *text, struct username *ret);
