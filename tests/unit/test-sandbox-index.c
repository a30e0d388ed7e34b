// SPDX-License-Identifier: Apache-2.0
/*
 * The index against a socket that speaks sandbox_watch: pages and news between
 * them, a server that goes away and comes back with others, and nonsense.
 */
#include "gateway/broker/login/sandbox_index.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/rpc_calls.h"

static char path[64];
static sd_event *event;
static struct sandbox_index *sandboxes;
static unsigned n_current;

static void
on_current(void *arg)
{
	assert(arg == &n_current);
	n_current++;
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

/* Lets the index do what it has to do. */
static void
turn(uint64_t most_ms)
{
	while (sd_event_run(event, most_ms * 1000) > 0)
		most_ms = 0;
}

/* The connection of the index, which asks for what comes after `after`. */
static uint32_t
expect(int fd, const char *after)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_sandbox_watch_req request;

	assert(rpc_receive(fd, &message, 0) == 1);
	assert(rpc_open_request(&rpc_call_sandbox_watch, &message,
	    &request) == 0);
	assert(strcmp(request.after, after) == 0);
	return message.header.id;
}

static int
take(int listen_fd)
{
	int fd;

	turn(2 * SANDBOX_INDEX_PAUSE_MS);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert(fd >= 0);
	return fd;
}

/* Answers with the sandboxes of "id org id org ... NULL". */
static void
page(int fd, uint32_t id, uint32_t more, const char *const *words)
{
	uint8_t buffer[4096];
	struct rpc_sandbox_watch_rep reply = {.more = more,
	    .owners = {.data = buffer}};

	for (; *words != NULL; words += 2) {
		const struct rpc_sandbox_owner owner = {.id = words[0],
		    .org = words[1], .owner_id = 7};

		reply.owners.size += (uint32_t)rpc_encode(
		    &rpc_layout_sandbox_owner, &owner,
		    buffer + reply.owners.size,
		    sizeof buffer - reply.owners.size);
		reply.count++;
	}
	assert(rpc_send_reply(fd, &rpc_call_sandbox_watch, id, &reply, NULL,
	    0, 0) == 0);
}

static void
tell(int fd, const char *id, const char *org)
{
	const struct rpc_sandbox_owned_event news = {.id = id, .org = org,
	    .owner_id = 8, .is_private = 1};

	assert(rpc_send_request(fd, &rpc_call_sandbox_owned, 0, &news, NULL,
	    0, 0) == 0);
}

static void
assert_org(const char *id, const char *wanted)
{
	const struct sandbox_owner *owner = sandbox_index_find(sandboxes, id);

	assert((owner == NULL) == (wanted == NULL));
	assert(owner == NULL || strcmp(owner->org, wanted) == 0);
}

static void
test_pages(int fd)
{
	page(fd, expect(fd, ""), 1, (const char *[]){"sb_b", "one", "sb_d",
	    "two", NULL});
	/* News of what was told already, and of what is still to come. */
	tell(fd, "sb_b", "");
	tell(fd, "sb_a", "one");
	tell(fd, "sb_e", "one");
	turn(1000);
	assert(!sandbox_index_is_current(sandboxes) && n_current == 0);
	page(fd, expect(fd, "sb_d"), 0, (const char *[]){"sb_e", "one",
	    "sb_f", "two", NULL});
	turn(1000);
	assert(sandbox_index_is_current(sandboxes) && n_current == 1);
	assert_org("sb_a", "one");
	assert_org("sb_b", NULL);
	assert_org("sb_c", NULL);
	assert_org("sb_d", "two");
	assert_org("sb_e", "one");
	assert_org("sb_f", "two");
	assert_org("", NULL);
	assert_org("sb_z", NULL);
	assert(sandbox_index_find(sandboxes, "sb_d")->owner_id == 7);
	assert(!sandbox_index_find(sandboxes, "sb_d")->is_private);
	assert(sandbox_index_find(sandboxes, "sb_a")->owner_id == 8);
	assert(sandbox_index_find(sandboxes, "sb_a")->is_private);
	assert(sandbox_index_count(sandboxes, "one") == 2);
	assert(sandbox_index_count(sandboxes, "two") == 2);
	assert(sandbox_index_count(sandboxes, "three") == 0);
}

static void
test_news(int fd)
{
	tell(fd, "sb_c", "three");
	tell(fd, "sb_a", "");
	tell(fd, "sb_a", "");
	turn(1000);
	assert_org("sb_c", "three");
	assert_org("sb_a", NULL);
}

/* As many as there can be, and not one more. */
static void
test_bound(int fd)
{
	char id[32];

	page(fd, expect(fd, ""), 0, (const char *[]){NULL});
	turn(1000);
	for (unsigned i = 0; i < SANDBOX_INDEX_MAX; i++) {
		snprintf(id, sizeof id, "sb_%u", i);
		tell(fd, id, "many");
		if (i % 64 == 0)
			turn(0);
	}
	turn(100);
	assert(sandbox_index_is_current(sandboxes));
	assert_org("sb_16383", "many");
	tell(fd, "sb_16384", "many");
	turn(1000);
	assert(!sandbox_index_is_current(sandboxes));
}

int
main(void)
{
	struct err err;
	int listen_fd, fd;

	snprintf(path, sizeof path, "/tmp/test-sandbox-index.%d",
	    (int)getpid());
	assert(sd_event_new(&event) >= 0);
	listen_fd = serve();
	assert(sandbox_index_new(event, path, on_current, &n_current,
	    &sandboxes, &err) == 0);
	fd = take(listen_fd);
	test_pages(fd);
	test_news(fd);
	/* A server that comes back knows others. */
	fd_close(&fd);
	turn(10);
	assert(!sandbox_index_is_current(sandboxes));
	fd = take(listen_fd);
	page(fd, expect(fd, ""), 0, (const char *[]){"sb_x", "one", NULL});
	turn(1000);
	assert(sandbox_index_is_current(sandboxes) && n_current == 2);
	assert_org("sb_d", NULL);
	assert_org("sb_x", "one");
	/* An answer nobody asked for ends the connection. */
	page(fd, 4711, 0, (const char *[]){NULL});
	turn(1000);
	assert(!sandbox_index_is_current(sandboxes));
	fd_close(&fd);
	fd = take(listen_fd);
	test_bound(fd);
	sandbox_index_free(sandboxes);
	fd_close(&fd);
	fd_close(&listen_fd);
	(void)unlink(path);
	sd_event_unref(event);
	return 0;
}
