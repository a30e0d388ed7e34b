// SPDX-License-Identifier: Apache-2.0
/* From a request's head to a connection with the service that it is for. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/fd.h"
#include "gateway/proxy/flow_of.h"

#define REFUSED \
	"there is no such service, or what opens it was not shown: a " \
	"preview's token in the header Sandgate-Preview, the cookie or the " \
	"query field sandgate_preview, or what its owner has set"

static void look_up(struct flow *flow);

static struct grant_shown
shown_of(const struct flow *flow)
{
	const struct request *request = &flow->asked->request;
	const struct text *value = flow->is_header_asked ?
	    head_get(&flow->asked->head, flow->grant->wants) : NULL;

	return (struct grant_shown){.preview = request->preview,
	    .bearer = request->bearer,
	    .header_value = value != NULL ? *value : (struct text){"", 0}};
}

static void
let_go(struct flow *flow)
{
	if (flow->grant == NULL)
		return;
	if (flow->is_busy)
		grant_use(flow->grant, false);
	flow->is_busy = false;
	grant_release(flow->grant, flow);
	flow->grant = NULL;
}

static void
hold(struct flow *flow, struct grant *grant)
{
	if (flow->grant == grant)
		return;
	/* What was dialled by another is of no use to this one. */
	flow_hang_up(flow);
	let_go(flow);
	grant_hold(grant, flow);
	flow->grant = grant;
}

/* What the service's owner has set, of one that may come in. False where it has
 * been refused. */
static bool
check(struct flow *flow)
{
	const struct grant *grant = flow->grant;
	const struct request *request = &flow->asked->request;
	struct text path = flow->asked->target.path, rest, one;
	const size_t n = strlen(grant->prefix);
	char words[512], allow[192];
	bool is_allowed = *grant->methods == '\0';

	for (rest = (struct text){grant->methods, strlen(grant->methods)};
	    !is_allowed && text_next(&rest, ',', &one);)
		is_allowed = one.size == request->method.size &&
		    memcmp(one.data, request->method.data, one.size) == 0;
	if (!is_allowed) {
		snprintf(allow, sizeof allow, "Allow: %s\r\n",
		    grant->methods);
		snprintf(words, sizeof words, "this service takes %s alone",
		    grant->methods);
		flow_refuse(flow, 405, words, allow);
		return false;
	}
	if (n > 0 && (!request_is_plain_path(path) ||
	    !text_begins(path, grant->prefix) ||
	    (path.size > n && grant->prefix[n - 1] != '/' &&
	    path.data[n] != '/' && path.data[n] != '?'))) {
		snprintf(words, sizeof words, "this service serves paths "
		    "that begin with %s alone", grant->prefix);
		flow_refuse(flow, 404, words, "");
		return false;
	}
	if (grant_count(flow->proxy, grant->sandbox_id) >
	    flow->proxy->conf.max_connections_per_sandbox) {
		snprintf(words, sizeof words, "too many connections to this "
		    "sandbox: the host's limit is %llu",
		    (unsigned long long)
		    flow->proxy->conf.max_connections_per_sandbox);
		flow_refuse(flow, 503, words, "Retry-After: 1\r\n");
		return false;
	}
	if (grant->rate != 0 && !rates_take(&flow->proxy->rates,
	    grant->service_id, grant->rate, grant->burst,
	    clock_monotonic_ms())) {
		snprintf(words, sizeof words, "more than %u requests a "
		    "second: the service's limit", grant->rate);
		flow_refuse(flow, 429, words, "Retry-After: 1\r\n");
		return false;
	}
	return true;
}

/* The head for the sandbox; false: refused. */
static bool
make_head(struct flow *flow)
{
	const struct grant *grant = flow->grant;
	const struct request_terms terms = {.target = &flow->asked->target,
	    .strip = {grant->shown == BROKER_SHOWN_BEARER,
		*grant->header != '\0' ? grant->header : NULL},
	    .peer = flow->peer, .scheme =
		strncmp(flow->proxy->conf.url, "https:", 6) == 0 ? "https" :
		"http"};
	struct flow_made *made = &flow->to_sandbox;

	free(made->data);
	*made = (struct flow_made){.data = malloc(REQUEST_HEAD_MAX)};
	if (made->data != NULL)
		made->size = request_make(&flow->asked->head,
		    &flow->asked->request, &terms, made->data);
	if (made->size > 0)
		return true;
	flow_refuse(flow, made->data == NULL ? 503 : 431,
	    made->data == NULL ? "out of memory" : "the head is too long",
	    "");
	return false;
}

static void
begin(struct flow *flow)
{
	if (!flow->is_busy)
		grant_use(flow->grant, true);
	flow->is_busy = true;
	flow->back_framing = (struct framing){0};
	flow->answering = FLOW_ANSWER_HEAD;
	flow->looked = 0;
	flow->n_interim = 0;
	flow->is_closing = false;
	flow_enter(flow, FLOW_EXCHANGE);
}

static void
refuse_dial(struct flow *flow, const struct err *err)
{
	const struct grant *grant = flow->grant;
	char words[512];

	if (err->code == ECONNREFUSED)
		snprintf(words, sizeof words, "nothing listens on port %u of "
		    "sandbox %s", grant->port, grant->sandbox_id);
	else
		snprintf(words, sizeof words, "sandbox %s: %s",
		    grant->sandbox_id, err->text);
	flow_refuse(flow, err->code == ETIMEDOUT ? 504 :
	    err->code == ECONNREFUSED ? 502 : 503, words, "");
}

static void
on_dialled(void *arg, int fd, const struct err *err)
{
	struct flow *flow = arg;
	const int on = 1;

	flow->depth++;
	flow->dial = NULL;
	if (fd >= 0) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof on);
		flow->sandbox.fd = fd;
		flow->is_reused = false;
		flow->generation = flow->grant->generation;
		begin(flow);
	} else if (err->code == EPIPE && !flow->is_claimed_again) {
		flow->is_claimed_again = true;
		let_go(flow);
		look_up(flow);
	} else {
		refuse_dial(flow, err);
	}
	flow_turn(flow);
}

void
flow_ask_again(struct flow *flow)
{
	flow_hang_up(flow);
	flow->to_sandbox.sent = 0;
	if (flow->back.data == NULL)
		flow->back.data = malloc(FLOW_BUFFER_BYTES);
	flow->dial = flow->back.data == NULL ? NULL :
	    grant_dial(flow->grant, on_dialled, flow);
	if (flow->dial == NULL)
		flow_refuse(flow, 503, "out of memory", "");
	else
		flow_enter(flow, FLOW_DIAL);
}

/* Whether what was dialled for the last request is good for this one. */
static bool
is_reusable(const struct flow *flow)
{
	char byte;

	if (flow->sandbox.fd < 0 || flow->grant->cap == NULL ||
	    flow->generation != flow->grant->generation)
		return false;
	/* Its end is told, and what has no body is asked again: what has one
	 * cannot be. */
	return !flow->asked->request.has_body ||
	    (recv(flow->sandbox.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	    errno == EAGAIN);
}

/* It may come in: dials, where there is no connection yet. */
static void
admit(struct flow *flow, struct grant *grant)
{
	hold(flow, grant);
	flow->is_header_asked = false;
	if (!check(flow) || !make_head(flow))
		return;
	if (is_reusable(flow)) {
		flow->is_reused = true;
		begin(flow);
	} else {
		flow_ask_again(flow);
	}
}

static void
refuse_claim(struct flow *flow, const struct err *err)
{
	if (err->code == EACCES)
		flow_refuse(flow, 401, REFUSED,
		    "WWW-Authenticate: Bearer realm=\"sandgate\"\r\n");
	else
		flow_refuse(flow, 503, err->text, "Retry-After: 1\r\n");
}

/* One was found, or asked for: it may say that a header is to be shown. */
static void
take_grant(struct flow *flow, struct grant *grant, const struct err *err)
{
	const struct err missing = {.code = EACCES};
	bool is_shown;

	if (grant == NULL) {
		refuse_claim(flow, err);
		return;
	}
	if (*grant->wants == '\0') {
		admit(flow, grant);
		return;
	}
	is_shown = head_get(&flow->asked->head, grant->wants) != NULL;
	if (flow->is_header_asked || !is_shown) {
		refuse_claim(flow, &missing);
		return;
	}
	hold(flow, grant);
	flow->is_header_asked = true;
	look_up(flow);
}

static void
on_claimed(void *arg, struct grant *grant, const struct err *err)
{
	struct flow *flow = arg;

	flow->depth++;
	flow->claim = NULL;
	take_grant(flow, grant, err);
	flow_turn(flow);
}

static void
look_up(struct flow *flow)
{
	const struct grant_shown shown = shown_of(flow);
	const struct target *target = &flow->asked->target;
	struct grant *grant = grant_find(flow->proxy, target, &shown);

	if (grant != NULL && *grant->wants == '\0') {
		admit(flow, grant);
		return;
	}
	if (grant != NULL && !flow->is_header_asked) {
		take_grant(flow, grant, NULL);
		return;
	}
	flow_enter(flow, FLOW_CLAIM);
	if (grant_claim(flow->proxy, target, &shown, flow->peer, on_claimed,
	    flow, &flow->claim) < 0)
		flow_refuse(flow, 503, "out of memory", "");
}

void
flow_ask(struct flow *flow, size_t size)
{
	struct flow_asked *asked = malloc(sizeof *asked + size);
	const char *words = NULL;
	int status;

	free(flow->asked);
	flow->asked = asked;
	flow->is_claimed_again = flow->is_header_asked = false;
	if (asked == NULL) {
		flow_refuse(flow, 503, "out of memory", "");
		return;
	}
	asked->size = size;
	memcpy(asked->data, flow->in.data + flow->in.start, size);
	flow->in.start += size;
	flow->in.passed = flow->in.start;
	asked->request = (struct request){.is_last = true};
	words = head_read(asked->data, size, &asked->head);
	status = words != NULL ? 400 : request_read(&asked->head,
	    &asked->request, &words);
	if (status != 0) {
		asked->request.is_last = true;
		flow_refuse(flow, status, words, "");
	} else if (target_find(asked->request.host, asked->request.path,
	    flow->proxy->conf.domain, &asked->target) < 0) {
		flow_refuse(flow, 404, "no service has this name or path; "
		    "`sandgate services` says where each is", "");
	} else {
		look_up(flow);
	}
}
