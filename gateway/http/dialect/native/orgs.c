// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/orgs.h"
#include "gateway/http/service/records.h"
#include "gateway/protocol/broker_calls.h"

#define NAME_MAX_BYTES 63
#define WORD_MAX_BYTES 15
#define SECONDS_MAX    315360000

struct name_wish {
	const char *name;
};
static const struct field name_wish_fields[] = {
    {"name", FIELD_NAME, offsetof(struct name_wish, name), 1, NAME_MAX_BYTES,
	"never to be another's", "1 to 63 of a-z 0-9 _ . -"},
};
FIELD_TABLE(native_org_name_wish, struct name_wish, name_wish_fields);

/* A limit as it is said: a number, a size or a time. */
#define SAID_COUNT(name)   struct field_digits name;
#define SAID_SIZE(name)	   const char *name;
#define SAID_SECONDS(name) uint64_t name;
struct org_wish {
	uint32_t recording;
	const char *member_reach;
#define ORG_LIMIT(NAME, name, field, kind, ...) SAID_##kind(name)
#include "common/org_limit.def"
};
#define ASK_COUNT(name, words)                                                 \
	{"max_" #name, FIELD_DIGITS, offsetof(struct org_wish, name),          \
	    .text = words "; 0 = no limit"},
#define ASK_SIZE(name, words)                                                  \
	{"max_" #name, FIELD_STRING, offsetof(struct org_wish, name), 0,       \
	    WORD_MAX_BYTES, words ", such as 64G; 0 = no limit"},
#define ASK_SECONDS(name, words)                                               \
	{"max_" #name, FIELD_SECONDS, offsetof(struct org_wish, name), 0,      \
	    SECONDS_MAX, words "; 0 = no limit"},
static const struct field org_wish_fields[] = {
    {"recording", FIELD_BOOLEAN, offsetof(struct org_wish, recording),
	.text = "whether logins from now on are recorded"},
    {"member_reach", FIELD_STRING, offsetof(struct org_wish, member_reach),
	0, WORD_MAX_BYTES, "which sandboxes a member reaches: shared or own"},
#define ORG_LIMIT(NAME, name, field, kind, option, value, words)               \
	ASK_##kind(name, words)
#include "common/org_limit.def"
};
FIELD_TABLE(native_org_wish, struct org_wish, org_wish_fields);

#define ORG(field) offsetof(struct rpc_org_info, field)
static const struct field org_fields[] = {
    {"name", FIELD_STRING, ORG(name), .text = "of the organisation"},
    {"recording", FIELD_BOOLEAN, ORG(is_recorded), .text =
	"whether logins are recorded"},
    {"member_reach", FIELD_STRING, ORG(member_reach), .text =
	"which sandboxes a member reaches: shared, all that are not private, "
	"or own"},
    {"users", FIELD_U32, ORG(users), .text = "there are"},
    {"sandboxes", FIELD_U32, ORG(sandboxes), .text = "there are"},
    {"created_at", FIELD_TIME, ORG(created_ms), .text = "when"},
#define TELL_COUNT   FIELD_U64
#define TELL_SIZE    FIELD_SIZE
#define TELL_SECONDS FIELD_U64
#define ORG_LIMIT(NAME, name, field, kind, option, value, words)               \
	{"max_" #name, TELL_##kind, ORG(max_##field),                          \
	    .text = words "; 0 = no limit"},
#include "common/org_limit.def"
#define ORG_LIMIT(NAME, name, field, kind, option, value, words)               \
	{#name, TELL_##kind, ORG(ceiling_##field), .group = "ceilings",        \
	    .text = "max_" #name " as admins can set it at most"},
#include "common/org_limit.def"
};
FIELD_TABLE(native_org, struct rpc_org_info, org_fields);

struct user_wish {
	const char *name, *role;
};
#define ROLE_TEXT "admin, member or viewer"
static const struct field user_wish_fields[] = {
    {"name", FIELD_NAME, offsetof(struct user_wish, name), 1, NAME_MAX_BYTES,
	"of the user", "1 to 63 of a-z 0-9 _ . -"},
    {"role", FIELD_STRING, offsetof(struct user_wish, role), 0,
	WORD_MAX_BYTES, ROLE_TEXT "; a member where left out"},
};
FIELD_TABLE(native_user_wish, struct user_wish, user_wish_fields);
static const struct field user_change_fields[] = {
    {"role", FIELD_STRING, offsetof(struct user_wish, role), 0,
	WORD_MAX_BYTES, ROLE_TEXT, ROLE_TEXT},
};
FIELD_TABLE(native_user_change_wish, struct user_wish, user_change_fields);

#define USER(field) offsetof(struct rpc_user_info, field)
static const struct field user_fields[] = {
    {"name", FIELD_STRING, USER(name), .text = "of the user"},
    {"org", FIELD_STRING, USER(org), .text = "the user's organisation"},
    {"role", FIELD_STRING, USER(role), .text = ROLE_TEXT},
    {"keys", FIELD_U32, USER(keys), .text = "SSH keys there are"},
    {"tokens", FIELD_U32, USER(tokens), .text = "that are not revoked"},
    {"created_at", FIELD_TIME, USER(created_ms), .text = "when"},
};
FIELD_TABLE(native_user, struct rpc_user_info, user_fields);

const struct native_collection native_orgs = {"organisations", &records_orgs,
    &native_org};
const struct native_collection native_users = {"users", &records_users,
    &native_user};

static void
end_org(struct exchange *exchange, unsigned int status,
    const struct rpc_org_info *org, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		exchange_reply(exchange, status, field_print(&native_org,
		    org));
}

static void
on_org(void *arg, const struct rpc_org_info *org, const struct err *err)
{
	end_org(arg, 200, org, err);
}

static void
on_org_added(void *arg, const struct rpc_org_info *org, const struct err *err)
{
	end_org(arg, 201, org, err);
}

/* The {name} of the path, "" where that has none. A name that cannot be is of
 * nobody: then NULL, and that is answered. */
static const char *
read_name(struct exchange *exchange)
{
	const char *name = exchange_param(exchange, "name");
	struct err err;

	if (*name == '\0' || name_is_valid(name))
		return name;
	err_set(&err, ENOENT, "%s: there is none of this name", name);
	exchange_fail_err(exchange, &err);
	return NULL;
}

void
native_get_org(struct exchange *exchange)
{
	const char *name = read_name(exchange);

	if (name != NULL)
		orgs_get(exchange_who(exchange), name, on_org, exchange);
}

void
native_add_org(struct exchange *exchange)
{
	const struct name_wish *wish = exchange_input(exchange);

	orgs_add(exchange_who(exchange), wish->name, on_org_added, exchange);
}

/* 0 is one too; text NULL is none that was said. */
static int
read_text(const char *name, const char *text,
    int (*parse)(const char *text, uint64_t *ret), uint64_t *ret,
    struct err *err)
{
	*ret = BROKER_LIMIT_UNSAID;
	if (text == NULL)
		return 0;
	if (parse(text, ret) < 0 || *ret > INT64_MAX)
		return err_set(err, EINVAL, "%s: a number such as 20, or of "
		    "bytes such as 64G; 0 = no limit", name);
	return 0;
}

static int
read_count(const char *name, const struct field_digits *said, uint64_t *ret,
    struct err *err)
{
	return read_text(name, said->text, parse_u64, ret, err);
}

static int
read_size(const char *name, const char *const *said, uint64_t *ret,
    struct err *err)
{
	return read_text(name, *said, parse_size, ret, err);
}

static int
read_time(const char *name, const uint64_t *said, uint64_t *ret,
    struct err *err)
{
	(void)name;
	(void)err;
	*ret = *said == 0 ? BROKER_LIMIT_UNSAID :
	    *said == FIELD_NEVER ? 0 : *said;
	return 0;
}

static int
read_limits(const struct org_wish *wish, struct rpc_org_set_req *ret,
    struct err *err)
{
	int r = 0;

#define READ_COUNT   read_count
#define READ_SIZE    read_size
#define READ_SECONDS read_time
#define ORG_LIMIT(NAME, name, field, kind, ...)                                \
	if (r == 0)                                                            \
		r = READ_##kind("max_" #name, &wish->name, &ret->max_##field,  \
		    err);
#include "common/org_limit.def"
	return r;
}

void
native_set_org(struct exchange *exchange)
{
	const struct org_wish *wish = exchange_input(exchange);
	const char *name = read_name(exchange);
	struct rpc_org_set_req set = {.name = name,
	    .member_reach = wish->member_reach,
	    .recording = wish->recording == FIELD_TRUE ? BROKER_SWITCH_ON :
		wish->recording == FIELD_FALSE ? BROKER_SWITCH_OFF :
		BROKER_SWITCH_UNSAID};
	struct err err;

	if (name == NULL)
		return;
	if (read_limits(wish, &set, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		orgs_set(exchange_who(exchange), &set, on_org, exchange);
}

void
native_remove_org(struct exchange *exchange)
{
	const char *force = exchange_query(exchange, "force");
	const char *name;
	struct err err;

	if (strcmp(force, "") != 0 && strcmp(force, "0") != 0 &&
	    strcmp(force, "1") != 0) {
		err_set(&err, EINVAL, "force: must be 0 or 1");
		exchange_fail_err(exchange, &err);
		return;
	}
	name = read_name(exchange);
	if (name != NULL)
		orgs_remove(exchange_who(exchange), name,
		    strcmp(force, "1") == 0, exchange_done, exchange);
}

static void
end_user(struct exchange *exchange, unsigned int status,
    const struct rpc_user_info *user, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		exchange_reply(exchange, status, field_print(&native_user,
		    user));
}

static void
on_user(void *arg, const struct rpc_user_info *user, const struct err *err)
{
	end_user(arg, 200, user, err);
}

static void
on_user_added(void *arg, const struct rpc_user_info *user,
    const struct err *err)
{
	end_user(arg, 201, user, err);
}

void
native_get_user(struct exchange *exchange)
{
	const char *name = read_name(exchange);

	if (name != NULL)
		orgs_get_user(exchange_who(exchange), name, on_user, exchange);
}

void
native_add_user(struct exchange *exchange)
{
	const struct user_wish *wish = exchange_input(exchange);

	orgs_add_user(exchange_who(exchange), wish->name, wish->role,
	    on_user_added, exchange);
}

void
native_set_user(struct exchange *exchange)
{
	const struct user_wish *wish = exchange_input(exchange);
	const char *name = read_name(exchange);

	if (name != NULL)
		orgs_set_user(exchange_who(exchange), name, wish->role,
		    on_user, exchange);
}

void
native_remove_user(struct exchange *exchange)
{
	const char *name = read_name(exchange);

	if (name != NULL)
		orgs_remove_user(exchange_who(exchange), name, exchange_done,
		    exchange);
}
