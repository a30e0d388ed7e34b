// SPDX-License-Identifier: Apache-2.0
/*
 * The client against a socket that speaks cap_open: answers out of order, a
 * server that goes away with calls unanswered, and one that is never there.
 */
#include "gateway/broker/sandboxd_client.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define WAIT_MS 5000

static char path[64];
static sd_event *event;

/* What a call was answered; code -1 = not yet. */
struct answer {
	int code;
	int cap_fd;
};

static void
on_done(void *arg, int cap_fd, const struct err *err)
{
	struct answer *answer = arg;

	assert((err == NULL) == (cap_fd >= 0));
	answer->code = err != NULL ? err->code : 0;
	answer->cap_fd = cap_fd;
}

static void
run_until(const struct answer *answer)
{
	for (int i = 0; i < 200 && answer->code < 0; i++)
		assert(sd_event_run(event, 50 * 1000) >= 0);
	assert(answer->code >= 0);
}

static int
serve(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)unlink(path);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	assert(fd >= 0 && bind(fd, (const struct sockaddr *)&address,
	    sizeof address) == 0 && listen(fd, 8) == 0);
	return fd;
}

static void
ask(struct sandboxd_client *client, const char *sandbox_id,
    struct answer *answer)
{
	const struct rpc_cap_open_req request = {.org = "default",
	    .sandbox_id = sandbox_id, .audit = "test"};
	struct err err;

	*answer = (struct answer){-1, -1};
	assert(sandboxd_client_cap_open(client, &request, WAIT_MS, on_done,
	    answer, &err) == 0);
}

/* The next request's id; it must be for this sandbox. */
static uint32_t
expect(int fd, const char *sandbox_id)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_cap_open_req request;

	assert(rpc_receive(fd, &message, 0) == 1);
	assert(rpc_open_request(&rpc_call_cap_open, &message, &request) == 0);
	assert(strcmp(request.sandbox_id, sandbox_id) == 0);
	return message.header.id;
}

static void
grant(int fd, uint32_t id)
{
	const struct rpc_cap_open_rep reply = {};
	int zero_fd = 0;

	assert(rpc_send_reply(fd, &rpc_call_cap_open, id, &reply, &zero_fd, 1,
	    0) == 0);
}

static void
refuse(int fd, uint32_t id)
{
	struct err err;

	err_set(&err, ENOENT, "no such sandbox");
	assert(rpc_send_error(fd, rpc_call_cap_open.number, id, &err, 0) == 0);
}

static void
test_out_of_order(struct sandboxd_client *client, int listen_fd, int *ret_fd)
{
	struct answer first, second, forgotten;
	uint32_t ids[3];
	int fd;

	ask(client, "sb_aaaaaaaaaaaa", &first);
	ask(client, "sb_bbbbbbbbbbbb", &second);
	ask(client, "sb_cccccccccccc", &forgotten);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert(fd >= 0);
	ids[0] = expect(fd, "sb_aaaaaaaaaaaa");
	ids[1] = expect(fd, "sb_bbbbbbbbbbbb");
	ids[2] = expect(fd, "sb_cccccccccccc");
	sandboxd_client_forget(client, &forgotten);
	grant(fd, ids[2]);
	grant(fd, ids[1]);
	run_until(&second);
	assert(second.code == 0 && first.code == -1);
	refuse(fd, ids[0]);
	run_until(&first);
	assert(first.code == ENOENT && forgotten.code == -1);
	fd_close(&second.cap_fd);
	*ret_fd = fd;
}

/* What was not answered is asked again of the next server. */
static void
test_restart(struct sandboxd_client *client, int *listen_fd, int *fd)
{
	struct answer answer;

	ask(client, "sb_dddddddddddd", &answer);
	(void)expect(*fd, "sb_dddddddddddd");
	fd_close(fd);
	fd_close(listen_fd);
	(void)unlink(path);
	for (int i = 0; i < 5; i++)
		assert(sd_event_run(event, 50 * 1000) >= 0);
	assert(answer.code == -1);
	*listen_fd = serve();
	for (int i = 0; i < 5; i++)
		assert(sd_event_run(event, 50 * 1000) >= 0);
	*fd = accept4(*listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert(*fd >= 0);
	grant(*fd, expect(*fd, "sb_dddddddddddd"));
	run_until(&answer);
	assert(answer.code == 0);
	fd_close(&answer.cap_fd);
}

/* A server that answers what nobody asked is dropped and asked anew. */
static void
test_nonsense(struct sandboxd_client *client, int listen_fd, int *fd)
{
	struct answer answer;

	ask(client, "sb_eeeeeeeeeeee", &answer);
	refuse(*fd, expect(*fd, "sb_eeeeeeeeeeee") + 77);
	for (int i = 0; i < 5; i++)
		assert(sd_event_run(event, 50 * 1000) >= 0);
	fd_close(fd);
	*fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	refuse(*fd, expect(*fd, "sb_eeeeeeeeeeee"));
	run_until(&answer);
	assert(answer.code == ENOENT);
}

static void
test_nobody_there(void)
{
	const struct rpc_cap_open_req request = {.org = "default",
	    .sandbox_id = "", .audit = "test"};
	struct sandboxd_client *client;
	struct answer answer = {-1, -1};
	struct err err;

	assert(sandboxd_client_new(event, path, &client, &err) == 0);
	assert(sandboxd_client_cap_open(client, &request, 200, on_done,
	    &answer, &err) == 0);
	assert(answer.code == -1);
	run_until(&answer);
	assert(answer.code == ETIMEDOUT);
	sandboxd_client_free(client);
}

int
main(void)
{
	char dir[] = "/tmp/sandgate-client-XXXXXX";
	struct sandboxd_client *client;
	struct err err;
	int listen_fd, fd;

	assert(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/socket", dir);
	assert(sd_event_new(&event) >= 0);
	listen_fd = serve();
	assert(sandboxd_client_new(event, path, &client, &err) == 0);
	test_out_of_order(client, listen_fd, &fd);
	test_restart(client, &listen_fd, &fd);
	test_nonsense(client, listen_fd, &fd);
	sandboxd_client_free(client);
	fd_close(&fd);
	fd_close(&listen_fd);
	(void)unlink(path);
	test_nobody_there();
	sd_event_unref(event);
	assert(rmdir(dir) == 0);
	return 0;
}
