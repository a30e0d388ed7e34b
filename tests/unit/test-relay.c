// SPDX-License-Identifier: Apache-2.0
/* A relay between pipes and the client of client_fixture.h. */
#include "gateway/ssh/relay.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "tests/unit/client_fixture.h"

static struct ssh_conf options;
static struct turn turn = {.options = &options, .now_ms = 1000};

/* A relay and the far ends of its pipes. */
struct world {
	struct relay relay;
	int input_fd, output_fd, error_fd;
};

static void
make_pipe(int *ret_read_fd, int *ret_write_fd)
{
	int fds[2];

	assert(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
	*ret_read_fd = fds[0];
	*ret_write_fd = fds[1];
}

static void
begin(struct world *w)
{
	client_begin();
	memset(w, 0, sizeof *w);
	turn.ending = NULL;
	turn.is_stalled = false;
	w->input_fd = w->output_fd = w->error_fd = -1;
	relay_init(&w->relay, &turn, NULL);
}

static void
start(struct world *w)
{
	int input_fd, output_fd, error_fd;

	make_pipe(&w->input_fd, &input_fd);
	make_pipe(&output_fd, &w->output_fd);
	make_pipe(&error_fd, &w->error_fd);
	assert(relay_start(&w->relay, input_fd, output_fd, error_fd) == 0);
}

static void
end(struct world *w)
{
	relay_fini(&w->relay);
	assert(client.is_freed);
	fd_close(&w->input_fd);
	fd_close(&w->output_fd);
	fd_close(&w->error_fd);
}

/* One turn of a loop, without waiting. */
static void
turn_once(struct world *w)
{
	struct pollfd fds[RELAY_POLL_MAX];
	size_t n;

	relay_turn(&w->relay);
	n = relay_collect(&w->relay, fds);
	assert(n <= RELAY_POLL_MAX && poll(fds, n, 0) >= 0);
	relay_ready(&w->relay, fds, n);
}

/* The client sends: what was consumed. */
static int
type(const char *text)
{
	char data[64];
	size_t size = strlen(text);

	assert(size < sizeof data);
	memcpy(data, text, size);
	return client.callbacks->channel_data_function(NULL, NULL, data,
	    (uint32_t)size, 0, client.callbacks->userdata);
}

static void
assert_reads(int fd, const char *wanted)
{
	char data[64];

	assert(read(fd, data, sizeof data) == (ssize_t)strlen(wanted));
	assert(memcmp(data, wanted, strlen(wanted)) == 0);
}

static void
test_ways(void)
{
	struct world w;

	begin(&w);
	start(&w);
	assert(type("hello") == 5);
	assert_reads(w.input_fd, "hello");
	assert(write(w.output_fd, "out", 3) == 3);
	assert(write(w.error_fd, "error", 5) == 5);
	turn_once(&w);
	assert(client.n_sent[0] == 3 && memcmp(client.sent[0], "out", 3) == 0);
	assert(client.n_sent[1] == 5);

	/* Each way ends by itself. */
	client.callbacks->channel_eof_function(NULL, NULL,
	    client.callbacks->userdata);
	turn_once(&w);
	assert(read(w.input_fd, (char[1]){0}, 1) == 0);
	assert(!relay_is_drained(&w.relay));
	assert(write(w.output_fd, "more", 4) == 4);
	fd_close(&w.output_fd);
	fd_close(&w.error_fd);
	for (int i = 0; i < 3; i++)
		turn_once(&w);
	assert(client.n_sent[0] == 7 && relay_is_drained(&w.relay));
	relay_send_eof(&w.relay);
	relay_send_eof(&w.relay);
	client.close_again = 1;
	assert(!relay_send_close(&w.relay) && relay_send_close(&w.relay));
	end(&w);
}

/* What comes before there is a process waits, and so does its end. */
static void
test_early_input(void)
{
	struct world w;

	begin(&w);
	assert(type("early") == 0);
	client.unread = "early";
	client.callbacks->channel_eof_function(NULL, NULL,
	    client.callbacks->userdata);
	turn_once(&w);
	start(&w);
	turn_once(&w);
	assert_reads(w.input_fd, "early");
	assert(read(w.input_fd, (char[1]){0}, 1) == 0);
	end(&w);
}

/* No window, no read: the process is held back by its full pipe. */
static void
test_window(void)
{
	struct world w;

	begin(&w);
	client.window_bytes = 4;
	start(&w);
	assert(write(w.output_fd, "0123456789", 10) == 10);
	turn_once(&w);
	turn_once(&w);
	assert(client.n_sent[0] == 4);
	client.window_bytes = 100;
	turn_once(&w);
	assert(client.n_sent[0] == 10);
	end(&w);
}

/* A key exchange: what libssh did not take is kept, and comes first. */
static void
test_stalled(void)
{
	struct world w;

	begin(&w);
	start(&w);
	client.takes_bytes = 3;
	assert(write(w.output_fd, "abcdef", 6) == 6);
	turn_once(&w);
	assert(turn.is_stalled && relay_holds_output(&w.relay));
	client.takes_bytes = 1 << 20;
	fd_close(&w.output_fd);
	fd_close(&w.error_fd);
	turn_once(&w);
	assert(client.n_sent[0] == 3 && !relay_is_drained(&w.relay));
	turn.is_stalled = false;
	turn_once(&w);
	turn_once(&w);
	assert(client.n_sent[0] == 6 &&
	    memcmp(client.sent[0], "abcdef", 6) == 0);
	assert(!relay_holds_output(&w.relay));
	end(&w);
}

/* Nobody reads inside: what is behind goes, the connection stays. */
static void
test_broken_input(void)
{
	struct world w;

	begin(&w);
	start(&w);
	fd_close(&w.input_fd);
	assert(type("lost") == 4);
	assert(w.relay.input_fd < 0 && turn.ending == NULL);
	assert(type("lost too") == 8);
	end(&w);
}

/* More than a window may hold ends the connection. */
static void
test_flood(void)
{
	struct world w;

	begin(&w);
	assert(client.callbacks->channel_data_function(NULL, NULL, NULL,
	    64 << 20, 0, client.callbacks->userdata) == SSH_ERROR);
	assert(turn.ending != NULL);
	end(&w);
}

/* Only what cannot block: a file is refused. */
static void
test_wrong_descriptor(void)
{
	struct world w;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	begin(&w);
	assert(fd >= 0 && relay_start(&w.relay, -1, fd, -1) == -EINVAL);
	assert(relay_is_drained(&w.relay) && fcntl(fd, F_GETFD) < 0);
	end(&w);
}

static bool
refuse_tap(void *arg, enum relay_way way, const uint8_t *data, size_t size)
{
	(void)data;
	*(size_t *)arg += size;
	return way != RELAY_OUTPUT;
}

/* The tap sees every byte, and may end both ways. */
static void
test_tap(void)
{
	struct world w;
	size_t seen = 0;

	begin(&w);
	start(&w);
	w.relay.tap = refuse_tap;
	w.relay.tap_arg = &seen;
	assert(type("in") == 2);
	assert(write(w.output_fd, "secret", 6) == 6);
	turn_once(&w);
	assert(seen == 8 && client.n_sent[0] == 0);
	assert(relay_is_drained(&w.relay) && w.relay.input_fd < 0);
	end(&w);
}

static void
test_closed(void)
{
	struct world w;

	/* CLOSE before the process is there: its output goes nowhere. */
	begin(&w);
	client.callbacks->channel_close_function(NULL, NULL,
	    client.callbacks->userdata);
	start(&w);
	turn_once(&w);
	assert(relay_is_drained(&w.relay));
	assert(write(w.output_fd, "x", 1) < 0 && errno == EPIPE);
	relay_say(&w.relay, "nobody hears");
	assert(client.n_sent[1] == 0);
	end(&w);
}

static void
test_idle(void)
{
	struct world w;
	int timeout_ms = -1;

	begin(&w);
	start(&w);
	assert(!relay_is_idle(&w.relay, &timeout_ms) && timeout_ms == -1);
	w.relay.idle_limit_ms = 500;
	w.relay.used_ms = turn.now_ms - 400;
	assert(!relay_is_idle(&w.relay, &timeout_ms) && timeout_ms == 100);
	assert(type("x") == 1);
	assert(w.relay.used_ms == turn.now_ms);
	w.relay.used_ms = turn.now_ms - 500;
	assert(relay_is_idle(&w.relay, &timeout_ms));
	end(&w);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_ways();
	test_early_input();
	test_window();
	test_stalled();
	test_broken_input();
	test_flood();
	test_wrong_descriptor();
	test_tap();
	test_closed();
	test_idle();
	return 0;
}
