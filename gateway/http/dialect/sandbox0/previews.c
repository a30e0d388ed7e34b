// SPDX-License-Identifier: Apache-2.0
/* Previews (docs/SERVICES.md): a port of a sandbox, to who has their URL. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/sandbox0/services.h"
#include "gateway/http/service/exposures.h"

#define PORT_MAX	 65535
#define TTL_MIN_S	 30
#define TTL_MAX_S	 3600
#define TTL_DEFAULT_S	 900
#define PATH_MAX_BYTES	 1023
#define URL_SIZE	 2048
#define QUERY_FIELD	 "sandgate_preview"

static const char *const protocols[] = {"http", "https", NULL};
enum { PROTOCOL_HTTP };

struct wish {
	uint32_t port, protocol;
	const char *path;
	uint64_t ttl_s;
};
static const struct field wish_fields[] = {
    {"port", FIELD_U32, offsetof(struct wish, port), 0, PORT_MAX,
	"of the sandbox, the only one it opens", "1 to 65535"},
    {"protocol", FIELD_U32, offsetof(struct wish, protocol), .text =
	"that it speaks: http", .words = protocols},
    {"path", FIELD_STRING, offsetof(struct wish, path), 1, PATH_MAX_BYTES,
	"what the URL leads to; / where left out"},
    {"ttl_seconds", FIELD_U64, offsetof(struct wish, ttl_s), TTL_MIN_S,
	TTL_MAX_S, "how long it is good; 900 where left out"},
};
FIELD_TABLE(sandbox0_preview_wish, struct wish, wish_fields);

static const struct field renewal_fields[] = {
    {"ttl_seconds", FIELD_U64, 0, TTL_MIN_S, TTL_MAX_S,
	"from now on; 900 where left out"},
};
FIELD_TABLE(sandbox0_preview_renewal, uint64_t, renewal_fields);

struct making {
	struct exchange *exchange;
	uint64_t generation, preview_id; /* preview_id 0: a new one */
};

/* Where it leads, with the token where there is one. */
static void
print_url(const struct rpc_preview_info *preview, const char *path,
    const char *token, char ret[URL_SIZE])
{
	size_t n = strlen(preview->url), whole = strcspn(path, "#");

	if (n > 0 && preview->url[n - 1] == '/')
		n--;
	if (*token == '\0')
		snprintf(ret, URL_SIZE, "%.*s%s", (int)n, preview->url, path);
	else
		snprintf(ret, URL_SIZE, "%.*s%.*s%s" QUERY_FIELD "=%s%s",
		    (int)n, preview->url, (int)whole, path,
		    memchr(path, '?', whole) != NULL ? "&" : "?", token,
		    path + whole);
}

static const char *
path_of(const struct making *making)
{
	const struct wish *wish = exchange_input(making->exchange);

	return making->preview_id == 0 && wish->path != NULL ? wish->path :
	    "/";
}

static void
on_preview(void *arg, const char *token,
    const struct rpc_preview_info *preview, const struct err *err)
{
	const struct making *making = arg;
	char url[URL_SIZE], target[URL_SIZE], id[24];
	struct failure failure;

	if (err != NULL) {
		exchange_fail_err(making->exchange, err);
		return;
	}
	if (*preview->url == '\0') {
		failure_set(&failure, 503, "unavailable", NULL,
		    "nothing is served here: [proxy] listen is not set");
		exchange_fail(making->exchange, &failure);
		return;
	}
	print_url(preview, path_of(making), token, url);
	print_url(preview, path_of(making), "", target);
	snprintf(id, sizeof id, "%llu", (unsigned long long)preview->id);
	sandbox0_reply(making->exchange, making->preview_id == 0 ? 201 : 200,
	    json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:I}", "id", id,
	    "sandbox_id", preview->sandbox_id, "port",
	    (json_int_t)preview->port, "protocol", protocols[PROTOCOL_HTTP],
	    "url", url, "target_url", target, "expires_at",
	    sandbox0_time(preview->expires_ms), "runtime_generation",
	    (json_int_t)making->generation));
}

static void
on_sandbox(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct making *making = arg;
	struct exchange *exchange = making->exchange;
	const struct wish *wish = exchange_input(exchange);
	const uint64_t *renewal = exchange_input(exchange);
	const uint64_t ttl_s = making->preview_id == 0 ? wish->ttl_s :
	    *renewal;
	const uint64_t ttl_ms = (ttl_s != 0 ? ttl_s : TTL_DEFAULT_S) * 1000;
	struct err gone;

	if (err == NULL && sandbox0_check(sandbox, &gone) < 0)
		err = &gone;
	if (err != NULL) {
		exchange_fail_err(exchange, err);
		return;
	}
	making->generation = sandbox->info.observed_generation;
	if (making->preview_id == 0)
		exposures_create_preview(exchange_who(exchange),
		    exchange_param(exchange, "id"), wish->port, ttl_ms,
		    on_preview, making);
	else
		exposures_renew_preview(exchange_who(exchange),
		    exchange_param(exchange, "id"), making->preview_id,
		    ttl_ms, on_preview, making);
}

/* preview_id 0: another one. */
static void
make(struct exchange *exchange, uint64_t preview_id)
{
	struct making *making = exchange_memory(exchange, sizeof *making);
	const struct err err = {ENOMEM, "out of memory"};

	if (making == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*making = (struct making){exchange, 0, preview_id};
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_sandbox, making);
}

static int
check(const struct wish *wish, struct failure *failure)
{
	if (wish->port == 0)
		return failure_of_field(failure, "port", "must be given");
	if (wish->protocol != PROTOCOL_HTTP)
		return failure_of_field(failure, "protocol", "must be http");
	if (wish->path == NULL)
		return 0;
	for (const char *c = wish->path; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '\\')
			return failure_of_field(failure, "path",
			    "must be of characters that URLs have");
	return *wish->path == '/' && wish->path[1] != '/' ? 0 :
	    failure_of_field(failure, "path", "must begin with one /");
}

void
sandbox0_create_preview(struct exchange *exchange)
{
	struct failure failure;

	if (check(exchange_input(exchange), &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		make(exchange, 0);
}

/* 0: the exchange has been failed. */
static uint64_t
number_of(struct exchange *exchange)
{
	const struct err none = {ENOENT, "no such preview"};
	uint64_t id = 0;

	if (parse_u64(exchange_param(exchange, "preview"), &id) < 0)
		id = 0;
	if (id == 0)
		exchange_fail_err(exchange, &none);
	return id;
}

void
sandbox0_renew_preview(struct exchange *exchange)
{
	const uint64_t id = number_of(exchange);

	if (id != 0)
		make(exchange, id);
}

static void
on_removed(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply_message(arg, "preview revoked");
}

void
sandbox0_remove_preview(struct exchange *exchange)
{
	const uint64_t id = number_of(exchange);

	if (id != 0)
		exposures_remove(exchange_who(exchange),
		    exchange_param(exchange, "id"), "", id, on_removed,
		    exchange);
}
