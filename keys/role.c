// SPDX-License-Identifier: Apache-2.0
#include "keys/role.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RIGHTS_EXEC                                                            \
	(RPC_RIGHT_ATTACH | RPC_RIGHT_SPAWN | RPC_RIGHT_FORWARD |              \
	    RPC_RIGHT_ROOT | RPC_RIGHT_PTY | RPC_RIGHT_AGENT | RPC_RIGHT_X11)
#define RIGHTS_FILES                                                           \
	(RPC_RIGHT_ATTACH | RPC_RIGHT_SFTP | RPC_RIGHT_SFTP_WRITE)

/* The least role that may, the scope a token needs for it, and the rights of a
 * capability that come of it. */
static const struct {
	enum role least;
	uint32_t scope;
	uint32_t rights;
	bool is_of_sandbox;
} actions[N_ACTION] = {
    [ACTION_SEE] = {ROLE_VIEWER, SCOPE_READ, RPC_RIGHT_LIST, true},
    [ACTION_CREATE] = {ROLE_MEMBER, SCOPE_CREATE, RPC_RIGHT_CREATE, false},
    [ACTION_EXEC] = {ROLE_MEMBER, SCOPE_EXEC, RIGHTS_EXEC, true},
    [ACTION_FILES] = {ROLE_MEMBER, SCOPE_FILES, RIGHTS_FILES, true},
    [ACTION_DESTROY] = {ROLE_MEMBER, SCOPE_CREATE, RPC_RIGHT_DESTROY, true},
    [ACTION_CREDENTIALS] = {ROLE_VIEWER, SCOPE_ADMIN, 0, false},
    [ACTION_ADMINISTER] = {ROLE_ADMIN, SCOPE_ADMIN, RPC_RIGHT_CEILING, false},
    [ACTION_OPERATE] = {ROLE_OPERATOR, SCOPE_OPERATOR, RPC_RIGHT_TEMPLATES,
	false},
};

static const char *const role_names[N_ROLE] = {"none", "viewer", "member",
    "admin", "operator"};

static const char *const scope_names[] = {"read", "create", "exec", "files",
    "admin", "operator"};
#define N_SCOPES (sizeof scope_names / sizeof *scope_names)

enum role
role_effective(const struct standing *standing)
{
	return (standing->scopes & SCOPE_OPERATOR) != 0 ? ROLE_OPERATOR :
	    standing->role;
}

/* What a token may, whoever holds it: the operator's may all. */
static uint32_t
scopes_of(const struct standing *standing)
{
	if (standing->scopes == 0)
		return SCOPE_ALL;
	if ((standing->scopes & SCOPE_OPERATOR) != 0)
		return SCOPE_ALL | SCOPE_OPERATOR;
	return standing->scopes;
}

static bool
may(const struct standing *standing, enum action action)
{
	return role_effective(standing) >= actions[action].least &&
	    (scopes_of(standing) & actions[action].scope) != 0;
}

enum rpc_reach
role_reach(const struct standing *standing)
{
	switch (role_effective(standing)) {
	case ROLE_ADMIN:
	case ROLE_OPERATOR:
		return RPC_REACH_ALL;
	case ROLE_MEMBER:
		return standing->is_own_only ? RPC_REACH_OWN :
		    RPC_REACH_SHARED;
	default:
		return RPC_REACH_SHARED;
	}
}

static bool
reaches(const struct standing *standing, enum relation relation)
{
	switch (relation) {
	case RELATION_OWN:
		return true;
	case RELATION_SHARED:
		return role_reach(standing) != RPC_REACH_OWN;
	case RELATION_PRIVATE:
		return role_reach(standing) == RPC_REACH_ALL;
	default:
		return false;
	}
}

bool
role_permits(const struct standing *standing, enum action action,
    enum relation relation)
{
	return may(standing, action) && (!actions[action].is_of_sandbox ||
	    reaches(standing, relation));
}

int
role_check(const struct standing *standing, enum action action,
    struct err *err)
{
	char has[SCOPE_TEXT];

	if (may(standing, action))
		return 0;
	if (role_effective(standing) < actions[action].least)
		return err_set(err, EACCES, "permission denied: this needs "
		    "the role %s, and yours is %s",
		    role_names[actions[action].least],
		    role_name(role_effective(standing)));
	role_scopes_text(standing->scopes, has);
	return err_set(err, EACCES, "permission denied: this needs a token of "
	    "scope %s, and yours is of %s",
	    scope_names[__builtin_ctz(actions[action].scope)], has);
}

uint32_t
role_rights(const struct standing *standing)
{
	uint32_t rights = 0;

	for (int action = 0; action < N_ACTION; action++)
		if (may(standing, (enum action)action))
			rights |= actions[action].rights;
	return rights;
}

const char *
role_name(enum role role)
{
	return role < N_ROLE ? role_names[role] : role_names[ROLE_NONE];
}

int
role_parse(const char *text, enum role *ret, struct err *err)
{
	for (int role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
		if (strcmp(text, role_names[role]) == 0) {
			*ret = (enum role)role;
			return 0;
		}
	return err_set(err, EINVAL,
	    "role: admin, member or viewer, not \"%.64s\"", text);
}

/* The bit of the first `size` bytes of name; 0 = there is no such scope. */
static uint32_t
find_scope(const char *name, size_t size)
{
	for (size_t i = 0; i < N_SCOPES; i++)
		if (strlen(scope_names[i]) == size &&
		    memcmp(scope_names[i], name, size) == 0)
			return 1u << i;
	return 0;
}

int
role_parse_scopes(const char *text, uint32_t *ret, struct err *err)
{
	uint32_t scopes = 0, bit;
	const char *name = text;

	*ret = 0;
	while (*name != '\0') {
		size_t size = strcspn(name, ",");

		bit = find_scope(name, size);
		if (bit == 0)
			return err_set(err, EINVAL, "scope: read, create, "
			    "exec, files, admin, operator or some of them by "
			    "commas, not \"%.64s\"", text);
		scopes |= bit;
		name += size;
		if (*name == ',' && *++name == '\0')
			name--; /* a comma at the end names nothing */
	}
	*ret = scopes;
	return 0;
}

void
role_scopes_text(uint32_t scopes, char ret[SCOPE_TEXT])
{
	size_t used = 0;

	*ret = '\0';
	for (size_t i = 0; i < N_SCOPES; i++)
		if ((scopes & (1u << i)) != 0)
			used += (size_t)snprintf(ret + used, SCOPE_TEXT - used,
			    "%s%s", used > 0 ? "," : "", scope_names[i]);
}

bool
role_scopes_contain(uint32_t scopes, uint32_t wanted)
{
	const struct standing has = {.scopes = scopes},
	    wants = {.scopes = wanted};

	return (scopes_of(&wants) & ~scopes_of(&has)) == 0;
}
