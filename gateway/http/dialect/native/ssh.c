// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/ssh.h"
#include "gateway/http/service/sshfp.h"
#include "gateway/protocol/broker_calls.h"

#define ACCESS_TTL_S	 300 /* where the request names none */
#define ACCESS_TTL_MAX_S 86400
#define SCOPE_MAX	 63
#define TOKEN_NAME_MAX	 63
#define SSH_PORT	 22
#define LINE_SIZE	 16384

struct host_key {
	const char *algorithm, *line, *fingerprint, *record;
};
#define HOST_KEY(field) offsetof(struct host_key, field)
static const struct field host_key_fields[] = {
    {"algorithm", FIELD_STRING, HOST_KEY(algorithm), .text = "of the key"},
    {"public_key", FIELD_STRING, HOST_KEY(line), .text = "a line"},
    {"fingerprint", FIELD_STRING, HOST_KEY(fingerprint), .text =
	"as ssh-keygen -l prints it"},
    {"sshfp", FIELD_STRING, HOST_KEY(record), .text =
	"as ssh-keygen -r prints it"},
};
FIELD_TABLE(native_host_key, struct host_key, host_key_fields);

static json_t *
host_key_to_json(const char *line, const char *host)
{
	char record[512];
	struct sshfp key;
	struct err err;

	if (sshfp_compute(line, &key, &err) < 0)
		return NULL;
	snprintf(record, sizeof record, "%s IN SSHFP %u %d %s", host,
	    key.number, SSHFP_TYPE_SHA256, key.digest);
	return field_print(&native_host_key, &(struct host_key){
	    key.algorithm, line, key.fingerprint, record});
}

/* A line of a known_hosts file. */
static json_t *
known_host(const char *line, const char *host, uint32_t port)
{
	char text[LINE_SIZE];

	if (port == SSH_PORT)
		snprintf(text, sizeof text, "%s %s", host, line);
	else
		snprintf(text, sizeof text, "[%s]:%u %s", host, port, line);
	return json_string(text);
}

static void
on_found(void *arg, const struct rpc_gateway_status_rep *gateway,
    const struct err *failure)
{
	const struct err malformed = {EBADMSG, "malformed host keys"};
	json_t *keys, *known;
	struct rpc_strv left;
	const char *line;

	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	keys = json_array();
	known = json_array();
	for (left = gateway->host_keys;
	    (line = rpc_strv_next(&left)) != NULL;) {
		/* What fails to be appended makes the arrays too short, and
		 * both calls free what they are given. */
		(void)json_array_append_new(keys, host_key_to_json(line,
		    gateway->ssh_host));
		(void)json_array_append_new(known, known_host(line,
		    gateway->ssh_host, gateway->ssh_port));
	}
	if (json_array_size(keys) != gateway->host_keys.count) {
		json_decref(keys);
		json_decref(known);
		exchange_fail_err(arg, &malformed);
		return;
	}
	exchange_reply(arg, 200, json_pack("{s:s, s:I, s:o, s:o}",
	    "host", gateway->ssh_host,
	    "port", (json_int_t)gateway->ssh_port,
	    "host_keys", keys, "known_hosts", known));
}

void
native_find_ssh(struct exchange *exchange)
{
	ssh_find(exchange_who(exchange), on_found, exchange);
}

struct access_wish {
	const char *line, *scope, *name;
	uint64_t ttl_s;
};
#define WISH(field) offsetof(struct access_wish, field)
static const struct field access_wish_fields[] = {
    {"public_key", FIELD_STRING, WISH(line), 0, LINE_SIZE - 1,
	"who is let in; left out: whoever holds the token in the answer"},
    {"ttl_seconds", FIELD_U64, WISH(ttl_s), 1, ACCESS_TTL_MAX_S,
	"for how long; 300 where left out"},
    {"scope", FIELD_STRING, WISH(scope), 0, SCOPE_MAX,
	"sftp-only, read-only, no-forward, or some of them by commas"},
    {"name", FIELD_STRING, WISH(name), 0, TOKEN_NAME_MAX,
	"of the token; the sandbox's id where left out"},
};
FIELD_TABLE(native_access_wish, struct access_wish, access_wish_fields);

/* What is answered, and whom it is for. */
struct access {
	struct rpc_ssh_access_rep rep;
	const char *username;
};
#define ACCESS(field) offsetof(struct access, field)
static const struct field access_fields[] = {
    {"host", FIELD_STRING, ACCESS(rep.host), .text = "where to connect to"},
    {"port", FIELD_U32, ACCESS(rep.port), .text = "where to connect to"},
    {"username", FIELD_STRING, ACCESS(username), .text = "who to be"},
    {"host_keys", FIELD_STRINGS, ACCESS(rep.host_keys), .text =
	"by which to know the host"},
    {"expires_at", FIELD_TIME, ACCESS(rep.expires_ms), .text = "when"},
    {"scope", FIELD_STRING, ACCESS(rep.scope), .text = "what it may do",
	.is_nullable = true},
};
FIELD_TABLE(native_access, struct access, access_fields);

static void
on_access(void *arg, const struct rpc_ssh_access_rep *rep,
    const struct err *err)
{
	json_t *body;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	body = field_print(&native_access, &(struct access){*rep,
	    exchange_param(arg, "id")});
	if (body != NULL && *rep->token != '\0' &&
	    (json_object_set_new(body, "token_id",
	    json_integer((json_int_t)rep->token_id)) < 0 ||
	    json_object_set_new(body, "token",
	    json_string(rep->token)) < 0)) {
		json_decref(body);
		body = NULL;
	}
	exchange_reply(arg, 200, body);
}

static int
check_access(const struct access_wish *wish, const char *id,
    struct failure *failure)
{
	if (!sandbox_id_is_valid(id))
		return failure_set(failure, 404, "not_found", NULL,
		    "%s: no such sandbox", id);
	if (wish->line != NULL && *wish->line == '\0')
		return failure_of_field(failure, "public_key",
		    "a line such as \"ssh-ed25519 AAAA...\", or left out for "
		    "a token");
	if (wish->line != NULL && wish->name != NULL)
		return failure_of_field(failure, "name",
		    "only of a token, which is made without public_key");
	return 0;
}

void
native_grant_ssh(struct exchange *exchange)
{
	const struct access_wish *wish = exchange_input(exchange);
	const char *id = exchange_param(exchange, "id");
	struct rpc_ssh_access_req access = {.sandbox_id = id,
	    .line = wish->line != NULL ? wish->line : "",
	    .scope = wish->scope != NULL ? wish->scope : "",
	    .name = wish->name != NULL && *wish->name != '\0' ? wish->name :
	    id, .ttl_ms = (wish->ttl_s != 0 ? wish->ttl_s : ACCESS_TTL_S) *
	    1000};
	struct failure failure;

	if (check_access(wish, id, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		ssh_grant(exchange_who(exchange), &access, on_access,
		    exchange);
}

#define SESSION_TTL_S 3600 /* where the request names none */

static const struct field session_wish_fields[] = {
    {"ttl_seconds", FIELD_U64, 0, 1, ACCESS_TTL_MAX_S,
	"for how long; 3600 where left out"},
};
FIELD_TABLE(native_session_wish, uint64_t, session_wish_fields);

static const struct field session_fields[] = {
    {"token", FIELD_STRING, ACCESS(rep.token), .text =
	"the password of the SSH user"},
    {"expires_at", FIELD_TIME, ACCESS(rep.expires_ms), .text = "when"},
    {"host", FIELD_STRING, ACCESS(rep.host), .text = "where to connect to",
	.group = "ssh"},
    {"port", FIELD_U32, ACCESS(rep.port), .text = "where to connect to",
	.group = "ssh"},
    {"username", FIELD_STRING, ACCESS(username), .text = "who to be",
	.group = "ssh"},
    {"host_keys", FIELD_STRINGS, ACCESS(rep.host_keys), .text =
	"by which to know the host", .group = "ssh"},
};
FIELD_TABLE(native_session, struct access, session_fields);

static void
on_session(void *arg, const struct rpc_ssh_access_rep *rep,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, field_print(&native_session,
		    &(struct access){*rep, exchange_param(arg, "id")}));
}

void
native_create_session(struct exchange *exchange)
{
	const uint64_t *ttl_s = exchange_input(exchange);
	const char *id = exchange_param(exchange, "id");
	struct rpc_ssh_access_req access = {.sandbox_id = id,
	    .line = "", .scope = "", .name = id,
	    .ttl_ms = (*ttl_s != 0 ? *ttl_s : SESSION_TTL_S) * 1000};
	struct err err;

	if (!sandbox_id_is_valid(id)) {
		err_set(&err, ENOENT, "%s: no such sandbox", id);
		exchange_fail_err(exchange, &err);
		return;
	}
	ssh_grant(exchange_who(exchange), &access, on_session, exchange);
}
