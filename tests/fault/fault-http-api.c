// SPDX-License-Identifier: Apache-2.0
/*
 * The API itself, between a broker and a sandboxd that answer: who asks,
 * capabilities, services and the native dialect. Where something fails the
 * request is answered so, or its connection ends, and the next one is served,
 * unless the broker's socket itself has failed: then gateway-http ends.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/rpc_calls.h"
#include "gateway/http/api.h"
#include "gateway/http/back/back.h"
#include "gateway/http/engine/loop.h"
#include "gateway/http/engine/server.h"
#include "gateway/protocol/broker_calls.h"
#include "tests/fault/fault.h"

/* Turns of the loop that a request is given; each waits so long at most. */
#define TURNS_MAX    400
#define TURN_MS	     5
#define CAPS_MAX     16
#define LIST_SIZE    4096
#define CALL_TIME_MS 5000

#define ID_1   "sb_000000000001"
#define ID_2   "sb_000000000002"
#define SNAP_1 "sn_000000000001"

static struct loop loop;
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static struct {
	int broker_fd;
	int cap_fds[CAPS_MAX]; /* sandboxd's ends of capabilities */
	size_t n_caps;
	bool has_ended; /* the broker's socket, for gateway-http */
} world;

static void
answer(int fd, const struct rpc_call *call, uint32_t id, const void *reply,
    const int *fds, size_t n_fds)
{
	assert(rpc_send_reply(fd, call, id, reply, fds, n_fds,
	    MSG_DONTWAIT) == 0);
}

/* Whoever it is, with a capability of its own. */
static void
answer_caller(const struct rpc_call *call, uint32_t id)
{
	const struct rpc_caller caller = {.identity = 7, .org = "acme",
	    .user = "ann", .role = "admin", .rights = UINT32_MAX};
	int pair[2];

	assert(world.n_caps < CAPS_MAX && fd_seqpacket_pair(pair) == 0);
	world.cap_fds[world.n_caps++] = pair[0];
	answer(world.broker_fd, call, id, &caller, &pair[1], 1);
	close(pair[1]);
}

static void
serve_broker(const struct rpc_message *message)
{
	static const struct rpc_call *const callers[] = {
	    &rpc_call_api_auth_peer, &rpc_call_api_renew};
	const struct rpc_gateway_status_rep status = {.ssh_host = "host",
	    .ssh_port = 22};
	const uint16_t number = message->header.number;

	for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
		if (number == callers[i]->number)
			answer_caller(callers[i], message->header.id);
	if (number == rpc_call_gateway_status.number)
		answer(world.broker_fd, &rpc_call_gateway_status,
		    message->header.id, &status, NULL, 0);
}

/* One record, as a list of one and as bytes are encoded. */
static struct rpc_bytes
record(uint8_t buffer[LIST_SIZE], const struct rpc_layout *layout,
    const void *data)
{
	struct rpc_list list = {.data = buffer, .size = LIST_SIZE};

	assert(rpc_list_add(&list, layout, data) == 0);
	return rpc_list_bytes(&list);
}

/* Two pages of one, by what they are to follow. */
static void
serve_pages(int fd, const struct rpc_message *message)
{
	uint8_t buffer[LIST_SIZE];
	struct rpc_sandbox_info sandbox = {.id = ID_1, .org = "acme"};
	struct rpc_sandbox_list_req sandboxes = {0};
	struct rpc_sandbox_list_rep sandboxes_rep = {.count = 1};
	struct rpc_snapshot_info snapshot = {.id = SNAP_1, .sandbox = ID_1};
	struct rpc_snapshot_list_rep snapshots_rep = {0};
	struct rpc_template_info template = {.name = "base"};
	struct rpc_template_page_req templates = {0};
	struct rpc_template_page_rep templates_rep = {0};
	const uint32_t id = message->header.id;

	if (rpc_open_request(&rpc_call_sandbox_list, message,
	    &sandboxes) == 0) {
		sandboxes_rep.more = sandboxes.after[0] == '\0';
		if (!sandboxes_rep.more)
			sandbox.id = ID_2;
		sandboxes_rep.sandboxes = record(buffer,
		    &rpc_layout_sandbox_info, &sandbox);
		answer(fd, &rpc_call_sandbox_list, id, &sandboxes_rep, NULL,
		    0);
	} else if (message->header.number == rpc_call_snapshot_list.number) {
		snapshots_rep.snapshots = record(buffer,
		    &rpc_layout_snapshot_info, &snapshot);
		answer(fd, &rpc_call_snapshot_list, id, &snapshots_rep, NULL,
		    0);
	} else if (rpc_open_request(&rpc_call_template_page, message,
	    &templates) == 0) {
		templates_rep.more = templates.skip == 0;
		templates_rep.templates = record(buffer,
		    &rpc_layout_template_info, &template);
		answer(fd, &rpc_call_template_page, id, &templates_rep, NULL,
		    0);
	}
}

static void
serve_sandboxd(int fd, const struct rpc_message *message)
{
	uint8_t buffer[LIST_SIZE];
	const struct rpc_sandbox_info info = {.id = ID_1, .org = "acme",
	    .name = "one"};
	const struct rpc_bytes sandbox = record(buffer,
	    &rpc_layout_sandbox_info, &info);
	const struct rpc_sandbox_get_rep get = {sandbox};
	const struct rpc_sandbox_create_rep create = {sandbox};
	const struct rpc_sandbox_destroy_rep destroy = {};
	const uint16_t number = message->header.number;
	const uint32_t id = message->header.id;

	if (number == rpc_call_sandbox_recall.number)
		answer(fd, &rpc_call_sandbox_recall, id, &get, NULL, 0);
	else if (number == rpc_call_sandbox_create.number)
		answer(fd, &rpc_call_sandbox_create, id, &create, NULL, 0);
	else if (number == rpc_call_sandbox_destroy.number)
		answer(fd, &rpc_call_sandbox_destroy, id, &destroy, NULL, 0);
	else
		serve_pages(fd, message);
}

/* What has been asked of either by now. */
static void
serve_others(void)
{
	for (size_t i = 0; i <= world.n_caps; i++) {
		const int fd = i == world.n_caps ? world.broker_fd :
		    world.cap_fds[i];
		auto_rpc_message struct rpc_message message = {0};

		if (rpc_receive(fd, &message, MSG_DONTWAIT) <= 0)
			continue;
		if (fd == world.broker_fd)
			serve_broker(&message);
		else
			serve_sandboxd(fd, &message);
	}
}

static void
on_broker_end(void *arg)
{
	(void)arg;
	world.has_ended = true;
}

/* Whether a request's reply, which may be a failure, has this in it. */
static bool
ask(const char *request, const char *wanted, char *reply, size_t room)
{
	size_t used = 0;
	ssize_t n = -1;
	int fd;

	fault_spare(true);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert(fd >= 0 && connect(fd, (struct sockaddr *)&address,
	    sizeof address) == 0);
	assert(send(fd, request, strlen(request), MSG_NOSIGNAL) ==
	    (ssize_t)strlen(request));
	reply[0] = '\0';
	for (int i = 0; i < TURNS_MAX && n != 0 && !world.has_ended &&
	    strstr(reply, wanted) == NULL &&
	    strstr(reply, "\"error\"") == NULL; i++) {
		fault_spare(false);
		loop_turn(&loop, TURN_MS);
		fault_spare(true);
		serve_others();
		n = read(fd, reply + used, room - used - 1);
		used += n > 0 ? (size_t)n : 0;
		reply[used] = '\0';
	}
	close(fd);
	fault_spare(false);
	return strstr(reply, wanted) != NULL;
}

#define HEAD " HTTP/1.1\r\nHost: x\r\n"
static const struct {
	const char *name, *request, *wanted;
} requests[] = {
    {"get", "GET /v1/sandboxes/" ID_1 HEAD "\r\n", "\"name\":\"one\""},
    {"create", "POST /v1/sandboxes" HEAD "Content-Type: application/json\r\n"
	"Content-Length: 14\r\n\r\n{\"name\":\"one\"}", "201 Created"},
    {"destroy", "DELETE /v1/sandboxes/" ID_1 HEAD "\r\n", "204 No Content"},
    {"list", "GET /v1/sandboxes" HEAD "\r\n", ID_2},
    {"snapshots", "GET /v1/snapshots" HEAD "\r\n", SNAP_1},
    {"templates", "GET /v1/templates" HEAD "\r\n", "\"templates\":[{"},
};
static size_t which;

static int
listen_here(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	(void)unlink(address.sun_path);
	assert(fd >= 0 && bind(fd, (struct sockaddr *)&address,
	    sizeof address) == 0 && listen(fd, 8) == 0);
	return fd;
}

static void
serve_with(struct back *back)
{
	static const struct http_conf conf = {.max_connections = 8,
	    .idle_timeout_s = 60, .request_timeout_s = 30,
	    .request_max_bytes = 65536};
	const char *request = requests[which].request;
	const char *wanted = requests[which].wanted;
	struct server *server = NULL;
	struct err err = {0};
	char reply[8192];
	bool is_good;
	int fd;

	fault_spare(true);
	fd = listen_here();
	fault_spare(false);
	if (api_serve(&loop, back, &conf, fd, true, -1, &server,
	    &err) < 0) {
		assert(fault_happened() && err.text[0] != '\0');
		return;
	}
	is_good = ask(request, wanted, reply, sizeof reply);
	assert(is_good || fault_happened());
	/* Whatever became of it, the next one is served. */
	fault_stop();
	assert(world.has_ended || ask(request, wanted, reply, sizeof reply));
	server_free(server);
}

static void
serve(void)
{
	struct back *back = NULL;
	struct err err = {0};
	int pair[2];

	world.n_caps = 0;
	world.has_ended = false;
	if (loop_init(&loop) < 0) {
		assert(fault_happened());
		return;
	}
	fault_spare(true);
	assert(fd_seqpacket_pair(pair) == 0);
	world.broker_fd = pair[0];
	fault_spare(false);
	if (back_new(&loop, pair[1], CALL_TIME_MS, on_broker_end, NULL, &back,
	    &err) < 0)
		assert(fault_happened() && err.text[0] != '\0');
	else
		serve_with(back);
	fault_stop();
	back_free(back);
	loop_fini(&loop);
	close(world.broker_fd);
	for (size_t i = 0; i < world.n_caps; i++)
		close(world.cap_fds[i]);
	(void)unlink(address.sun_path);
}

int
main(void)
{
	snprintf(address.sun_path, sizeof address.sun_path,
	    "/tmp/sandgate-fault-api-%d", getpid());
	for (which = 0; which < sizeof requests / sizeof *requests; which++)
		fault_run(requests[which].name, serve);
	return 0;
}
