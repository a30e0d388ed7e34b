// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/grant.h"

#include <errno.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_calls.h"
#include "gateway/proxy/dial.h"
#include "gateway/proxy/flow.h"

/* How long after its last request a sandbox is said to rest: so that many short
 * ones are told as one. */
#define REST_MS 1000

struct claim {
	struct proxy *proxy;
	struct target target;
	uint8_t keys[N_BROKER_SHOWN][GRANT_KEY_BYTES];
	void (*done)(void *arg, struct grant *grant, const struct err *err);
	void *arg; /* done NULL: cancelled */
};

/* What is shown by that kind alone makes the key. */
static void
make_key(const struct proxy *proxy, const struct target *target,
    const struct grant_shown *shown, enum broker_shown kind,
    uint8_t ret[GRANT_KEY_BYTES])
{
	const struct text secrets[N_BROKER_SHOWN] = {
	    [BROKER_SHOWN_PREVIEW] = shown->preview,
	    [BROKER_SHOWN_BEARER] = shown->bearer,
	    [BROKER_SHOWN_HEADER] = shown->header_value};
	const uint32_t numbers[] = {target->port, (uint32_t)kind};
	crypto_generichash_state state;

	crypto_generichash_init(&state, proxy->hash_key,
	    sizeof proxy->hash_key, GRANT_KEY_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)numbers,
	    sizeof numbers);
	crypto_generichash_update(&state, (const uint8_t *)target->sandbox_id,
	    sizeof target->sandbox_id);
	crypto_generichash_update(&state, (const uint8_t *)target->service,
	    sizeof target->service);
	if (secrets[kind].size > 0)
		crypto_generichash_update(&state,
		    (const uint8_t *)secrets[kind].data, secrets[kind].size);
	crypto_generichash_final(&state, ret, GRANT_KEY_BYTES);
}

static struct grant *
find_key(const struct proxy *proxy, const uint8_t key[GRANT_KEY_BYTES])
{
	struct grant *grant;

	LIST_FOREACH(grant, &proxy->grants, link)
		if (memcmp(grant->key, key, GRANT_KEY_BYTES) == 0)
			return grant;
	return NULL;
}

struct grant *
grant_find(struct proxy *proxy, const struct target *target,
    const struct grant_shown *shown)
{
	const size_t sizes[N_BROKER_SHOWN] = {1, shown->preview.size,
	    shown->bearer.size, shown->header_value.size};

	/* Who shows nothing of a kind is not asked about it; one that wants a
	 * header is kept as the kind of nothing. */
	for (int kind = N_BROKER_SHOWN - 1; kind >= 0; kind--) {
		uint8_t key[GRANT_KEY_BYTES];
		struct grant *grant;

		if (sizes[kind] == 0)
			continue;
		make_key(proxy, target, shown, (enum broker_shown)kind, key);
		grant = find_key(proxy, key);
		if (grant != NULL && (*grant->wants == '\0' ||
		    shown->header_value.size == 0))
			return grant;
	}
	return NULL;
}

static void
grant_free(struct grant *grant)
{
	struct loop *loop = &grant->proxy->loop;

	loop_stop_timer(loop, &grant->linger);
	loop_stop_timer(loop, &grant->expiry);
	loop_stop_timer(loop, &grant->rest);
	LIST_REMOVE(grant, link);
	grant->proxy->n_grants--;
	dial_end_all(grant, EPIPE, "it is over");
	calls_free(grant->init);
	calls_free(grant->cap);
	free(grant);
}

static void
on_linger(struct loop_timer *timer)
{
	struct grant *grant = (struct grant *)((char *)timer -
	    offsetof(struct grant, linger));

	if (grant->n_flows == 0)
		grant_free(grant);
}

void
grant_forget(struct grant *grant)
{
	randombytes_buf(grant->key, sizeof grant->key);
}

/* Nothing new begins by it, and what goes on is cut where that is meant. */
static void
end(struct grant *grant, bool is_cut)
{
	struct flow *flow, *next;

	grant_forget(grant);
	grant->n_flows++;
	dial_end_all(grant, EPIPE, "it is over");
	for (flow = LIST_FIRST(&grant->flows); is_cut && flow != NULL;
	    flow = next) {
		next = flow_next_of_grant(flow);
		flow_cut(flow);
	}
	calls_free(grant->init);
	calls_free(grant->cap);
	grant->init = grant->cap = NULL;
	if (--grant->n_flows == 0)
		loop_set_timer(&grant->proxy->loop, &grant->linger, 0);
}

static void
on_expiry(struct loop_timer *timer)
{
	end((struct grant *)((char *)timer -
	    offsetof(struct grant, expiry)), true);
}

/* sandboxd says how the sandbox is. Whoever asks for something while it does
 * not run attaches anew, and so has it run. */
static void
on_cap_event(void *arg, const struct rpc_message *message)
{
	struct grant *grant = arg;
	struct rpc_sandbox_moved_event event;

	if (message->header.number != rpc_call_sandbox_moved.number ||
	    rpc_open_request(&rpc_call_sandbox_moved, message, &event) < 0)
		return;
	if (strcmp(event.state, "running") == 0)
		return;
	grant->generation++;
	dial_lose_init(grant);
}

/* It was ended, its time is over, or sandboxd is gone: what was dialled lives
 * on, as the broker says itself what is to be cut. */
static void
on_cap_end(void *arg)
{
	struct grant *grant = arg;

	grant_forget(grant);
	grant->is_held = false;
}

static void
on_rest(struct loop_timer *timer)
{
	struct grant *grant = (struct grant *)((char *)timer -
	    offsetof(struct grant, rest));
	const struct rpc_sandbox_used_event event = {.kind = "service"};

	if (grant->n_busy > 0 || !grant->is_held)
		return;
	grant->is_held = false;
	if (grant->cap != NULL)
		calls_tell(grant->cap, &rpc_call_sandbox_used, &event);
}

void
grant_use(struct grant *grant, bool is_busy)
{
	const struct rpc_sandbox_used_event event = {.kind = "service",
	    .is_held = 1};

	if (is_busy && grant->n_busy++ == 0 && !grant->is_held &&
	    grant->cap != NULL) {
		grant->is_held = true;
		calls_tell(grant->cap, &rpc_call_sandbox_used, &event);
	}
	if (!is_busy && --grant->n_busy == 0)
		loop_set_timer(&grant->proxy->loop, &grant->rest, REST_MS);
}

void
grant_hold(struct grant *grant, struct flow *flow)
{
	grant->n_flows++;
	loop_stop_timer(&grant->proxy->loop, &grant->linger);
	LIST_INSERT_HEAD(&grant->flows, flow, grant_link);
}

void
grant_release(struct grant *grant, struct flow *flow)
{
	LIST_REMOVE(flow, grant_link);
	if (--grant->n_flows == 0)
		loop_set_timer(&grant->proxy->loop, &grant->linger,
		    GRANT_LINGER_MS);
}

size_t
grant_count(const struct proxy *proxy, const char *sandbox_id)
{
	const struct grant *grant;
	size_t n = 0;

	LIST_FOREACH(grant, &proxy->grants, link)
		if (strcmp(grant->sandbox_id, sandbox_id) == 0)
			n += grant->n_flows;
	return n;
}

/* Room for one more: one that nobody holds goes. */
static bool
make_room(struct proxy *proxy)
{
	struct grant *grant;

	if (proxy->n_grants < GRANTS_MAX)
		return true;
	LIST_FOREACH(grant, &proxy->grants, link)
		if (grant->n_flows == 0) {
			grant_free(grant);
			return true;
		}
	return false;
}

static void
set_expiry(struct grant *grant, uint64_t expires_ms)
{
	const uint64_t now_ms = clock_unix_ms();

	if (expires_ms != 0)
		loop_set_timer(&grant->proxy->loop, &grant->expiry,
		    expires_ms > now_ms ? expires_ms - now_ms : 0);
}

static struct grant *
grant_new(const struct claim *claim, const struct rpc_proxy_claim_rep *reply,
    int *cap_fd, struct err *err)
{
	struct proxy *proxy = claim->proxy;
	struct calls_options options = {.loop = &proxy->loop,
	    .timeout_ms = proxy->conf.start_timeout_s * 1000,
	    .on_event = on_cap_event, .on_end = on_cap_end};
	struct grant *grant;

	if (!make_room(proxy)) {
		err_set(err, EBUSY, "%d services are in use, which is as many "
		    "as this host serves at once", GRANTS_MAX);
		return NULL;
	}
	grant = calloc(1, sizeof *grant);
	if (grant == NULL) {
		err_set(err, ENOMEM, "out of memory");
		return NULL;
	}
	*grant = (struct grant){.proxy = proxy,
	    .shown = (enum broker_shown)reply->shown,
	    .service_id = reply->service_id,
	    .preview_id = reply->preview_id, .port = reply->port,
	    .timeout_s = reply->timeout_s, .rate = reply->rate,
	    .burst = reply->burst, .has_resume = reply->has_resume != 0,
	    .linger.due = on_linger, .expiry.due = on_expiry,
	    .rest.due = on_rest};
	memcpy(grant->key, claim->keys[*reply->wants != '\0' ?
	    BROKER_SHOWN_NOTHING : grant->shown], GRANT_KEY_BYTES);
	memcpy(grant->sandbox_id, claim->target.sandbox_id,
	    sizeof grant->sandbox_id);
	snprintf(grant->wants, sizeof grant->wants, "%s", reply->wants);
	snprintf(grant->header, sizeof grant->header, "%s", reply->header);
	snprintf(grant->methods, sizeof grant->methods, "%s", reply->methods);
	snprintf(grant->prefix, sizeof grant->prefix, "%s", reply->prefix);
	LIST_INIT(&grant->dials);
	LIST_INIT(&grant->flows);
	options.arg = grant;
	options.fd = *cap_fd;
	if (*cap_fd >= 0) {
		*cap_fd = -1; /* taken over */
		if (calls_new(&options, &grant->cap, err) < 0) {
			free(grant);
			return NULL;
		}
	}
	LIST_INSERT_HEAD(&proxy->grants, grant, link);
	proxy->n_grants++;
	set_expiry(grant, reply->expires_ms);
	loop_set_timer(&proxy->loop, &grant->linger, GRANT_LINGER_MS);
	return grant;
}

static void
on_claimed(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct claim *claim = arg;
	const struct rpc_proxy_claim_rep *reply = data;
	struct grant *grant = NULL;
	struct err err = {0};
	int fd = -1;

	if (failure != NULL)
		err = *failure;
	else if (reply->shown >= N_BROKER_SHOWN ||
	    (*reply->wants == '\0') != (message->n_fds == 1))
		err_set(&err, EBADMSG, "the broker's answer is malformed");
	else {
		/* Others who showed the same may have been quicker. */
		grant = find_key(claim->proxy, claim->keys[
		    *reply->wants != '\0' ? BROKER_SHOWN_NOTHING :
		    reply->shown]);
		if (message->n_fds == 1)
			fd = take_fd(&message->fds[0]);
		if (grant == NULL)
			grant = grant_new(claim, reply, &fd, &err);
		fd_close(&fd);
	}
	if (claim->done != NULL)
		claim->done(claim->arg, grant, &err);
}

int
grant_claim(struct proxy *proxy, const struct target *target,
    const struct grant_shown *shown, const char *peer,
    void (*done)(void *arg, struct grant *grant, const struct err *err),
    void *arg, struct claim **ret)
{
	char preview[64] = "", bearer[1024] = "", value[1024] = "";
	const struct rpc_proxy_claim_req request = {
	    .sandbox_id = target->sandbox_id, .service = target->service,
	    .port = target->port, .preview = preview, .bearer = bearer,
	    .header_value = value, .peer = peer};
	struct claim *claim = calloc(1, sizeof *claim);

	if (claim == NULL)
		return -ENOMEM;
	*ret = claim;
	*claim = (struct claim){.proxy = proxy, .target = *target,
	    .done = done, .arg = arg};
	for (int kind = 0; kind < N_BROKER_SHOWN; kind++)
		make_key(proxy, target, shown, (enum broker_shown)kind,
		    claim->keys[kind]);
	/* What is longer than any is as good as none. */
	if (shown->preview.size > 0)
		(void)text_copy(shown->preview, preview, sizeof preview);
	if (shown->bearer.size > 0)
		(void)text_copy(shown->bearer, bearer, sizeof bearer);
	if (shown->header_value.size > 0)
		(void)text_copy(shown->header_value, value, sizeof value);
	calls_make(proxy->broker, &rpc_call_proxy_claim, &request, -1,
	    on_claimed, claim);
	sodium_memzero(preview, sizeof preview);
	sodium_memzero(bearer, sizeof bearer);
	sodium_memzero(value, sizeof value);
	return 0;
}

void
grant_claim_cancel(struct claim *claim)
{
	if (claim != NULL)
		claim->done = NULL;
}

void
grant_take_event(struct proxy *proxy, const struct rpc_message *message)
{
	struct rpc_proxy_end_event event;
	struct grant *grant, *next;

	if (message->header.number != rpc_call_proxy_end.number ||
	    rpc_open_request(&rpc_call_proxy_end, message, &event) < 0)
		return;
	for (grant = LIST_FIRST(&proxy->grants); grant != NULL;
	    grant = next) {
		next = LIST_NEXT(grant, link);
		if ((event.service_id != 0 &&
		    grant->service_id == event.service_id) ||
		    (event.preview_id != 0 &&
		    grant->preview_id == event.preview_id))
			end(grant, true);
	}
}

void
grants_free(struct proxy *proxy)
{
	while (!LIST_EMPTY(&proxy->grants))
		grant_free(LIST_FIRST(&proxy->grants));
}
