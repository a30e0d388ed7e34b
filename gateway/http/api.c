// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/api.h"

#include <errno.h>
#include <stdlib.h>

#include "common/parse.h"
#include "gateway/http/back/back.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/acontext/acontext.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/dialect/sandbox0/sandbox0.h"
#include "gateway/http/engine/server.h"
#include "gateway/http/service/sandboxes.h"

const struct dialect *const api_dialects[] = {&native, &e2b_upload, &e2b_data,
    &e2b_rpc, &e2b_control, &sandbase, &sandbox0, &acontext, &mcp};
const size_t n_api_dialects = sizeof api_dialects / sizeof *api_dialects;

/* Whom a sandbox's name is looked up for. */
struct naming {
	struct exchange *exchange;
	struct identity *who;
};

/* What is no name of one is left as it is, to be refused as no id. */
static void
on_name(void *arg, const char *id, const struct err *failure)
{
	struct naming naming = *(struct naming *)arg;

	free(arg);
	if (failure != NULL && failure->code == EEXIST) {
		struct err err;

		err_set(&err, EBUSY, "%s", failure->text);
		identity_release(naming.who);
		exchange_fail_err(naming.exchange, &err);
		return;
	}
	if (id != NULL)
		exchange_set_param(naming.exchange, "id", id);
	exchange_identified(naming.exchange, naming.who);
}

/* A path may have a sandbox's name where its id would be. */
static bool
is_named(const struct exchange *exchange)
{
	const char *word = exchange_param(exchange, "id");

	return exchange_is_of_sandbox(exchange) &&
	    !sandbox_id_is_valid(word) && name_is_valid(word);
}

static void
find_named(struct exchange *exchange, struct identity *who)
{
	struct naming *naming = malloc(sizeof *naming);

	if (naming == NULL) {
		exchange_identified(exchange, who);
		return;
	}
	*naming = (struct naming){exchange, who};
	sandboxes_find(who, exchange_param(exchange, "id"), on_name, naming);
}

static const char *
token_of(const struct exchange *exchange)
{
	const char *access = exchange_header(exchange, "X-Access-Token");

	return identity_find_token(exchange_header(exchange, "Authorization"),
	    exchange_header(exchange, "X-API-Key"), access != NULL ? access :
	    exchange_header(exchange, "E2B-Traffic-Access-Token"));
}

static void
on_identity(void *arg, struct identity *who, const struct err *failure)
{
	struct err err;

	if (who != NULL && back_count_request(identity_back(who), who,
	    token_of(arg), exchange_conf(arg)->max_requests_per_second,
	    &err) < 0) {
		identity_release(who);
		exchange_fail_err(arg, &err);
		return;
	}
	if (who != NULL) {
		exchange_set_limits(arg, &(struct exchange_limits){
		    identity_limits(who)->body_max_bytes,
		    identity_limits(who)->time_max_s * 1000});
		if (*identity_sandbox(who) != '\0')
			exchange_set_param(arg, "id", identity_sandbox(who));
		if (is_named(arg))
			find_named(arg, who);
		else
			exchange_identified(arg, who);
		return;
	}
	err = *failure;
	if (err.code == EACCES)
		err.code = EBADF; /* not known at all: 401, not 403 */
	exchange_fail_err(arg, &err);
}

static void
identify(void *arg, struct exchange *exchange)
{
	struct identity_kept **kept =
	    (struct identity_kept **)exchange_kept(exchange);
	const char *token = token_of(exchange);
	const struct identity_acting acting = {
	    exchange_header(exchange, IDENTITY_ORG),
	    exchange_header(exchange, IDENTITY_USER)};

	struct identity_signed url;

	if (token == NULL && e2b_is_signed(exchange, &url)) {
		url.sandbox_id = exchange_param(exchange, "id");
		identity_find_signed(arg, &url, on_identity, exchange);
		return;
	}
	identity_find(arg, kept, token, exchange_peer_fd(exchange), acting,
	    on_identity, exchange);
}

static void
release(void *who)
{
	identity_release(who);
}

static void
forget(void *kept)
{
	identity_forget(kept);
}

static const char *
describe(const void *who)
{
	return identity_describe(who);
}

/* It is another's, or it was there; or there is no such thing in it. */
static void
on_recalled(void *arg, const struct sandboxes_view *sandbox,
    const struct err *failure)
{
	struct err err;

	if (failure != NULL && failure->code == EREMOTE) {
		exchange_explained(arg, failure);
	} else if (failure == NULL && sandbox->info.ended_ms != 0) {
		err_set(&err, EIDRM, "%s: is %s: %s", sandbox->info.id,
		    sandbox->info.state, sandbox->info.cause);
		(void)err_cause(&err, sandbox->info.state);
		exchange_explained(arg, &err);
	} else {
		exchange_explained(arg, NULL);
	}
}

static bool
explain(void *arg, struct exchange *exchange)
{
	const char *id = exchange_param(exchange, "id");

	(void)arg;
	if (!sandbox_id_is_valid(id) || exchange_who(exchange) == NULL)
		return false;
	sandboxes_get(exchange_who(exchange), id, on_recalled, exchange);
	return true;
}

static void
read_params(struct route_params *params)
{
	for (size_t i = 0; i < params->n; i++)
		sandbox_id_respell(params->rows[i].value);
}

int
api_serve(struct loop *loop, struct back *back, const struct http_conf *conf,
    int listen_fd, bool is_unix, int news_fd, struct server **ret,
    struct err *err)
{
	const struct server_options options = {.loop = loop,
	    .listen_fd = listen_fd, .is_unix = is_unix,
	    .news_fd = news_fd, .conf = conf,
	    .dialects = api_dialects, .n_dialects = n_api_dialects,
	    .identify = identify, .release = release, .forget = forget,
	    .describe = describe,
	    .explain = explain, .read_params = read_params, .arg = back};

	return server_new(&options, ret, err);
}
