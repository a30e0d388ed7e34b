// SPDX-License-Identifier: Apache-2.0
/* The table of who may do what to whose sandbox, written out; and that a
 * capability's rights and reach say the same. */
#include "keys/role.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* S sees, x runs, f reads and writes files, d destroys; c creates. */
static const struct {
	enum role role;
	const char *scopes;
	bool is_own_only;
	const char *own, *shared, *private, *foreign;
	const char *others; /* c creates, k keys and tokens, a administers,
			     * o operates */
} rows[] = {
    {ROLE_NONE, "", false, "", "", "", "", ""},
    {ROLE_VIEWER, "", false, "s", "s", "", "", "k"},
    {ROLE_VIEWER, "", true, "s", "s", "", "", "k"},
    {ROLE_MEMBER, "", false, "sxfd", "sxfd", "", "", "ck"},
    {ROLE_MEMBER, "", true, "sxfd", "", "", "", "ck"},
    {ROLE_ADMIN, "", false, "sxfd", "sxfd", "sxfd", "", "cka"},
    {ROLE_ADMIN, "", true, "sxfd", "sxfd", "sxfd", "", "cka"},
    {ROLE_OPERATOR, "operator", false, "sxfd", "sxfd", "sxfd", "", "ckao"},
    /* Scopes take away, and no scope gives what the role has not; but the
     * operator's, which only the operator can give. */
    {ROLE_ADMIN, "read", false, "s", "s", "s", "", ""},
    {ROLE_ADMIN, "exec", false, "x", "x", "x", "", ""},
    {ROLE_ADMIN, "files", false, "f", "f", "f", "", ""},
    {ROLE_ADMIN, "create", false, "d", "d", "d", "", "c"},
    {ROLE_ADMIN, "admin", false, "", "", "", "", "ka"},
    {ROLE_MEMBER, "read,exec", false, "sx", "sx", "", "", ""},
    {ROLE_MEMBER, "admin", false, "", "", "", "", "k"},
    {ROLE_VIEWER, "read,exec,create", false, "s", "s", "", "", ""},
    {ROLE_VIEWER, "operator", false, "sxfd", "sxfd", "sxfd", "", "ckao"},
    {ROLE_ADMIN, "read,create,exec,files,admin", false, "sxfd", "sxfd",
	"sxfd", "", "cka"},
};

static const struct {
	char letter;
	enum action action;
	uint32_t right; /* one of those it comes down to */
} to_sandboxes[] = {
    {'s', ACTION_SEE, RPC_RIGHT_LIST},
    {'x', ACTION_EXEC, RPC_RIGHT_SPAWN},
    {'f', ACTION_FILES, RPC_RIGHT_SFTP},
    {'d', ACTION_DESTROY, RPC_RIGHT_DESTROY},
}, others[] = {
    {'c', ACTION_CREATE, RPC_RIGHT_CREATE},
    {'k', ACTION_CREDENTIALS, 0},
    {'a', ACTION_ADMINISTER, 0},
    {'o', ACTION_OPERATE, 0},
};

/* Whether the reach of a capability takes in such a sandbox. */
static bool
is_reached(enum rpc_reach reach, enum relation relation)
{
	return relation == RELATION_OWN ||
	    (relation == RELATION_SHARED && reach != RPC_REACH_OWN) ||
	    (relation == RELATION_PRIVATE && reach == RPC_REACH_ALL);
}

static void
check_relation(const struct standing *standing, enum relation relation,
    const char *letters)
{
	for (size_t i = 0; i < 4; i++) {
		const bool may = strchr(letters, to_sandboxes[i].letter) !=
		    NULL;

		assert(role_permits(standing, to_sandboxes[i].action,
		    relation) == may);
		if (relation == RELATION_FOREIGN)
			continue;
		assert(((role_rights(standing) & to_sandboxes[i].right) != 0 &&
		    is_reached(role_reach(standing), relation)) == may);
	}
}

static void
test_table(void)
{
	struct err err = {0};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct standing standing = {.role = rows[i].role,
		    .is_own_only = rows[i].is_own_only};

		assert(role_parse_scopes(rows[i].scopes, &standing.scopes,
		    &err) == 0);
		check_relation(&standing, RELATION_OWN, rows[i].own);
		check_relation(&standing, RELATION_SHARED, rows[i].shared);
		check_relation(&standing, RELATION_PRIVATE, rows[i].private);
		check_relation(&standing, RELATION_FOREIGN, rows[i].foreign);
		for (size_t j = 0; j < 4; j++) {
			const bool may = strchr(rows[i].others,
			    others[j].letter) != NULL;

			assert(role_permits(&standing, others[j].action,
			    RELATION_OWN) == may);
			assert((role_check(&standing, others[j].action,
			    &err) == 0) == may);
		}
	}
}

/* The rights of a login by SSH are some of RPC_RIGHTS_SSH. */
static void
test_rights(void)
{
	struct standing standing = {.role = ROLE_MEMBER};

	assert(role_rights(&standing) ==
	    (RPC_RIGHTS_API & ~(uint32_t)(RPC_RIGHT_TEMPLATES |
	    RPC_RIGHT_CEILING)));
	standing = (struct standing){.role = ROLE_OPERATOR,
	    .scopes = SCOPE_OPERATOR};
	assert(role_rights(&standing) == RPC_RIGHTS_API);
	standing = (struct standing){.role = ROLE_ADMIN};
	assert(role_rights(&standing) ==
	    (RPC_RIGHTS_API & ~(uint32_t)RPC_RIGHT_TEMPLATES));
	standing.role = ROLE_VIEWER;
	assert(role_rights(&standing) == RPC_RIGHT_LIST);
	standing.role = ROLE_NONE;
	assert(role_rights(&standing) == 0);
}

static void
test_words(void)
{
	char text[SCOPE_TEXT];
	uint32_t scopes;
	enum role role;
	struct err err = {0};

	assert(role_parse("viewer", &role, &err) == 0 && role == ROLE_VIEWER);
	assert(role_parse("operator", &role, &err) == -EINVAL);
	assert(role_parse("none", &role, &err) == -EINVAL);
	assert(role_parse("", &role, &err) == -EINVAL);
	assert(role_parse_scopes("files,read", &scopes, &err) == 0);
	role_scopes_text(scopes, text);
	assert(strcmp(text, "read,files") == 0);
	role_scopes_text(SCOPE_ALL | SCOPE_OPERATOR, text);
	assert(strcmp(text, "read,create,exec,files,admin,operator") == 0);
	role_scopes_text(0, text);
	assert(strcmp(text, "") == 0);
	assert(role_parse_scopes("read,", &scopes, &err) == -EINVAL);
	assert(role_parse_scopes(",read", &scopes, &err) == -EINVAL);
	assert(role_parse_scopes("rea", &scopes, &err) == -EINVAL);
	assert(role_parse_scopes("read exec", &scopes, &err) == -EINVAL);
}

/* No token makes one that may more than itself. */
static void
test_contain(void)
{
	assert(role_scopes_contain(0, 0));
	assert(role_scopes_contain(0, SCOPE_READ));
	assert(role_scopes_contain(0, SCOPE_ALL));
	assert(!role_scopes_contain(0, SCOPE_OPERATOR));
	assert(!role_scopes_contain(SCOPE_ADMIN, 0));
	assert(role_scopes_contain(SCOPE_ADMIN | SCOPE_READ, SCOPE_READ));
	assert(!role_scopes_contain(SCOPE_ADMIN, SCOPE_ADMIN | SCOPE_EXEC));
	assert(role_scopes_contain(SCOPE_OPERATOR, SCOPE_OPERATOR));
	assert(role_scopes_contain(SCOPE_OPERATOR, 0));
}

int
main(void)
{
	test_table();
	test_rights();
	test_words();
	test_contain();
	return 0;
}
