// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/exposures.h"

#define NAME_MAX_BYTES	  30
#define HEADER_MAX_BYTES  63
#define PREFIX_MAX_BYTES  255
#define SECRET_MAX_BYTES  512
#define SECRET_MIN_BYTES  16
#define SECRET_BYTES	  32
#define METHODS_MAX	  8
#define METHODS_SIZE	  128
#define TIMEOUT_MAX_S	  3600
#define RATE_MAX	  100000
#define PREVIEW_TTL_S	  3600 /* where the request names none */
#define PREVIEW_TTL_MAX_S (30 * 86400)
#define PORT_MAX	  65535

/* As enum service_auth of keys/service.h numbers them. */
static const char *const auths[] = {"preview", "none", "bearer", "header",
    NULL};
enum { AUTH_BEARER = 2, AUTH_HEADER = 3 };

struct wish {
	const char *name, *secret, *header, *prefix;
	uint32_t port, auth, rate, burst, resume;
	uint64_t timeout_s;
	struct rpc_strv methods;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"name", FIELD_STRING, WISH(name), 1, NAME_MAX_BYTES,
	"of a-z, 0-9 and -; one that the sandbox has already is replaced",
	"1 to 30 of a-z, 0-9 and single -, beginning with a letter"},
    {"port", FIELD_U32, WISH(port), 0, PORT_MAX, "where it listens inside",
	"1 to 65535"},
    {"auth", FIELD_U32, WISH(auth), .text = "preview (where left out): a "
	"preview's token alone opens it; none: it is public; bearer; header",
	.words = auths},
    {"token", FIELD_STRING, WISH(secret), SECRET_MIN_BYTES, SECRET_MAX_BYTES,
	"of auth bearer and header: what has to be shown; one is made where "
	"it is left out, and told this once"},
    {"header", FIELD_STRING, WISH(header), 0, HEADER_MAX_BYTES,
	"of auth header: its name"},
    {"methods", FIELD_STRINGS, WISH(methods), 0, METHODS_MAX,
	"those it takes; all where left out"},
    {"path_prefix", FIELD_STRING, WISH(prefix), 0, PREFIX_MAX_BYTES,
	"what its paths begin with"},
    {"timeout", FIELD_U64, WISH(timeout_s), 1, TIMEOUT_MAX_S,
	"seconds within which an answer must begin"},
    {"rate_limit", FIELD_U32, WISH(rate), 1, RATE_MAX,
	"requests a second; no limit where left out"},
    {"rate_burst", FIELD_U32, WISH(burst), 1, RATE_MAX,
	"of those at once; as rate_limit where left out"},
    {"resume", FIELD_BOOLEAN, WISH(resume), .text =
	"whether a request has the sandbox run again; true where left out"},
};
FIELD_TABLE(native_service_wish, struct wish, wish_fields);

struct shown_service {
	struct rpc_service_info info;
	struct rpc_strv methods;
};
#define SERVICE(field) offsetof(struct shown_service, field)
static const struct field service_fields[] = {
    {"name", FIELD_STRING, SERVICE(info.name), .text = "what it is called"},
    {"url", FIELD_STRING, SERVICE(info.url), .text = "where it is served",
	.is_nullable = true},
    {"port", FIELD_U32, SERVICE(info.port), .text =
	"where it listens inside"},
    {"auth", FIELD_U32, SERVICE(info.auth), .text = "what opens it",
	.words = auths},
    {"header", FIELD_STRING, SERVICE(info.header), .text =
	"of auth header: its name", .is_nullable = true},
    {"methods", FIELD_STRINGS, SERVICE(methods), .text =
	"those it takes; null: all", .is_nullable = true},
    {"path_prefix", FIELD_STRING, SERVICE(info.prefix), .text =
	"what its paths begin with", .is_nullable = true},
    {"timeout", FIELD_U32, SERVICE(info.timeout_s), .text =
	"seconds within which an answer must begin; 0: the host's"},
    {"rate_limit", FIELD_U32, SERVICE(info.rate), .text =
	"requests a second; 0: no limit"},
    {"rate_burst", FIELD_U32, SERVICE(info.burst), .text =
	"of those at once; 0: as rate_limit"},
    {"resume", FIELD_BOOLEAN, SERVICE(info.has_resume), .text =
	"whether a request has the sandbox run again"},
    {"created_at", FIELD_TIME, SERVICE(info.created_ms), .text = "when"},
};
FIELD_TABLE(native_service, struct shown_service, service_fields);

struct preview_wish {
	uint32_t port;
	uint64_t ttl_s;
};
#define PREVIEW_WISH(field) offsetof(struct preview_wish, field)
static const struct field preview_wish_fields[] = {
    {"port", FIELD_U32, PREVIEW_WISH(port), 0, PORT_MAX,
	"of the sandbox, the only one it opens", "1 to 65535"},
    {"ttl_seconds", FIELD_U64, PREVIEW_WISH(ttl_s), 1, PREVIEW_TTL_MAX_S,
	"how long it is good; an hour where left out"},
};
FIELD_TABLE(native_preview_wish, struct preview_wish, preview_wish_fields);

#define PREVIEW(field) offsetof(struct rpc_preview_info, field)
static const struct field preview_fields[] = {
    {"id", FIELD_U64, PREVIEW(id), .text = "its number"},
    {"port", FIELD_U32, PREVIEW(port), .text = "the only one it opens"},
    {"url", FIELD_STRING, PREVIEW(url), .text = "where that is served",
	.is_nullable = true},
    {"created_at", FIELD_TIME, PREVIEW(created_ms), .text = "when"},
    {"expires_at", FIELD_TIME, PREVIEW(expires_ms), .text = "when"},
};
FIELD_TABLE(native_preview, struct rpc_preview_info, preview_fields);

static json_t *
service_to_json(const struct rpc_service_info *info)
{
	struct shown_service shown = {.info = *info};
	char methods[METHODS_SIZE];
	size_t size = strlen(info->methods) + 1;

	snprintf(methods, sizeof methods, "%s", info->methods);
	if (size > 1 && size <= sizeof methods) {
		shown.methods = (struct rpc_strv){methods, (uint32_t)size, 1};
		for (char *c = methods; *c != '\0' ||
		    c < methods + size - 1; c++)
			if (*c == ',') {
				*c = '\0';
				shown.methods.count++;
			}
	}
	return field_print(&native_service, &shown);
}

/* "GET,POST" of a list. */
static int
join_methods(struct rpc_strv methods, char ret[METHODS_SIZE],
    struct failure *failure)
{
	const char *method;
	size_t used = 0;

	ret[0] = '\0';
	while ((method = rpc_strv_next(&methods)) != NULL) {
		if (used + strlen(method) + 2 > METHODS_SIZE ||
		    strchr(method, ',') != NULL)
			return failure_of_field(failure, "methods",
			    "such as GET and POST");
		used += (size_t)snprintf(ret + used, METHODS_SIZE - used,
		    "%s%s", used > 0 ? "," : "", method);
	}
	return 0;
}

static int
check(const struct wish *wish, const char *id, struct failure *failure)
{
	const bool has_secret = wish->auth == AUTH_BEARER ||
	    wish->auth == AUTH_HEADER;

	if (!sandbox_id_is_valid(id))
		return failure_set(failure, 404, "not_found", NULL,
		    "%s: no such sandbox", id);
	if (wish->secret != NULL && !has_secret)
		return failure_of_field(failure, "token",
		    "of auth bearer and header alone");
	if (wish->secret != NULL && strlen(wish->secret) < SECRET_MIN_BYTES)
		return failure_of_field(failure, "token",
		    "%d to %d characters", SECRET_MIN_BYTES,
		    SECRET_MAX_BYTES);
	return 0;
}

/* What a service's secret is, until it is told. */
struct putting {
	char secret[SECRET_MAX_BYTES + 1]; /* made; "" = theirs, or none */
	struct exchange *exchange;
};

static void
make_secret(char *ret, size_t size)
{
	uint8_t bytes[SECRET_BYTES];

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(ret, size, bytes, sizeof bytes,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof bytes);
}

static void
on_put(void *arg, const struct rpc_service_info *service,
    const struct err *err)
{
	struct putting *putting = arg;
	json_t *body;

	if (err != NULL) {
		exchange_fail_err(putting->exchange, err);
		return;
	}
	body = service_to_json(service);
	if (body != NULL && putting->secret[0] != '\0' &&
	    json_object_set_new(body, "token",
	    json_string(putting->secret)) < 0) {
		json_decref(body);
		body = NULL;
	}
	sodium_memzero(putting->secret, sizeof putting->secret);
	exchange_reply(putting->exchange, 201, body);
}

void
native_put_service(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const char *id = exchange_param(exchange, "id");
	char methods[METHODS_SIZE];
	struct rpc_service_info service = {.sandbox_id = id,
	    .name = wish->name, .port = wish->port, .auth = wish->auth,
	    .header = wish->header != NULL ? wish->header : "",
	    .methods = methods,
	    .prefix = wish->prefix != NULL ? wish->prefix : "",
	    .timeout_s = (uint32_t)wish->timeout_s, .rate = wish->rate,
	    .burst = wish->burst, .has_resume = wish->resume != FIELD_FALSE,
	    .url = ""};
	struct putting *putting = exchange_memory(exchange, sizeof *putting);
	const char *secret = wish->secret;
	const struct err memory = {ENOMEM, "out of memory"};
	struct failure failure;

	if (putting == NULL) {
		exchange_fail_err(exchange, &memory);
		return;
	}
	putting->exchange = exchange;
	if (check(wish, id, &failure) < 0 ||
	    join_methods(wish->methods, methods, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	if (secret == NULL && (wish->auth == AUTH_BEARER ||
	    wish->auth == AUTH_HEADER)) {
		make_secret(putting->secret, sizeof putting->secret);
		secret = putting->secret;
	}
	exposures_put_service(exchange_who(exchange), &service, secret,
	    on_put, putting);
}

static void
reply_list(struct exchange *exchange, const char *member, json_t *list)
{
	exchange_reply(exchange, 200, list == NULL ? NULL :
	    json_pack("{s:o}", member, list));
}

static void
on_services(void *arg, struct rpc_bytes records, const struct err *err)
{
	struct rpc_service_info info;
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	while (list != NULL && rpc_list_next(&rpc_layout_service_info,
	    &records, &info))
		if (json_array_append_new(list, service_to_json(&info)) < 0) {
			json_decref(list);
			list = NULL;
		}
	reply_list(arg, "services", list);
}

void
native_list_services(struct exchange *exchange)
{
	exposures_list_services(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_services, exchange);
}

static void
on_removed(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 204, NULL);
}

void
native_remove_service(struct exchange *exchange)
{
	exposures_remove(exchange_who(exchange),
	    exchange_param(exchange, "id"),
	    exchange_param(exchange, "service"), 0, on_removed, exchange);
}

static void
on_preview(void *arg, const char *token,
    const struct rpc_preview_info *preview, const struct err *err)
{
	json_t *body;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	body = field_print(&native_preview, preview);
	if (body != NULL && json_object_set_new(body, "token",
	    json_string(token)) < 0) {
		json_decref(body);
		body = NULL;
	}
	exchange_reply(arg, 201, body);
}

void
native_create_preview(struct exchange *exchange)
{
	const struct preview_wish *wish = exchange_input(exchange);

	exposures_create_preview(exchange_who(exchange),
	    exchange_param(exchange, "id"), wish->port,
	    (wish->ttl_s != 0 ? wish->ttl_s : PREVIEW_TTL_S) * 1000,
	    on_preview, exchange);
}

static void
on_previews(void *arg, struct rpc_bytes records, const struct err *err)
{
	struct rpc_preview_info info;
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	while (list != NULL && rpc_list_next(&rpc_layout_preview_info,
	    &records, &info))
		if (json_array_append_new(list,
		    field_print(&native_preview, &info)) < 0) {
			json_decref(list);
			list = NULL;
		}
	reply_list(arg, "previews", list);
}

void
native_list_previews(struct exchange *exchange)
{
	exposures_list_previews(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_previews, exchange);
}

void
native_remove_preview(struct exchange *exchange)
{
	const struct err none = {ENOENT, "no such preview"};
	uint64_t id;

	if (parse_u64(exchange_param(exchange, "preview"), &id) < 0 ||
	    id == 0)
		exchange_fail_err(exchange, &none);
	else
		exposures_remove(exchange_who(exchange),
		    exchange_param(exchange, "id"), "", id, on_removed,
		    exchange);
}
