// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/broker_world.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/rpc_calls.h"
#include "gateway/broker/login/claim.h"
#include "keys/user.h"

#define TURN_MS	  5
#define TURNS_MAX (60000 / TURN_MS)

struct world world;
void (*world_arm)(bool is_on);
static char folder[64];

static int
add_fd(int fd)
{
	for (int i = 0; i < WORLD_FDS_MAX; i++)
		if (world.sandboxd.fds[i] < 0)
			return world.sandboxd.fds[i] = fd;
	assert(!"too many connections");
	return -1;
}

void
world_tell_index(void)
{
	static const struct rpc_sandbox_owner owners[] = {
	    {.id = WORLD_SANDBOX, .org = STORE_DEFAULT_ORG},
	    {.id = WORLD_FOREIGN, .org = "other"}};
	struct world_sandboxd *s = &world.sandboxd;
	uint8_t buffer[256];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_sandbox_watch_rep reply = {.count = 2};

	for (int i = 0; i < 2; i++)
		assert(rpc_list_add(&list, &rpc_layout_sandbox_owner,
		    &owners[i]) == 0);
	reply.owners = rpc_list_bytes(&list);
	(void)rpc_send_reply(s->index_fd, &rpc_call_sandbox_watch,
	    s->index_id, &reply, NULL, 0, MSG_DONTWAIT);
	s->index_id = 0;
}

void
world_answer_open(void)
{
	static const struct rpc_cap_open_rep reply;
	struct world_sandboxd *s = &world.sandboxd;
	int pair[2];

	assert(fd_seqpacket_pair(pair) == 0);
	(void)rpc_send_reply(s->open_fd, &rpc_call_cap_open, s->open_id,
	    &reply, &pair[1], 1, MSG_DONTWAIT);
	fd_close(&pair[1]);
	(void)add_fd(pair[0]);
	s->open_id = 0;
}

void
world_answer_create(int code)
{
	const struct rpc_sandbox_info info = {.id = WORLD_MADE,
	    .org = STORE_DEFAULT_ORG, .name = "", .template_name = "base",
	    .state = "running", .address = "", .cause = ""};
	struct world_sandboxd *s = &world.sandboxd;
	uint8_t buffer[4096];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_sandbox_create_rep reply;
	struct err err;

	assert(rpc_list_add(&list, &rpc_layout_sandbox_info, &info) == 0);
	reply.sandbox = rpc_list_bytes(&list);
	err_set(&err, code, "no room");
	if (code == 0)
		(void)rpc_send_reply(s->create_fd, &rpc_call_sandbox_create,
		    s->create_id, &reply, NULL, 0, MSG_DONTWAIT);
	else
		(void)rpc_send_error(s->create_fd,
		    rpc_call_sandbox_create.number, s->create_id, &err,
		    MSG_DONTWAIT);
	s->create_id = 0;
}

static void
serve_message(int fd, const struct rpc_message *message)
{
	struct world_sandboxd *s = &world.sandboxd;
	uint32_t id = message->header.id;

	if (message->header.number == rpc_call_sandbox_watch.number) {
		s->index_fd = fd;
		s->index_id = id;
		if (!s->hides_index)
			world_tell_index();
	} else if (message->header.number == rpc_call_cap_open.number) {
		s->n_opens++;
		s->open_fd = fd;
		s->open_id = id;
		if (!s->holds_opens)
			world_answer_open();
	} else if (message->header.number == rpc_call_sandbox_create.number) {
		s->n_creates++;
		s->create_fd = fd;
		s->create_id = id;
		if (!s->holds_creates)
			world_answer_create(0);
	} else if (message->header.number == rpc_call_cap_end.number) {
		(void)rpc_send_reply(fd, &rpc_call_cap_end, id,
		    &(struct rpc_cap_end_rep){0}, NULL, 0, MSG_DONTWAIT);
	} else {
		assert(message->header.number ==
		    rpc_call_sandbox_destroy.number);
		s->n_destroys++;
	}
}

static void
serve_sandboxd(void)
{
	struct world_sandboxd *s = &world.sandboxd;
	int fd;

	while ((fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		(void)add_fd(fd);
	for (int i = 0; i < WORLD_FDS_MAX; i++) {
		auto_rpc_message struct rpc_message message = {0};
		int r;

		if (s->fds[i] < 0)
			continue;
		r = rpc_receive(s->fds[i], &message, MSG_DONTWAIT);
		if (r > 0)
			serve_message(s->fds[i], &message);
		else if (r != -EAGAIN)
			fd_close(&s->fds[i]);
	}
}

void
world_turn(unsigned most_ms)
{
	if (world_arm != NULL)
		world_arm(true);
	(void)sd_event_run(world.broker.event, most_ms * 1000);
	if (world_arm != NULL)
		world_arm(false);
	serve_sandboxd();
}

void
world_until(bool (*is_so)(void))
{
	for (int i = 0; !is_so(); i++) {
		assert(i < TURNS_MAX);
		world_turn(TURN_MS);
	}
}

static int
listen_as_sandboxd(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	assert(fd >= 0 && bind(fd, (const struct sockaddr *)&address,
	    sizeof address) == 0 && listen(fd, 8) == 0);
	return fd;
}

static int
on_listener(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	(void)events;
	connection_accept(arg, fd);
	return 0;
}

static void
listen_for_clients(struct broker *broker)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
	    listen(fd, 64) == 0);
	assert(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	world.port = ntohs(address.sin_port);
	broker->listeners[0].fd = fd;
	broker->n_listeners = 1;
	assert(sd_event_add_io(broker->event, &broker->listeners[0].io, fd,
	    EPOLLIN, on_listener, broker) >= 0);
}

static void
set_settings(struct gateway_conf *settings)
{
	*settings = (struct gateway_conf){.max_connections = 100,
	    .max_connections_per_source = 100, .max_startups_per_source = 100,
	    .max_connections_per_credential = 100,
	    .max_connections_per_sandbox = 100, .max_auth_tries = 3,
	    .audit_required = true, .login_grace_s = 600,
	    .startups = {100, 100, 100}, .auth_failure_ms = 1};
}

static void
on_current(void *arg)
{
	claims_resume(arg);
}

static void
open_store(struct broker *broker)
{
	struct token token;
	struct err err;

	assert(store_open(folder, clock_unix_ms(), &broker->store, &err) == 0);
	assert(user_find(broker->store, STORE_DEFAULT_ORG, STORE_DEFAULT_USER,
	    &world.user_id, &err) == 0);
	assert(token_create(broker->store, world.user_id,
	    &(struct token_terms){"t"}, clock_unix_ms(), world.token, &token,
	    &err) == 0);
	world.token_id = token.id;
}

static void
open_audit(struct broker *broker)
{
	char path[96];
	struct err err;

	snprintf(path, sizeof path, "%s/audit.log", folder);
	fd_close(&(int){open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)});
	assert(audit_open(&broker->audit, path, &err) == 0);
}

static bool
index_is_current(void)
{
	return sandbox_index_is_current(world.broker.sandboxes);
}

void
world_begin(bool hides_index)
{
	struct broker *broker = &world.broker;
	char path[96];
	struct err err;
	int fds[2];

	memset(&world, 0, sizeof world);
	world.sandboxd = (struct world_sandboxd){.hides_index = hides_index};
	for (int i = 0; i < WORLD_FDS_MAX; i++)
		world.sandboxd.fds[i] = -1;
	snprintf(folder, sizeof folder, "/dev/shm/test-broker-XXXXXX");
	assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/sandboxd.sock", folder);
	world.sandboxd.listen_fd = listen_as_sandboxd(path);
	set_settings(&broker->settings);
	broker->handover.client_fd = broker->handover.session_fd = -1;
	broker->http.fd = broker->lobby_fd = -1;
	TAILQ_INIT(&broker->connections);
	TAILQ_INIT(&broker->lobby_waiting);
	assert(sd_event_new(&broker->event) >= 0);
	assert(fd_seqpacket_pair(fds) == 0);
	broker->zygote_fd = fds[0];
	world.zygote_fd = fds[1];
	open_store(broker);
	open_audit(broker);
	listen_for_clients(broker);
	assert(sandboxd_client_new(broker->event, path, &broker->sandboxd,
	    &err) == 0);
	assert(sandbox_index_new(broker->event, path, on_current, broker,
	    &broker->sandboxes, &err) == 0);
	if (!hides_index)
		world_until(index_is_current);
}

static void
remove_files(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r %s", folder);
	assert(system(command) == 0);
}

void
world_end(void)
{
	struct broker *broker = &world.broker;

	while (!TAILQ_EMPTY(&broker->connections))
		connection_free(TAILQ_FIRST(&broker->connections));
	while (!LIST_EMPTY(&broker->unwanted))
		creation_free(LIST_FIRST(&broker->unwanted));
	sandbox_index_free(broker->sandboxes);
	sandboxd_client_free(broker->sandboxd);
	sd_event_source_disable_unref(broker->pause_timer);
	sd_event_source_disable_unref(broker->listeners[0].io);
	fd_close(&broker->listeners[0].fd);
	penalties_fini(&broker->penalties);
	store_close(broker->store);
	audit_close(&broker->audit);
	fd_close(&broker->zygote_fd);
	fd_close(&world.zygote_fd);
	fd_close(&world.sandboxd.listen_fd);
	for (int i = 0; i < WORLD_FDS_MAX; i++)
		fd_close(&world.sandboxd.fds[i]);
	sd_event_unref(broker->event);
	remove_files();
}

int
world_dial(void)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(world.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(fd >= 0 && connect(fd, (const struct sockaddr *)&address,
	    sizeof address) == 0);
	return fd;
}

int
world_take_session(struct handover_session *ret)
{
	int fds[FD_PASS_MAX];
	size_t n_fds = 0;
	ssize_t n = -EAGAIN;

	for (int i = 0; i < 20 && n == -EAGAIN; i++) {
		world_turn(TURN_MS);
		n = fd_receive(world.zygote_fd, ret, sizeof *ret, fds, &n_fds,
		    MSG_DONTWAIT);
	}
	if (n < 0)
		return -1;
	assert(n == sizeof *ret && n_fds == 2);
	fd_close(&fds[0]);
	return fds[1];
}

void
world_claim(int session_fd, const char *user, const char *secret)
{
	const struct rpc_auth_secret_req request = {.user = user,
	    .secret = {(const uint8_t *)secret, (uint32_t)strlen(secret)}};

	assert(rpc_send_request(session_fd, &rpc_call_auth_secret, 7, &request,
	    NULL, 0, MSG_DONTWAIT) == 0);
}

bool
world_is_answered(int session_fd)
{
	struct pollfd pfd = {session_fd, POLLIN, 0};

	return poll(&pfd, 1, 0) == 1;
}

int
world_take_answer(int session_fd, struct rpc_login *ret,
    struct rpc_message *ret_message)
{
	struct err err = {0};
	int r = rpc_receive(session_fd, ret_message, MSG_DONTWAIT);

	if (r <= 0)
		return r == 0 || r == -ECONNRESET ? -EPIPE : r;
	assert(ret_message->header.id == 7);
	return rpc_open_reply(&rpc_call_auth_secret, ret_message, ret, &err);
}

unsigned
world_count_audit(const char *event)
{
	char word[64], line[8192], path[96];
	unsigned n = 0;
	FILE *file;

	snprintf(word, sizeof word, "\"event\":\"%s\"", event);
	snprintf(path, sizeof path, "%s/audit.log", folder);
	file = fopen(path, "re");
	assert(file != NULL);
	while (fgets(line, sizeof line, file) != NULL)
		n += strstr(line, word) != NULL;
	fclose(file);
	return n;
}

void
world_revoke(void)
{
	struct err err;

	assert(token_revoke(world.broker.store, world.user_id, world.token_id,
	    clock_unix_ms(), &err) == 0);
}
