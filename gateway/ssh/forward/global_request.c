// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/forward/global_request.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/ssh/forward/listener.h"
#include "gateway/ssh/host_proof.h"
#include "gateway/ssh/libssh/packet_send.h"
#include "gateway/ssh/session.h"

enum { PACKET_REQUEST_SUCCESS = 81, PACKET_REQUEST_FAILURE = 82 };

struct global_request {
	struct global_request *next;
	bool wants_reply, is_answered;
	size_t size;	 /* of the answer */
	uint8_t answer[]; /* at least one byte */
};

/* sshd's answer to "are you there?", of which any will do. */
static void
refuse_keepalive(struct session *s, struct global_request *request,
    struct packet_reader *rest)
{
	(void)rest;
	global_request_refuse(s, request);
}

/* One row a request: who takes it, and answers it now or later. */
static const struct {
	const char *name;
	void (*take)(struct session *session, struct global_request *request,
	    struct packet_reader *rest);
} rows[] = {
    {"tcpip-forward", forward_listener_take_tcp},
    {"cancel-tcpip-forward", forward_listener_cancel_tcp},
    {"streamlocal-forward@openssh.com", forward_listener_take_unix},
    {"cancel-streamlocal-forward@openssh.com",
	forward_listener_cancel_unix},
    {"hostkeys-prove-00@openssh.com", host_proof_take},
    {"keepalive@openssh.com", refuse_keepalive},
};

/* Sends the answers that nothing unanswered is before. */
static void
flush(struct session *s)
{
	struct global_requests *queue = &s->global_requests;
	struct global_request *request;

	while ((request = queue->first) != NULL && request->is_answered) {
		if (request->wants_reply && packet_send(s->ssh,
		    request->answer, request->size) < 0)
			session_end(s, "cannot answer");
		queue->first = request->next;
		queue->n--;
		free(request);
	}
}

static struct global_request **
find_link(struct session *s, const struct global_request *request)
{
	struct global_request **link = &s->global_requests.first;

	while (*link != NULL && *link != request)
		link = &(*link)->next;
	return link;
}

static void
answer(struct session *s, struct global_request *request, uint8_t type,
    const void *payload, size_t size)
{
	struct global_request **link = find_link(s, request);
	struct global_request *larger = realloc(request,
	    sizeof *request + 1 + size);

	if (larger == NULL) {
		session_end(s, "out of memory");
		return;
	}
	*link = larger;
	larger->answer[0] = type;
	if (size > 0)
		memcpy(larger->answer + 1, payload, size);
	larger->size = 1 + size;
	larger->is_answered = true;
	flush(s);
}

void
global_request_grant(struct session *s, struct global_request *request,
    const void *payload, size_t size)
{
	answer(s, request, PACKET_REQUEST_SUCCESS, payload, size);
}

void
global_request_refuse(struct session *s, struct global_request *request)
{
	answer(s, request, PACKET_REQUEST_FAILURE, NULL, 0);
}

static struct global_request *
append(struct session *s, bool wants_reply)
{
	struct global_request *request;

	if (s->global_requests.n >= GLOBAL_REQUESTS_MAX) {
		session_end(s, "too many requests");
		return NULL;
	}
	request = calloc(1, sizeof *request + 1);
	if (request == NULL) {
		session_end(s, "out of memory");
		return NULL;
	}
	request->wants_reply = wants_reply;
	*find_link(s, NULL) = request;
	s->global_requests.n++;
	return request;
}

bool
global_request_take(void *arg, const char *name, bool wants_reply,
    struct packet_reader *rest)
{
	struct session *s = arg;
	struct global_request *request;
	size_t i = 0, n = sizeof rows / sizeof *rows;

	while (i < n && strcmp(rows[i].name, name) != 0)
		i++;
	if (!s->is_authenticated ||
	    (i == n && s->global_requests.first == NULL))
		return false;
	request = append(s, wants_reply);
	if (request == NULL)
		return true;
	if (i < n)
		rows[i].take(s, request, rest);
	else
		global_request_refuse(s, request);
	return true;
}
