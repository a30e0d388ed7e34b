// SPDX-License-Identifier: Apache-2.0
/*
 * Who may do what: {role, scopes of the token, relation to the sandbox} gives
 * the verdict. A pure function of a table; what asks it is the broker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/rpc_calls.h"

/* Kept in the database by these numbers; each may what the one before may. */
enum role {
	ROLE_NONE = 0,
	ROLE_VIEWER = 1, /* lists and sees, enters nothing */
	ROLE_MEMBER = 2, /* makes sandboxes and enters them */
	ROLE_ADMIN = 3,	 /* everything of one organisation */
	ROLE_OPERATOR = 4, /* of the host: every organisation; no user's */
	N_ROLE
};

/* What a token may be narrowed to; kept as these bits, 0 = all but the last. */
enum scope_bit {
	SCOPE_READ = 1 << 0,
	SCOPE_CREATE = 1 << 1, /* and destroy */
	SCOPE_EXEC = 1 << 2,   /* shells, commands, forwards */
	SCOPE_FILES = 1 << 3,
	SCOPE_ADMIN = 1 << 4, /* credentials, users, settings */
	SCOPE_OPERATOR = 1 << 5, /* makes of any user's token the operator's */
};
#define SCOPE_ALL  31u
#define SCOPE_TEXT 64 /* room for the names of all of them */

/* Whose a sandbox is, for somebody of some organisation. */
enum relation {
	RELATION_OWN,
	RELATION_SHARED,  /* another's of the same organisation */
	RELATION_PRIVATE, /* the same, and he keeps it to himself */
	RELATION_FOREIGN, /* another organisation's */
	N_RELATION
};

enum action {
	ACTION_SEE,
	ACTION_CREATE,
	ACTION_EXEC,
	ACTION_FILES,
	ACTION_DESTROY,
	ACTION_CREDENTIALS, /* his own keys and tokens */
	ACTION_ADMINISTER,  /* users, authorities, recordings, settings */
	ACTION_OPERATE,	    /* organisations, and acting for any */
	N_ACTION
};

/* What is known of one who asks. */
struct standing {
	enum role role;
	uint32_t scopes;  /* enum scope_bit; 0 = all of his role */
	bool is_own_only; /* members of his organisation reach but their own */
};

/* Whether he may, with a sandbox of that relation. For an action that is about
 * no sandbox the relation is RELATION_OWN. */
bool role_permits(const struct standing *standing, enum action action,
    enum relation relation);

/* The same of an action that is about no sandbox: 0, or -EACCES and what is
 * missing, a role or a scope. */
int role_check(const struct standing *standing, enum action action,
    struct err *err);

/* The same as what a capability is opened with: all that he may do to those
 * that he reaches. */
uint32_t role_rights(const struct standing *standing); /* enum rpc_right */
enum rpc_reach role_reach(const struct standing *standing);

/* His role, where his token does not make him more. */
enum role role_effective(const struct standing *standing);

/* "viewer", "member", "admin", "operator"; "none". */
const char *role_name(enum role role);

/* One that a user may have. -EINVAL and the allowed names for any other. */
int role_parse(const char *text, enum role *ret, struct err *err);

/*
 * The scopes named in text, by commas; "" is 0. -EINVAL and the allowed names
 * for anything else.
 */
int role_parse_scopes(const char *text, uint32_t *ret, struct err *err);

/* Their names by commas, "" for 0. */
void role_scopes_text(uint32_t scopes, char ret[SCOPE_TEXT]);

/* Whether a token of `scopes` may make one of `wanted`: never of more. */
bool role_scopes_contain(uint32_t scopes, uint32_t wanted);
