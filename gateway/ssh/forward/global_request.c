// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/forward/global_request.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/ssh/libssh/packet_send.h"

enum { PACKET_REQUEST_SUCCESS = 81, PACKET_REQUEST_FAILURE = 82 };

struct global_request {
	struct global_request *next;
	bool wants_reply, is_answered;
	size_t size;	 /* of the answer */
	uint8_t answer[]; /* at least one byte */
};

/* Sends the answers that nothing unanswered is before. */
static void
flush(struct global_requests *queue)
{
	struct global_request *request;

	while ((request = queue->first) != NULL && request->is_answered) {
		if (request->wants_reply && packet_send(queue->turn->ssh,
		    request->answer, request->size) < 0)
			turn_end(queue->turn, "cannot answer");
		queue->first = request->next;
		queue->n--;
		free(request);
	}
}

static struct global_request **
find_link(struct global_requests *queue, const struct global_request *request)
{
	struct global_request **link = &queue->first;

	while (*link != NULL && *link != request)
		link = &(*link)->next;
	return link;
}

static void
answer(struct global_requests *queue, struct global_request *request,
    uint8_t type, const void *payload, size_t size)
{
	struct global_request **link = find_link(queue, request);
	struct global_request *larger = realloc(request,
	    sizeof *request + 1 + size);

	if (larger == NULL) {
		turn_end(queue->turn, "out of memory");
		return;
	}
	*link = larger;
	larger->answer[0] = type;
	if (size > 0)
		memcpy(larger->answer + 1, payload, size);
	larger->size = 1 + size;
	larger->is_answered = true;
	flush(queue);
}

void
global_request_grant(struct global_requests *queue,
    struct global_request *request, const void *payload, size_t size)
{
	answer(queue, request, PACKET_REQUEST_SUCCESS, payload, size);
}

void
global_request_refuse(struct global_requests *queue,
    struct global_request *request)
{
	answer(queue, request, PACKET_REQUEST_FAILURE, NULL, 0);
}

struct global_request *
global_request_append(struct global_requests *queue, bool wants_reply)
{
	struct global_request *request;

	if (queue->n >= GLOBAL_REQUESTS_MAX) {
		turn_end(queue->turn, "too many requests");
		return NULL;
	}
	request = calloc(1, sizeof *request + 1);
	if (request == NULL) {
		turn_end(queue->turn, "out of memory");
		return NULL;
	}
	request->wants_reply = wants_reply;
	*find_link(queue, NULL) = request;
	queue->n++;
	return request;
}
