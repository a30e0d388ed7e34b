// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/credentials.h"
#include "gateway/http/service/records.h"
#include "gateway/protocol/broker_calls.h"

#define KEY_SIZE_MAX	16384 /* one authorized_keys line */
#define NAME_MAX_BYTES	63
#define KEY_ID_MAX	255
#define SCOPE_MAX	63
#define TOKEN_TTL_MAX_S (10ull * 366 * 86400)
#define TIME_MAX_S	86400
#define RATE_MAX	1000000

union record {
	struct rpc_ssh_key_info key;
	struct rpc_token_info token;
	struct rpc_ssh_ca_info ca;
	struct rpc_ssh_revocation_info revocation;
	struct rpc_org_info org;
	struct rpc_user_info user;
	struct rpc_webhook_info webhook;
};

struct key_wish {
	const char *line, *name;
};
static const struct field key_wish_fields[] = {
    {"public_key", FIELD_STRING, offsetof(struct key_wish, line), 0,
	KEY_SIZE_MAX - 1, "one line of an authorized_keys file",
	"a line such as \"ssh-ed25519 AAAA... name\""},
    {"name", FIELD_STRING, offsetof(struct key_wish, name), 0,
	NAME_MAX_BYTES, "yours to choose"},
};
FIELD_TABLE(native_key_wish, struct key_wish, key_wish_fields);

#define KEY(field) offsetof(struct rpc_ssh_key_info, field)
static const struct field key_fields[] = {
    {"id", FIELD_U64, KEY(id), .text = "its number"},
    {"name", FIELD_STRING, KEY(name), .text = "what it was called"},
    {"algorithm", FIELD_STRING, KEY(algorithm), .text = "of the key"},
    {"fingerprint", FIELD_STRING, KEY(fingerprint), .text =
	"as ssh-keygen -l prints it"},
    {"created_at", FIELD_TIME, KEY(created_ms), .text = "when"},
    {"last_used_at", FIELD_TIME, KEY(last_used_ms), .text = "when"},
};
FIELD_TABLE(native_key, struct rpc_ssh_key_info, key_fields);

#define CA(field) offsetof(struct rpc_ssh_ca_info, field)
static const struct field ca_fields[] = {
    {"id", FIELD_U64, CA(id), .text = "its number"},
    {"name", FIELD_STRING, CA(name), .text = "what it was called"},
    {"algorithm", FIELD_STRING, CA(algorithm), .text = "of its key"},
    {"fingerprint", FIELD_STRING, CA(fingerprint), .text =
	"as ssh-keygen -l prints it"},
    {"created_at", FIELD_TIME, CA(created_ms), .text = "when"},
};
FIELD_TABLE(native_ca, struct rpc_ssh_ca_info, ca_fields);

struct token_wish {
	const char *name, *sandbox_id, *scope;
	uint64_t ttl_s, body_max_bytes, time_max_s, per_second_max;
};
static const struct field token_wish_fields[] = {
    {"name", FIELD_STRING, offsetof(struct token_wish, name), 1,
	NAME_MAX_BYTES, "yours to choose", "1 to 63 bytes"},
    {"ttl_seconds", FIELD_U64, offsetof(struct token_wish, ttl_s), 1,
	TOKEN_TTL_MAX_S, "how long it is good; without end where left out"},
    {"scope", FIELD_STRING, offsetof(struct token_wish, scope), 0,
	SCOPE_MAX, "some of read, create, exec, files, admin and operator, by "
	"commas; all but the last where left out"},
    {"sandbox", FIELD_STRING, offsetof(struct token_wish, sandbox_id), 0,
	SANDBOX_ID_SIZE - 1, "the only one it opens; then for read, exec and "
	"files where scope is left out, and with ttl_seconds, to a day"},
    {"max_body", FIELD_SIZE, offsetof(struct token_wish, body_max_bytes), 1,
	INT64_MAX, "of one request, such as 10M; the host's where left out"},
    {"max_request_time", FIELD_SECONDS, offsetof(struct token_wish,
	time_max_s), 0, TIME_MAX_S, "that one request takes, from its head "
	"to its end; without end where left out"},
    {"max_rate", FIELD_U64, offsetof(struct token_wish, per_second_max), 1,
	RATE_MAX, "requests in a second; the host's where left out"},
};
FIELD_TABLE(native_token_wish, struct token_wish, token_wish_fields);

#define TOKEN(field) offsetof(struct rpc_token_info, field)
static const struct field token_fields[] = {
    {"id", FIELD_U64, TOKEN(id), .text = "its number"},
    {"name", FIELD_STRING, TOKEN(name), .text = "what it was called"},
    {"created_at", FIELD_TIME, TOKEN(created_ms), .text = "when"},
    {"expires_at", FIELD_TIME, TOKEN(expires_ms), .text = "when"},
    {"last_used_at", FIELD_TIME, TOKEN(last_used_ms), .text =
	"when somebody last showed it anew"},
    {"revoked", FIELD_BOOLEAN, TOKEN(is_revoked), .text =
	"whether it is good no more"},
    {"sandbox", FIELD_STRING, TOKEN(sandbox_id), .text =
	"the only one it opens", .is_nullable = true},
    {"scope", FIELD_STRING, TOKEN(scope), .text = "what it may do",
	.is_nullable = true},
    {"max_body", FIELD_SIZE, TOKEN(body_max_bytes), .text =
	"of one request; 0 = the host's limit"},
    {"max_request_time", FIELD_SECONDS, TOKEN(time_max_s), .text =
	"that one request takes; null = without end"},
    {"max_rate", FIELD_U64, TOKEN(per_second_max), .text =
	"requests in a second; 0 = the host's limit"},
};
FIELD_TABLE(native_token, struct rpc_token_info, token_fields);

struct revocation_wish {
	struct field_digits serial;
	uint64_t ca_id;
	const char *key_id, *fingerprint;
};
#define REVOCATION_WISH(field) offsetof(struct revocation_wish, field)
static const struct field revocation_wish_fields[] = {
    {"serial", FIELD_DIGITS, REVOCATION_WISH(serial), .text =
	"of one certificate; with ca"},
    {"ca", FIELD_U64, REVOCATION_WISH(ca_id), 1, INT64_MAX,
	"id of the authority that signed it"},
    {"key_id", FIELD_STRING, REVOCATION_WISH(key_id), 0, KEY_ID_MAX,
	"of however many certificates"},
    {"fingerprint", FIELD_STRING, REVOCATION_WISH(fingerprint), 0,
	KEY_ID_MAX, "of a key, certified or plain, or of an authority"},
};
FIELD_TABLE(native_revocation_wish, struct revocation_wish,
    revocation_wish_fields);

#define REVOCATION(field) offsetof(struct rpc_ssh_revocation_info, field)
static const struct field revocation_fields[] = {
    {"id", FIELD_U64, REVOCATION(id), .text = "its number"},
    {"kind", FIELD_STRING, REVOCATION(kind), .text =
	"serial, key-id or fingerprint"},
    {"value", FIELD_STRING, REVOCATION(value), .text = "of that kind"},
    {"ca", FIELD_STRING, REVOCATION(ca), .text =
	"fingerprint of the authority of a serial", .is_nullable = true},
    {"created_at", FIELD_TIME, REVOCATION(created_ms), .text = "when"},
};
FIELD_TABLE(native_revocation, struct rpc_ssh_revocation_info,
    revocation_fields);

const struct native_collection native_tokens = {"tokens", &records_tokens,
    &native_token};
const struct native_collection native_keys = {"ssh_keys", &records_ssh_keys,
    &native_key};
const struct native_collection native_cas = {"ssh_cas", &records_ssh_cas,
    &native_ca};
const struct native_collection native_revocations = {"ssh_revocations",
    &records_ssh_revocations, &native_revocation};

static void
on_list(void *arg, struct records *records, const struct err *failure)
{
	const struct native_collection *collection =
	    exchange_route(arg)->about;
	const struct err malformed = {EBADMSG, "malformed list"};
	union record record;
	json_t *list;
	int r = 0;

	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	list = json_array();
	while (r == 0 && (r = records_next(records, &record)) > 0)
		r = json_array_append_new(list,
		    field_print(collection->fields, &record));
	if (r < 0) {
		json_decref(list);
		exchange_fail_err(arg, &malformed);
		return;
	}
	exchange_reply(arg, 200, json_pack("{s:o}", collection->member,
	    list));
}

void
native_list_records(struct exchange *exchange)
{
	const struct native_collection *collection =
	    exchange_route(exchange)->about;

	records_list(exchange_who(exchange), collection->kind, on_list,
	    exchange);
}

void
native_remove_record(struct exchange *exchange)
{
	const struct native_collection *collection =
	    exchange_route(exchange)->about;
	const char *text = exchange_param(exchange, "id");
	struct err err;
	uint64_t id;

	if (parse_u64(text, &id) < 0 || id == 0) {
		err_set(&err, ENOENT, "%s: no such id", text);
		exchange_fail_err(exchange, &err);
		return;
	}
	records_remove(exchange_who(exchange), collection->kind, id,
	    exchange_done, exchange);
}

static void
end(struct exchange *exchange, const struct field_table *fields,
    const void *record, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		exchange_reply(exchange, 201, field_print(fields, record));
}

static void
on_key(void *arg, const struct rpc_ssh_key_info *key, const struct err *err)
{
	end(arg, &native_key, key, err);
}

void
native_add_key(struct exchange *exchange)
{
	const struct key_wish *wish = exchange_input(exchange);

	credentials_add_key(exchange_who(exchange), wish->line, wish->name,
	    on_key, exchange);
}

static void
on_ca(void *arg, const struct rpc_ssh_ca_info *ca, const struct err *err)
{
	end(arg, &native_ca, ca, err);
}

void
native_add_ca(struct exchange *exchange)
{
	const struct key_wish *wish = exchange_input(exchange);

	credentials_add_ca(exchange_who(exchange), wish->line, wish->name,
	    on_ca, exchange);
}

static void
on_token(void *arg, const char *secret, const struct rpc_token_info *token,
    const struct err *err)
{
	json_t *body;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	body = field_print(&native_token, token);
	if (json_object_set_new(body, "token", json_string(secret)) < 0) {
		json_decref(body);
		body = NULL;
	}
	exchange_reply(arg, 201, body);
}

void
native_create_token(struct exchange *exchange)
{
	const struct token_wish *wish = exchange_input(exchange);
	struct rpc_token_create_req create = {.name = wish->name,
	    .ttl_ms = wish->ttl_s * 1000, .scope = wish->scope,
	    .sandbox_id = wish->sandbox_id,
	    .body_max_bytes = wish->body_max_bytes,
	    .time_max_s = wish->time_max_s == FIELD_NEVER ? 0 :
		wish->time_max_s,
	    .per_second_max = wish->per_second_max};

	credentials_create_token(exchange_who(exchange), &create, on_token,
	    exchange);
}

static void
on_revocation(void *arg, const struct rpc_ssh_revocation_info *revocation,
    const struct err *err)
{
	end(arg, &native_revocation, revocation, err);
}

/* Exactly one of the three kinds. */
static int
check_revocation(const struct revocation_wish *wish, struct failure *failure)
{
	const char *serial = wish->serial.text;

	if ((serial != NULL) + (wish->key_id != NULL) +
	    (wish->fingerprint != NULL) != 1)
		return failure_set(failure, 400, "invalid_argument", NULL,
		    "serial and ca, key_id, or fingerprint: give one");
	if ((serial != NULL) != (wish->ca_id != 0))
		return failure_of_field(failure, "ca",
		    "the id of a CA, with serial and only with it");
	return 0;
}

void
native_add_revocation(struct exchange *exchange)
{
	const struct revocation_wish *wish = exchange_input(exchange);
	const char *serial = wish->serial.text;
	struct rpc_ssh_revocation_add_req add = {.ca_id = wish->ca_id};
	struct failure failure;

	if (check_revocation(wish, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	add.kind = serial != NULL ? "serial" :
	    wish->key_id != NULL ? "key-id" : "fingerprint";
	add.value = serial != NULL ? serial :
	    wish->key_id != NULL ? wish->key_id : wish->fingerprint;
	credentials_add_revocation(exchange_who(exchange), &add,
	    on_revocation, exchange);
}
