// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/request_table.h"

#include <string.h>

#include "gateway/ssh/forward/listener.h"
#include "gateway/ssh/host_proof.h"

static void
take_proof(struct forwarding *forwarding, struct global_request *request,
    struct packet_reader *rest)
{
	host_proof_take(&forwarding->requests, request, rest);
}

/* sshd's answer to "are you there?", of which any will do. */
static void
refuse_keepalive(struct forwarding *forwarding, struct global_request *request,
    struct packet_reader *rest)
{
	(void)rest;
	global_request_refuse(&forwarding->requests, request);
}

/* One row a request: who takes it, and answers it now or later. */
static const struct {
	const char *name;
	void (*take)(struct forwarding *forwarding,
	    struct global_request *request, struct packet_reader *rest);
} rows[] = {
    {"tcpip-forward", forward_listener_take_tcp},
    {"cancel-tcpip-forward", forward_listener_cancel_tcp},
    {"streamlocal-forward@openssh.com", forward_listener_take_unix},
    {"cancel-streamlocal-forward@openssh.com",
	forward_listener_cancel_unix},
    {"hostkeys-prove-00@openssh.com", take_proof},
    {"keepalive@openssh.com", refuse_keepalive},
};

bool
request_table_take(struct forwarding *forwarding, const char *name,
    bool wants_reply, struct packet_reader *rest)
{
	struct global_requests *queue = &forwarding->requests;
	struct global_request *request;
	size_t i = 0, n = sizeof rows / sizeof *rows;

	while (i < n && strcmp(rows[i].name, name) != 0)
		i++;
	/* One that waits keeps back all that come behind it. */
	if (i == n && queue->first == NULL)
		return false;
	request = global_request_append(queue, wants_reply);
	if (request == NULL)
		return true;
	if (i < n)
		rows[i].take(forwarding, request, rest);
	else
		global_request_refuse(queue, request);
	return true;
}
