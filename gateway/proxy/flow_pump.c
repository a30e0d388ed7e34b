// SPDX-License-Identifier: Apache-2.0
/* Bytes between a client and the sandbox, both ways. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "common/clock.h"
#include "gateway/proxy/flow_of.h"

/* Rounds before others have their turn. */
#define ROUNDS_MAX	 8
#define INTERIM_MAX	 16 /* heads before an answer's own */

static bool
is_sent(const struct flow_made *made)
{
	return made->sent == made->size;
}

static void
reset(struct flow_made *made)
{
	free(made->data);
	*made = (struct flow_made){0};
}

bool
flow_has_sent_all(const struct flow *flow)
{
	return flow->framing.state == FRAMING_HEAD &&
	    flow->in.start == flow->in.passed && is_sent(&flow->to_sandbox);
}

static void
move_to_front(struct flow_buffer *buffer)
{
	if (buffer->start == 0 || (buffer->end < FLOW_BUFFER_BYTES &&
	    buffer->start < buffer->end))
		return;
	memmove(buffer->data, buffer->data + buffer->start,
	    buffer->end - buffer->start);
	buffer->end -= buffer->start;
	buffer->passed -= buffer->start;
	buffer->start = 0;
}

/* More into a buffer: bytes, 0 at the end, or -errno; -EAGAIN also where it is
 * full. *is_ready is false afterwards where there was no more than that: of
 * what comes later the loop tells. */
static ssize_t
fill(int fd, struct flow_buffer *buffer, bool *is_ready)
{
	size_t room;
	ssize_t n;

	if (!flow_has_room(buffer)) {
		*is_ready = false;
		return -EAGAIN;
	}
	move_to_front(buffer);
	room = FLOW_BUFFER_BYTES - buffer->end;
	n = recv(fd, buffer->data + buffer->end, room, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		*is_ready = false;
	if (n < 0)
		return -errno;
	*is_ready = (size_t)n == room;
	buffer->end += (size_t)n;
	return n;
}

/* What is made, then what was passed, while the socket takes it. 1 where some
 * went, 0, or -errno. */
static int
send_on(int fd, struct flow_made *made, struct flow_buffer *buffer)
{
	int r = 0;

	for (;;) {
		const size_t n_made = made->size - made->sent;
		const size_t n_passed = buffer->passed - buffer->start;
		struct iovec parts[] = {
		    {n_made > 0 ? made->data + made->sent : NULL, n_made},
		    {n_passed > 0 ? buffer->data + buffer->start : NULL,
			n_passed}};
		const struct msghdr message = {.msg_iov = parts,
		    .msg_iovlen = 2};
		ssize_t n;

		if (n_made + n_passed == 0)
			return r;
		n = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN ? r : -errno;
		if ((size_t)n <= n_made) {
			made->sent += (size_t)n;
		} else {
			made->sent = made->size;
			buffer->start += (size_t)n - n_made;
		}
		r = 1;
	}
}

static bool
read_client(struct flow *flow)
{
	ssize_t n;

	if (!flow->is_client_ready || flow->is_client_over)
		return false;
	if (flow->state == FLOW_LINGER)
		flow->in.start = flow->in.passed = flow->in.end = 0;
	n = fill(flow->client.fd, &flow->in, &flow->is_client_ready);
	if (n > 0) {
		if (flow->state != FLOW_LINGER &&
		    (flow->state != FLOW_HEAD ||
		    flow->in.end - flow->in.start == (size_t)n))
			flow->since_ms = clock_monotonic_ms();
		if (flow->state == FLOW_HEAD &&
		    flow->in.end - flow->in.start == (size_t)n)
			flow_enter(flow, FLOW_HEAD);
		return true;
	}
	if (n == -EAGAIN)
		return false;
	flow->is_client_over = true;
	/* In the middle of a request nobody waits for an answer. */
	if (n < 0 || flow->state != FLOW_TUNNEL)
		flow_kill(flow);
	return true;
}

static bool
take_head(struct flow *flow)
{
	size_t n;

	if (flow->in.start == flow->in.end)
		return false;
	n = framing_take_one(&flow->framing, flow->in.data + flow->in.start,
	    flow->in.end - flow->in.start);
	if (flow->framing.problem != NULL) {
		free(flow->asked);
		flow->asked = NULL;
		flow_refuse(flow, 400, flow->framing.problem, "");
		return true;
	}
	if (n == 0)
		return false;
	flow_ask(flow, n);
	return true;
}

/* What of the request's body is well framed may be sent on. */
static bool
take_body(struct flow *flow)
{
	struct flow_buffer *in = &flow->in;
	size_t n = 1, before = in->passed;

	if (flow->framing.problem != NULL)
		return false; /* which has been told */
	while (n > 0 && in->passed < in->end &&
	    flow->framing.state != FRAMING_HEAD) {
		n = framing_take_one(&flow->framing, in->data + in->passed,
		    in->end - in->passed);
		in->passed += n;
	}
	if (flow->framing.problem == NULL)
		return in->passed > before;
	/* Half of the request is there already: it is never answered. */
	if (flow->to_client.size > 0) {
		flow_kill(flow);
	} else {
		flow_hang_up(flow);
		in->start = in->passed;
		flow_refuse(flow, 400, flow->framing.problem, "");
	}
	return true;
}

static bool
write_sandbox(struct flow *flow)
{
	struct flow_buffer *in = &flow->in;
	int r;

	if (flow->sandbox.fd >= 0 && !flow->is_sandbox_deaf) {
		r = send_on(flow->sandbox.fd, &flow->to_sandbox, in);
		if (r > 0)
			flow->since_ms = clock_monotonic_ms();
		/* From now on it is the answer that is waited for. */
		if (r > 0 && flow_has_sent_all(flow))
			flow_set_timer(flow);
		if (r >= 0)
			return r > 0;
		/* It may have said why before it stopped to listen. */
		flow->is_sandbox_deaf = flow->is_sandbox_ready = true;
	}
	if (in->start == in->passed && is_sent(&flow->to_sandbox))
		return false;
	in->start = in->passed; /* nobody takes it */
	flow->to_sandbox.sent = flow->to_sandbox.size;
	return true;
}

/* It hung up before it said anything: another try, where nothing is lost by
 * that, because this connection was of an earlier request. */
static void
miss_answer(struct flow *flow)
{
	char words[200];

	if (flow->is_reused && !flow->asked->request.has_body &&
	    flow->back.end == flow->back.start && flow->n_interim == 0) {
		flow_ask_again(flow);
		return;
	}
	snprintf(words, sizeof words, "port %u of sandbox %s closed the "
	    "connection without an answer", flow->grant->port,
	    flow->grant->sandbox_id);
	flow_hang_up(flow);
	flow_refuse(flow, 502, words, "");
}

static bool
read_sandbox(struct flow *flow)
{
	ssize_t n;

	if (!flow->is_sandbox_ready || flow->is_sandbox_over ||
	    flow->sandbox.fd < 0)
		return false;
	n = fill(flow->sandbox.fd, &flow->back, &flow->is_sandbox_ready);
	if (n > 0) {
		/* A head has its time as a whole, byte by byte or not. */
		if (flow->answering != FLOW_ANSWER_HEAD)
			flow->since_ms = clock_monotonic_ms();
		return true;
	}
	if (n == -EAGAIN)
		return false;
	flow->is_sandbox_over = true;
	flow->is_sandbox_cut = n < 0;
	return true;
}

/* It says no more, and all that it said was taken: whether that was an answer.
 */
static bool
take_end(struct flow *flow)
{
	if (!flow->is_sandbox_over || flow->answering == FLOW_ANSWER_DONE)
		return false;
	if (flow->answering == FLOW_ANSWER_HEAD && is_sent(&flow->to_client))
		miss_answer(flow);
	else if (flow->answering == FLOW_ANSWER_HEAD)
		return false; /* of one before it, first */
	else if (flow->answer.body == ANSWER_UNTIL_END &&
	    !flow->is_sandbox_cut)
		flow->answering = FLOW_ANSWER_DONE;
	else
		flow_kill(flow); /* so that the client knows it is cut */
	return true;
}

static void
refuse_answer(struct flow *flow, const char *problem)
{
	char words[300];

	snprintf(words, sizeof words, "port %u of sandbox %s does not answer "
	    "in HTTP: %s", flow->grant->port, flow->grant->sandbox_id,
	    problem);
	flow_hang_up(flow);
	flow_refuse(flow, 502, words, "");
}

/* What of the answer comes after its head. */
static void
begin_body(struct flow *flow)
{
	enum answer_body body = flow->asked->request.is_head ? ANSWER_NONE :
	    flow->answer.body;

	flow->answering = FLOW_ANSWER_BODY;
	flow->back_framing = (struct framing){.state = FRAMING_BODY,
	    .left = flow->answer.length};
	if (body == ANSWER_CHUNKS)
		flow->back_framing = (struct framing){
		    .state = FRAMING_CHUNK_SIZE};
	else if (body == ANSWER_NONE ||
	    (body == ANSWER_LENGTH && flow->answer.length == 0))
		flow->answering = FLOW_ANSWER_DONE;
	flow->answer.body = body;
}

/* The head that the client gets. */
static bool
make_answer(struct flow *flow, const struct head *head)
{
	const struct flow_asked *asked = flow->asked;
	const struct answer_terms terms = {.prefix = asked->target.prefix,
	    .cookie = asked->request.is_preview_in_query &&
		flow->grant->shown == BROKER_SHOWN_PREVIEW ?
		asked->request.preview : (struct text){"", 0},
	    .is_secure = strncmp(flow->proxy->conf.url, "https:", 6) == 0,
	    .is_closing = flow->is_closing};
	struct flow_made *made = &flow->to_client;

	reset(made);
	made->data = malloc(ANSWER_MADE_MAX);
	if (made->data == NULL) {
		flow_kill(flow);
		return false;
	}
	made->size = answer_make(head, &flow->answer, &terms, made->data);
	if (made->size > 0)
		return true;
	refuse_answer(flow, "its head is too long");
	return false;
}

static void
take_answer_head(struct flow *flow, size_t size)
{
	const struct request *request = &flow->asked->request;
	struct flow_buffer *back = &flow->back;
	const char *problem;
	struct head head;

	problem = head_read(back->data + back->start, size, &head);
	if (problem == NULL)
		problem = answer_read(&head, &flow->answer);
	if (problem == NULL && flow->answer.status == 101 &&
	    !request->is_upgrade)
		problem = "it switches protocols unasked";
	if (problem == NULL && request->is_old &&
	    flow->answer.body == ANSWER_CHUNKS)
		problem = "it is chunked, which HTTP/1.0 does not know";
	if (problem == NULL && flow->answer.is_interim &&
	    ++flow->n_interim > INTERIM_MAX)
		problem = "it has more than 16 heads";
	if (problem != NULL) {
		refuse_answer(flow, problem);
		return;
	}
	flow->is_closing = request->is_last || (!flow->answer.is_interim &&
	    flow->answer.body == ANSWER_UNTIL_END && !request->is_head);
	if (!make_answer(flow, &head))
		return;
	back->start += size;
	back->passed = back->start;
	flow->looked = 0;
	/* One of HTTP/1.0 does not know these. */
	if (flow->answer.is_interim) {
		if (request->is_old)
			reset(&flow->to_client);
	} else if (flow->answer.status == 101) {
		flow->in.passed = flow->in.end;
		back->passed = back->end;
		flow_enter(flow, FLOW_TUNNEL);
	} else {
		begin_body(flow);
	}
}

/* Those in front of what comes next are left out; false: they have not all
 * come, or are too long. */
static bool
drop_trailers(struct flow *flow)
{
	struct flow_buffer *back = &flow->back;
	char *next = back->data + back->passed;
	ssize_t n = answer_trailers(next, back->end - back->passed);

	if (n == -EMSGSIZE)
		flow->back_framing.problem = "its trailers are too long";
	if (n < 0)
		return false;
	back->end -= (size_t)n;
	memmove(next, next + n, back->end - back->passed);
	return true;
}

/* What of the answer's body is well framed may be sent on. */
static bool
pass_answer_body(struct flow *flow)
{
	struct flow_buffer *back = &flow->back;
	size_t n = 1, before = back->passed;

	if (flow->answer.body == ANSWER_UNTIL_END) {
		back->passed = back->end;
		return back->passed > before;
	}
	while (n > 0 && back->passed < back->end &&
	    flow->back_framing.state != FRAMING_HEAD) {
		if (flow->back_framing.state == FRAMING_LAST &&
		    !drop_trailers(flow))
			break;
		n = framing_take_one(&flow->back_framing,
		    back->data + back->passed, back->end - back->passed);
		back->passed += n;
	}
	if (flow->back_framing.state == FRAMING_HEAD)
		flow->answering = FLOW_ANSWER_DONE;
	return back->passed > before;
}

static bool
take_answer_body(struct flow *flow)
{
	const bool has_moved = pass_answer_body(flow);

	if (flow->back_framing.problem != NULL)
		flow_kill(flow);
	return has_moved;
}

static bool
take_answer(struct flow *flow)
{
	struct flow_buffer *back = &flow->back;
	size_t size;

	if (flow->sandbox.fd < 0 || back->start == back->end)
		return false;
	if (flow->answering == FLOW_ANSWER_BODY)
		return take_answer_body(flow);
	/* One head is sent before the next is read. */
	if (flow->answering != FLOW_ANSWER_HEAD || !is_sent(&flow->to_client))
		return false;
	size = head_find_end(back->data + back->start,
	    back->end - back->start, &flow->looked);
	if (size > 0 && size <= ANSWER_HEAD_MAX)
		take_answer_head(flow, size);
	else if (back->end - back->start >= ANSWER_HEAD_MAX)
		refuse_answer(flow, "its head is longer than 32 KiB");
	else
		return false;
	/* What has come of its body goes along with the head. */
	if (!flow->is_dead && flow->state == FLOW_EXCHANGE &&
	    flow->answering == FLOW_ANSWER_BODY)
		(void)pass_answer_body(flow);
	return true;
}

static bool
write_client(struct flow *flow)
{
	int r = send_on(flow->client.fd, &flow->to_client, &flow->back);

	if (r > 0)
		flow->since_ms = clock_monotonic_ms();
	if (r < 0)
		flow_kill(flow);
	return r != 0;
}

/* The next request's turn. */
static void
begin_next(struct flow *flow)
{
	if (flow->sandbox.fd >= 0 && (flow->answer.is_last ||
	    flow->is_sandbox_over || flow->is_sandbox_deaf ||
	    flow->back.end > flow->back.start))
		flow_hang_up(flow);
	reset(&flow->to_client);
	reset(&flow->to_sandbox);
	if (flow->is_busy)
		grant_use(flow->grant, false);
	flow->is_busy = false;
	flow_enter(flow, FLOW_HEAD);
}

/* The client has all of the answer. */
static bool
end_exchange(struct flow *flow)
{
	if (flow->answering != FLOW_ANSWER_DONE ||
	    !is_sent(&flow->to_client) ||
	    flow->back.start < flow->back.passed)
		return false;
	if (!flow->is_closing && flow_has_sent_all(flow)) {
		begin_next(flow);
		return true;
	}
	/* What it still sends would make the kernel drop what it has not read
	 * yet. */
	flow_hang_up(flow);
	if (shutdown(flow->client.fd, SHUT_WR) < 0)
		flow_kill(flow);
	flow->is_client_ready = true;
	flow_enter(flow, FLOW_LINGER);
	return true;
}

/* Each end is passed on, once all before it was. */
static bool
end_tunnel(struct flow *flow)
{
	if (flow->is_client_over && flow->in.start == flow->in.end &&
	    !flow->is_sandbox_deaf) {
		(void)shutdown(flow->sandbox.fd, SHUT_WR);
		flow->is_sandbox_deaf = true;
	}
	if (flow->is_sandbox_over && flow->back.start == flow->back.end &&
	    is_sent(&flow->to_client)) {
		flow_hang_up(flow);
		(void)shutdown(flow->client.fd, SHUT_WR);
		flow->is_client_ready = true;
		flow_enter(flow, FLOW_LINGER);
		return true;
	}
	return false;
}

static bool
pump_once(struct flow *flow)
{
	bool has_moved = false;

	if (flow_reads_client(flow))
		has_moved = read_client(flow);
	if (flow->is_dead)
		return false;
	if (flow->state == FLOW_HEAD)
		return take_head(flow) || has_moved;
	if (flow->state == FLOW_EXCHANGE)
		has_moved = take_body(flow) || has_moved;
	if (flow->state == FLOW_EXCHANGE || flow->state == FLOW_TUNNEL) {
		if (flow->state == FLOW_TUNNEL)
			flow->in.passed = flow->in.end;
		has_moved = write_sandbox(flow) || has_moved;
		has_moved = read_sandbox(flow) || has_moved;
	}
	if (flow->is_dead)
		return false;
	if (flow->state == FLOW_TUNNEL)
		flow->back.passed = flow->back.end;
	else if (flow->state == FLOW_EXCHANGE)
		has_moved = take_answer(flow) || take_end(flow) || has_moved;
	if (flow->is_dead)
		return false;
	if (flow->state == FLOW_EXCHANGE || flow->state == FLOW_TUNNEL)
		has_moved = write_client(flow) || has_moved;
	if (!flow->is_dead && flow->state == FLOW_EXCHANGE)
		has_moved = end_exchange(flow) || has_moved;
	else if (!flow->is_dead && flow->state == FLOW_TUNNEL)
		has_moved = end_tunnel(flow) || has_moved;
	return has_moved;
}

bool
flow_pump(struct flow *flow)
{
	for (int i = 0; i < ROUNDS_MAX; i++)
		if (flow->is_dead || !pump_once(flow))
			return false;
	return !flow->is_dead;
}
