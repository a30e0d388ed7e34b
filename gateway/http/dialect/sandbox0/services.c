// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbox0/services.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/service/exposures.h"

#define SERVICES_MAX  64 /* of a sandbox; docs/SERVICES.md */
#define NAME_BYTES    30
#define PREFIX_BYTES  255
#define HEADER_BYTES  63
#define METHODS_MAX   8
#define METHODS_SIZE  128
#define TIMEOUT_MAX_S 3600
#define RATE_MAX      100000
#define PORT_MAX      65535
#define JSON_MAX      4096
#define PATH_SIZE     64
#define SHA256_BYTES  crypto_hash_sha256_BYTES

/* As enum service_auth of keys/service.h numbers them; the first is no word of
 * its, but what is not public. */
enum { AUTH_PREVIEW, AUTH_NONE, AUTH_BEARER, AUTH_HEADER };
static const char *const auths[] = {"", "none", "bearer", "header", NULL};

struct auth {
	uint32_t mode;
	const char *bearer, *header, *value;
};
#define AUTH(field) offsetof(struct auth, field)
static const struct field auth_fields[] = {
    {"mode", FIELD_U32, AUTH(mode), .text = "what opens it",
	.words = auths},
    {"bearer_token_sha256", FIELD_STRING, AUTH(bearer), 0, 64,
	"of mode bearer, in hexadecimal"},
    {"header_name", FIELD_STRING, AUTH(header), 0, HEADER_BYTES,
	"of mode header"},
    {"header_value_sha256", FIELD_STRING, AUTH(value), 0, 64,
	"of mode header, in hexadecimal"},
};
static FIELD_TABLE(sandbox0_auth, struct auth, auth_fields);

struct rate {
	uint32_t rps, burst;
};
static const struct field rate_fields[] = {
    {"rps", FIELD_U32, offsetof(struct rate, rps), 0, RATE_MAX,
	"requests a second"},
    {"burst", FIELD_U32, offsetof(struct rate, burst), 0, RATE_MAX,
	"of those at once"},
};
static FIELD_TABLE(sandbox0_rate, struct rate, rate_fields);

struct way {
	const char *id, *prefix, *rewrite;
	struct rpc_strv methods;
	struct field_objects auth, rate;
	uint32_t timeout_s, resume;
	char *cors;
};
#define WAY(field) offsetof(struct way, field)
static const struct field way_fields[] = {
    {"id", FIELD_STRING, WAY(id), 0, 63, "its own"},
    {"path_prefix", FIELD_STRING, WAY(prefix), 0, PREFIX_BYTES,
	"what its paths begin with"},
    {"methods", FIELD_STRINGS, WAY(methods), 0, METHODS_MAX,
	"those it takes; all where left out"},
    {"auth", FIELD_OBJECT, WAY(auth), .text = "what opens it",
	.table = &sandbox0_auth},
    {"rate_limit", FIELD_OBJECT, WAY(rate), .text = "how much it takes",
	.table = &sandbox0_rate},
    {"timeout_seconds", FIELD_U32, WAY(timeout_s), 0, TIMEOUT_MAX_S,
	"within which an answer must begin"},
    {"resume", FIELD_BOOLEAN, WAY(resume), .text =
	"whether a request has the sandbox run again"},
    {"rewrite_prefix", FIELD_STRING, WAY(rewrite), 0, PREFIX_BYTES,
	"not here"},
    {"cors", FIELD_JSON, WAY(cors), 0, JSON_MAX, "not here"},
};
static FIELD_TABLE(sandbox0_way, struct way, way_fields);

struct ingress {
	uint32_t is_public;
	struct field_objects ways;
};
static const struct field ingress_fields[] = {
    {"public", FIELD_BOOLEAN, offsetof(struct ingress, is_public), .text =
	"whether others reach it than those with a preview"},
    {"routes", FIELD_OBJECTS, offsetof(struct ingress, ways), 0, 16,
	"one at most", .table = &sandbox0_way},
};
static FIELD_TABLE(sandbox0_ingress, struct ingress, ingress_fields);

struct kind {
	const char *type;
};
static const struct field kind_fields[] = {
    {"type", FIELD_STRING, offsetof(struct kind, type), 0, 31,
	"manual: whoever uses the sandbox starts it"},
};
static FIELD_TABLE(sandbox0_service_runtime, struct kind, kind_fields);

struct service {
	const char *id, *display;
	uint32_t port;
	struct field_objects runtime, ingress;
	char *health;
};
#define SERVICE(field) offsetof(struct service, field)
static const struct field service_fields[] = {
    {"id", FIELD_STRING, SERVICE(id), 1, NAME_BYTES, "its name",
	"1 to 30 of a-z, 0-9 and single -"},
    {"display_name", FIELD_STRING, SERVICE(display), 0, 255, "not kept"},
    {"port", FIELD_U32, SERVICE(port), 1, PORT_MAX,
	"where it listens inside"},
    {"runtime", FIELD_OBJECT, SERVICE(runtime), .text = "who starts it",
	.table = &sandbox0_service_runtime},
    {"ingress", FIELD_OBJECT, SERVICE(ingress), .text =
	"who reaches it", .table = &sandbox0_ingress},
    {"health_check", FIELD_JSON, SERVICE(health), 0, JSON_MAX, "not here"},
};
FIELD_TABLE(sandbox0_service, struct service, service_fields);

struct wish {
	struct field_objects services;
};
static const struct field wish_fields[] = {
    {"services", FIELD_OBJECTS, 0, 0, SERVICES_MAX,
	"all that it is to have", .table = &sandbox0_service},
};
FIELD_TABLE(sandbox0_services_wish, struct wish, wish_fields);

/* -- whether it can be */

static const struct way *
way_of(const struct service *service)
{
	static const struct way none;
	const struct ingress *ingress = service->ingress.items;

	return ingress != NULL && ingress->ways.count > 0 ?
	    ingress->ways.items : &none;
}

static const struct auth *
auth_of(const struct service *service)
{
	static const struct auth none;
	const struct way *way = way_of(service);

	return way->auth.count > 0 ? way->auth.items : &none;
}

/* "" of what is not public, whatever its route says. */
static uint32_t
mode_of(const struct service *service)
{
	const struct ingress *ingress = service->ingress.items;

	if (ingress == NULL || ingress->is_public != FIELD_TRUE)
		return AUTH_PREVIEW;
	return auth_of(service)->mode != 0 ? auth_of(service)->mode :
	    AUTH_NONE;
}

/* The hash of what opens it; false: there is none, or it is no hash. */
static bool
hash_of(const struct service *service, uint8_t ret[SHA256_BYTES])
{
	const struct auth *auth = auth_of(service);
	const char *text = mode_of(service) == AUTH_BEARER ? auth->bearer :
	    auth->value;
	size_t n = 0;

	return text != NULL && sodium_hex2bin(ret, SHA256_BYTES, text,
	    strlen(text), NULL, &n, NULL) == 0 && n == SHA256_BYTES;
}

static bool
is_given(const char *json)
{
	return json != NULL && strcmp(json, "{}") != 0 &&
	    strcmp(json, "null") != 0;
}

/* What is wrong with it; NULL: nothing. */
static const char *
find_fault(const struct service *service, const char **ret_field)
{
	const struct ingress *ingress = service->ingress.items;
	const struct kind *kind = service->runtime.items;
	const struct way *way = way_of(service);
	const uint32_t mode = mode_of(service);
	uint8_t hash[SHA256_BYTES];

	*ret_field = "port";
	if (service->port == 0)
		return "must be from 1 to 65535";
	*ret_field = "runtime";
	if (kind != NULL && kind->type != NULL &&
	    strcmp(kind->type, "manual") != 0)
		return "type must be manual: services are started by who "
		    "uses the sandbox";
	*ret_field = "health_check";
	if (is_given(service->health))
		return "is not done here";
	*ret_field = "ingress.routes";
	if (ingress != NULL && ingress->ways.count > 1)
		return "a service has one at most here";
	if (is_given(way->cors) || (way->rewrite != NULL &&
	    *way->rewrite != '\0'))
		return "cors and rewrite_prefix are not served here";
	if ((mode == AUTH_BEARER || mode == AUTH_HEADER) &&
	    !hash_of(service, hash))
		return "auth: the SHA-256 of what opens it must be given, in "
		    "hexadecimal";
	return NULL;
}

int
sandbox0_services_check(const struct field_objects *services,
    const char *path, struct failure *failure)
{
	const struct service *all = services->items;

	for (uint32_t i = 0; i < services->count; i++) {
		const char *field, *words = find_fault(&all[i], &field);
		char text[PATH_SIZE];

		snprintf(text, sizeof text, "%sservices[%u].%s", path, i,
		    field);
		if (words != NULL)
			return failure_of_field(failure, text, "%s", words);
	}
	return 0;
}

/* -- what there is */

static json_t *
methods_of(const char *text)
{
	json_t *list = json_array();

	for (size_t n; *text != '\0'; text += n + (text[n] == ',')) {
		n = strcspn(text, ",");
		(void)json_array_append_new(list, json_stringn(text, n));
	}
	return list;
}

static json_t *
print(const struct rpc_service_info *info)
{
	json_t *way = json_pack("{s:s, s:s*, s:o, s:{s:s, s:s*}, s:b, s:I}",
	    "id", info->name, "path_prefix", info->prefix[0] != '\0' ?
	    info->prefix : NULL, "methods", methods_of(info->methods),
	    "auth", "mode", info->auth <= AUTH_HEADER && info->auth !=
	    AUTH_PREVIEW ? auths[info->auth] : "none", "header_name",
	    info->header[0] != '\0' ? info->header : NULL, "resume",
	    (int)(info->has_resume != 0), "timeout_seconds",
	    (json_int_t)info->timeout_s);

	if (way != NULL && info->rate != 0)
		(void)json_object_set_new(way, "rate_limit", json_pack(
		    "{s:I, s:I}", "rps", (json_int_t)info->rate, "burst",
		    (json_int_t)(info->burst != 0 ? info->burst :
		    info->rate)));
	return json_pack("{s:s, s:I, s:{s:s}, s:{s:b, s:[o]}, s:b, s:s*}",
	    "id", info->name, "port", (json_int_t)info->port, "runtime",
	    "type", "manual", "ingress", "public",
	    (int)(info->auth != AUTH_PREVIEW), "routes", way, "publishable",
	    (int)(info->url[0] != '\0'), "public_url", info->url[0] != '\0' ?
	    info->url : NULL);
}

json_t *
sandbox0_services_print(struct rpc_bytes records)
{
	struct rpc_service_info info;
	json_t *list = json_array();

	while (rpc_list_next(&rpc_layout_service_info, &records, &info))
		(void)json_array_append_new(list, print(&info));
	return list;
}

static void
on_list(void *arg, struct rpc_bytes records, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, json_pack("{s:s, s:o}", "sandbox_id",
		    exchange_param(arg, "id"), "services",
		    sandbox0_services_print(records)));
}

void
sandbox0_get_services(struct exchange *exchange)
{
	exposures_list_services(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_list, exchange);
}

/* -- others in their place */

struct replacing {
	struct exchange *exchange;
	char id[SANDBOX_ID_SIZE];
	const struct field_objects *services;
	sandbox0_services_done *done;
	void *arg;
	uint32_t n_put, n_old, n_removed;
	char old[SERVICES_MAX][NAME_BYTES + 2]; /* that are not wished for */
};

static void
end(struct replacing *replacing, const struct err *err)
{
	sandbox0_services_done *done = replacing->done;
	void *arg = replacing->arg;

	free(replacing);
	done(arg, err);
}

static void
put_next(struct replacing *replacing);

static void
on_put(void *arg, const struct rpc_service_info *service,
    const struct err *err)
{
	struct replacing *replacing = arg;

	(void)service;
	if (err != NULL)
		end(replacing, err);
	else
		put_next(replacing);
}

static void
put_next(struct replacing *replacing)
{
	const struct service *service = replacing->services->items;
	struct rpc_service_info info = {.sandbox_id = replacing->id,
	    .header = "", .prefix = "", .url = ""};
	const struct err too_long = {EINVAL, "methods: too many"};
	char methods[METHODS_SIZE] = "";
	struct rpc_strv list;
	const struct way *way;
	const char *method;
	uint8_t hash[SHA256_BYTES];
	size_t used = 0;

	if (replacing->n_put == replacing->services->count) {
		end(replacing, NULL);
		return;
	}
	service += replacing->n_put++;
	way = way_of(service);
	for (list = way->methods; (method = rpc_strv_next(&list)) != NULL &&
	    used < sizeof methods;)
		used += (size_t)snprintf(methods + used, sizeof methods -
		    used, "%s%s", used > 0 ? "," : "", method);
	if (used >= sizeof methods) {
		end(replacing, &too_long);
		return;
	}
	info.name = service->id;
	info.port = service->port;
	info.auth = mode_of(service);
	info.methods = methods;
	if (info.auth == AUTH_HEADER && auth_of(service)->header != NULL)
		info.header = auth_of(service)->header;
	if (way->prefix != NULL)
		info.prefix = way->prefix;
	info.timeout_s = way->timeout_s;
	info.has_resume = way->resume != FIELD_FALSE;
	if (way->rate.count > 0) {
		info.rate = ((const struct rate *)way->rate.items)->rps;
		info.burst = ((const struct rate *)way->rate.items)->burst;
	}
	exposures_put_service_hash(exchange_who(replacing->exchange), &info,
	    hash_of(service, hash) && info.auth >= AUTH_BEARER ? hash : NULL,
	    on_put, replacing);
}

static void
remove_next(struct replacing *replacing);

static void
on_removed(void *arg, const struct err *err)
{
	struct replacing *replacing = arg;

	if (err != NULL && err->code != ENOENT)
		end(replacing, err);
	else
		remove_next(replacing);
}

static void
remove_next(struct replacing *replacing)
{
	if (replacing->n_removed == replacing->n_old)
		put_next(replacing);
	else
		exposures_remove(exchange_who(replacing->exchange),
		    replacing->id, replacing->old[replacing->n_removed++], 0,
		    on_removed, replacing);
}

static bool
is_wished(const struct replacing *replacing, const char *name)
{
	const struct service *all = replacing->services->items;

	for (uint32_t i = 0; i < replacing->services->count; i++)
		if (strcmp(all[i].id, name) == 0)
			return true;
	return false;
}

static void
on_old(void *arg, struct rpc_bytes records, const struct err *err)
{
	struct replacing *replacing = arg;
	struct rpc_service_info info;

	if (err != NULL) {
		end(replacing, err);
		return;
	}
	while (replacing->n_old < SERVICES_MAX &&
	    rpc_list_next(&rpc_layout_service_info, &records, &info))
		if (!is_wished(replacing, info.name))
			snprintf(replacing->old[replacing->n_old++],
			    sizeof replacing->old[0], "%s", info.name);
	remove_next(replacing);
}

void
sandbox0_services_replace(struct exchange *exchange, const char *id,
    const struct field_objects *services, sandbox0_services_done *done,
    void *arg)
{
	struct replacing *replacing = calloc(1, sizeof *replacing);
	const struct err err = {ENOMEM, "out of memory"};

	if (replacing == NULL) {
		done(arg, &err);
		return;
	}
	replacing->arg = arg;
	replacing->exchange = exchange;
	replacing->services = services;
	replacing->done = done;
	snprintf(replacing->id, sizeof replacing->id, "%s", id);
	exposures_list_services(exchange_who(exchange), replacing->id, on_old,
	    replacing);
}

static void
on_replaced(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_get_services(arg);
}

void
sandbox0_set_services(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct failure failure;

	if (sandbox0_services_check(&wish->services, "", &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		sandbox0_services_replace(exchange, exchange_param(exchange,
		    "id"), &wish->services, on_replaced, exchange);
}
