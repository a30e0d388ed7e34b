// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/flow.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "common/fd.h"
#include "gateway/proxy/dial.h"
#include "gateway/proxy/flow_of.h"
#include "gateway/proxy/refusal.h"

#define LINGER_MS 2000

static bool
wants_client(const struct flow *flow)
{
	return !flow->is_client_over && flow_reads_client(flow) &&
	    (flow_has_room(&flow->in) || flow->state == FLOW_LINGER);
}

/* 0 events: hanging up is told all the same. */
static void
watch_client(struct flow *flow)
{
	uint32_t events = 0;

	if (!flow->is_client_over)
		events |= EPOLLRDHUP;
	if (wants_client(flow))
		events |= EPOLLIN;
	/* That is left on until it tells of what is not wanted: most clients
	 * wait for their answer. */
	else if (!flow->is_client_early && !flow->is_client_over)
		events |= flow->client_events & (uint32_t)EPOLLIN;
	if (flow->to_client.sent < flow->to_client.size ||
	    flow->back.start < flow->back.passed)
		events |= EPOLLOUT;
	if (events != flow->client_events)
		loop_change(&flow->proxy->loop, &flow->client, events);
	flow->client_events = events;
	flow->is_client_early = false;
}

static void
watch_sandbox(struct flow *flow)
{
	uint32_t events = 0;

	if (flow->sandbox.fd < 0)
		return;
	if ((flow->state == FLOW_EXCHANGE &&
	    flow->answering != FLOW_ANSWER_DONE) ||
	    flow->state == FLOW_TUNNEL) {
		if (!flow->is_sandbox_over && flow_has_room(&flow->back))
			events |= EPOLLIN;
		if (!flow->is_sandbox_deaf &&
		    (flow->to_sandbox.sent < flow->to_sandbox.size ||
		    flow->in.start < flow->in.passed))
			events |= EPOLLOUT;
	} else if (flow->state == FLOW_HEAD) {
		events |= EPOLLIN; /* its end, while nothing is asked */
	}
	/* An end that nobody looks at would be told again. */
	if (events == flow->sandbox_events)
		return;
	if (events == 0)
		loop_remove(&flow->proxy->loop, &flow->sandbox);
	else if (flow->sandbox_events == 0) {
		if (loop_add(&flow->proxy->loop, &flow->sandbox, events) < 0)
			flow_kill(flow);
	} else
		loop_change(&flow->proxy->loop, &flow->sandbox, events);
	flow->sandbox_events = events;
}

void
flow_hang_up(struct flow *flow)
{
	if (flow->sandbox_events != 0)
		loop_remove(&flow->proxy->loop, &flow->sandbox);
	flow->sandbox_events = 0;
	dial_close(&flow->sandbox.fd);
	flow->is_sandbox_over = flow->is_sandbox_deaf = false;
	flow->is_sandbox_ready = false;
	flow->back.start = flow->back.passed = flow->back.end = 0;
}

static void
flow_free(struct flow *flow)
{
	struct proxy *proxy = flow->proxy;

	flow_hang_up(flow);
	grant_claim_cancel(flow->claim);
	grant_dial_cancel(flow->dial);
	if (flow->grant != NULL) {
		if (flow->is_busy)
			grant_use(flow->grant, false);
		grant_release(flow->grant, flow);
	}
	loop_stop_timer(&proxy->loop, &flow->timer);
	loop_stop_timer(&proxy->loop, &flow->again);
	loop_remove(&proxy->loop, &flow->client);
	fd_close(&flow->client.fd);
	LIST_REMOVE(flow, link);
	proxy->n_flows--;
	free(flow->in.data);
	free(flow->back.data);
	free(flow->asked);
	free(flow->to_sandbox.data);
	free(flow->to_client.data);
	free(flow);
}

/* Every way in ends here: it goes, or is watched for what it waits for. */
static void
leave(struct flow *flow)
{
	if (--flow->depth > 0)
		return;
	if (!flow->is_dead) {
		watch_client(flow);
		watch_sandbox(flow);
	}
	if (flow->is_dead)
		flow_free(flow);
}

void
flow_kill(struct flow *flow)
{
	flow->is_dead = true;
}

void
flow_cut(struct flow *flow)
{
	flow->depth++;
	flow_kill(flow);
	leave(flow);
}

/* How long it may be in its state, from since_ms on. */
static uint64_t
patience_ms(const struct flow *flow)
{
	const struct proxy_conf *conf = &flow->proxy->conf;
	uint64_t answer_s = flow->grant != NULL &&
	    flow->grant->timeout_s != 0 ? flow->grant->timeout_s :
	    conf->answer_timeout_s;

	switch (flow->state) {
	case FLOW_HEAD:
		return 1000 * (flow->in.end > flow->in.start ||
		    flow->framing.n_requests == 0 ? conf->request_timeout_s :
		    conf->idle_timeout_s);
	case FLOW_CLAIM:
	case FLOW_DIAL: /* which have times of their own */
		return UINT64_MAX / 2;
	case FLOW_EXCHANGE:
		if (flow->answering == FLOW_ANSWER_HEAD &&
		    flow_has_sent_all(flow))
			return 1000 * answer_s;
		return 1000 * conf->stall_timeout_s;
	case FLOW_TUNNEL:
		return 1000 * conf->stall_timeout_s;
	case FLOW_LINGER:
		break;
	}
	return LINGER_MS;
}

void
flow_set_timer(struct flow *flow)
{
	const uint64_t now_ms = clock_monotonic_ms();
	uint64_t due_ms = flow->since_ms + patience_ms(flow);

	if (due_ms > UINT64_MAX / 2)
		loop_stop_timer(&flow->proxy->loop, &flow->timer);
	else
		loop_set_timer(&flow->proxy->loop, &flow->timer,
		    due_ms > now_ms ? due_ms - now_ms : 0);
}

static void
give_up(struct flow *flow)
{
	char words[160];

	if (flow->state == FLOW_HEAD && flow->in.end > flow->in.start) {
		flow_refuse(flow, 408, "the request did not arrive in time",
		    "");
		return;
	}
	if (flow->state == FLOW_EXCHANGE &&
	    flow->answering == FLOW_ANSWER_HEAD &&
	    flow->to_client.size == 0) {
		snprintf(words, sizeof words, "port %u of sandbox %s has not "
		    "answered in time", flow->grant->port,
		    flow->grant->sandbox_id);
		flow_hang_up(flow);
		flow_refuse(flow, 504, words, "");
		return;
	}
	flow_kill(flow);
}

/* since_ms moves with every byte; the timer is set anew when it is due. */
static void
on_timer(struct loop_timer *timer)
{
	struct flow *flow = (struct flow *)((char *)timer -
	    offsetof(struct flow, timer));
	uint64_t now_ms = clock_monotonic_ms();

	flow->depth++;
	if (now_ms >= flow->since_ms + patience_ms(flow))
		give_up(flow);
	if (!flow->is_dead && timer->due_ms == 0)
		flow_set_timer(flow);
	flow_turn(flow);
}

void
flow_enter(struct flow *flow, enum flow_state state)
{
	flow->state = state;
	flow->since_ms = clock_monotonic_ms();
	flow_set_timer(flow);
}

void
flow_refuse(struct flow *flow, int status, const char *words,
    const char *more)
{
	const bool is_head = flow->asked != NULL &&
	    flow->asked->request.is_head;
	struct flow_made *made = &flow->to_client;

	flow->is_closing = flow->framing.problem != NULL ||
	    flow->framing.state != FRAMING_HEAD || flow->asked == NULL ||
	    flow->asked->request.is_last;
	free(made->data);
	*made = (struct flow_made){.data = malloc(REFUSAL_SIZE)};
	if (made->data == NULL) {
		flow_kill(flow);
		return;
	}
	made->size = refusal_make(status, words, more, is_head,
	    flow->is_closing, made->data);
	flow->answering = FLOW_ANSWER_DONE;
	flow->answer = (struct answer){.is_last = true};
	flow_enter(flow, FLOW_EXCHANGE);
}

void
flow_turn(struct flow *flow)
{
	if (!flow->is_dead && flow_pump(flow))
		loop_set_timer(&flow->proxy->loop, &flow->again, 0);
	flow->is_client_ready = flow->is_sandbox_ready = false;
	leave(flow);
}

static void
on_again(struct loop_timer *timer)
{
	struct flow *flow = (struct flow *)((char *)timer -
	    offsetof(struct flow, again));

	flow->depth++;
	flow->is_client_ready = flow->is_sandbox_ready = true;
	flow_turn(flow);
}

static void
on_client(struct loop_watch *watch, uint32_t events)
{
	struct flow *flow = (struct flow *)((char *)watch -
	    offsetof(struct flow, client));

	flow->depth++;
	/* One who hangs up is not answered, but where nothing is read. */
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 ||
	    ((events & EPOLLRDHUP) != 0 && (flow->state == FLOW_CLAIM ||
	    flow->state == FLOW_DIAL || (flow->state == FLOW_EXCHANGE &&
	    flow->framing.state == FRAMING_HEAD))))
		flow_kill(flow);
	flow->is_client_ready = (events & (EPOLLIN | EPOLLRDHUP)) != 0;
	flow->is_client_early = flow->is_client_ready && !wants_client(flow);
	flow_turn(flow);
}

static void
on_sandbox(struct loop_watch *watch, uint32_t events)
{
	struct flow *flow = (struct flow *)((char *)watch -
	    offsetof(struct flow, sandbox));

	flow->depth++;
	flow->is_sandbox_ready = (events & ~(uint32_t)EPOLLOUT) != 0;
	if (flow->state != FLOW_EXCHANGE && flow->state != FLOW_TUNNEL)
		flow_hang_up(flow); /* nobody has asked it */
	flow_turn(flow);
}

int
flow_new(struct proxy *proxy, int fd, const struct sockaddr *address)
{
	struct flow *flow = calloc(1, sizeof *flow);
	const int on = 1;
	uint16_t port;

	if (flow != NULL)
		flow->in.data = malloc(FLOW_BUFFER_BYTES);
	if (flow == NULL || flow->in.data == NULL) {
		free(flow);
		fd_close(&fd);
		return -ENOMEM;
	}
	flow->proxy = proxy;
	flow->client = (struct loop_watch){fd, on_client};
	flow->sandbox = (struct loop_watch){-1, on_sandbox};
	flow->timer.due = on_timer;
	flow->again.due = on_again;
	flow->client_events = EPOLLIN | EPOLLRDHUP;
	flow->has_source = address_source(address, flow->source);
	address_format((const union address *)(const void *)address,
	    flow->peer, &port);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (loop_add(&proxy->loop, &flow->client, flow->client_events) < 0) {
		free(flow->in.data);
		free(flow);
		fd_close(&fd);
		return -ENOMEM;
	}
	LIST_INSERT_HEAD(&proxy->flows, flow, link);
	proxy->n_flows++;
	flow_enter(flow, FLOW_HEAD);
	return 0;
}
