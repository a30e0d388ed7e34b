// SPDX-License-Identifier: Apache-2.0
/*
 * Creates that come all at once, and the first command in each: one process,
 * kept-alive connections to the API's Unix socket, no library.
 *
 *	api-burst SOCKET N ROUNDS [PAUSE_MS]
 *
 * In each round N connections, which have been used before, ask for a sandbox
 * in the same moment, and for `true` in it as soon as they have it; then all
 * are destroyed, and PAUSE_MS go by, in which a pool can be filled. Prints, of
 * all rounds,
 *
 *	n=100 ok=100 create_p50_us=.. create_p99_us=.. first_p50_us=..
 *	first_p99_us=.. wall_us=.. fork_us=..
 *
 * in one line: first is from the asking for the sandbox to the end of the
 * command, wall from the first asking to the last end, the median of rounds,
 * fork a bare fork and exec of `true`, the median of as many. Exits with 1
 * where one of them was refused. contrib/bench runs it.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "api_client.h"
#include "common/parse.h"

#define N_MAX	    1000
#define ROUNDS_MAX  1000
#define BUFFER_SIZE 8192
/* No answer for so long is a hang. */
#define HANG_MS	    60000

enum step { STEP_WARM, STEP_CREATE, STEP_FIRST, STEP_DESTROY, N_STEPS };

struct connection {
	int fd;
	bool is_done;
	char id[SANDBOX_ID_SIZE];
	char reply[BUFFER_SIZE];
	size_t n_reply;
	uint64_t asked_us;
};

static struct connection connections[N_MAX];
static struct pollfd polled[N_MAX];
static unsigned n_connections;
static uint32_t *samples[N_STEPS]; /* of create and first */
static size_t n_samples[N_STEPS];
static unsigned n_refused;

static void
ask(struct connection *c, enum step step)
{
	static const char exec[] = "{\"argv\":[\"true\"]}";
	char path[64] = "/v1/sandboxes", request[512];
	const char *method = step == STEP_WARM ? "GET" :
	    step == STEP_DESTROY ? "DELETE" : "POST";
	const char *body = step == STEP_CREATE ? "{}" :
	    step == STEP_FIRST ? exec : "";
	int n;

	if (step == STEP_FIRST || step == STEP_DESTROY)
		snprintf(path, sizeof path, "/v1/sandboxes/%s%s", c->id,
		    step == STEP_FIRST ? "/exec" : "");
	n = snprintf(request, sizeof request,
	    "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n"
	    "%s\r\n%s", method, path, strlen(body), *body != '\0' ?
	    "Content-Type: application/json\r\n" : "", body);
	c->n_reply = 0;
	c->is_done = false;
	if (send(c->fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		die("send", strerror(errno));
}

/* Whether the reply is whole; its body is in what was read last. */
static bool
is_whole(const struct connection *c)
{
	const char *end = strstr(c->reply, "\r\n\r\n");
	const char *at = strcasestr(c->reply, "\r\ncontent-length:");

	return end != NULL && c->n_reply >= (size_t)(end + 4 - c->reply) +
	    (at == NULL ? 0 : strtoul(at + 17, NULL, 10));
}

static bool
is_good(const struct connection *c, enum step step)
{
	if (strncmp(c->reply, "HTTP/1.1 2", 10) != 0)
		return false;
	return step != STEP_FIRST ||
	    strstr(c->reply, "\"exit_code\":0") != NULL;
}

static void
take_id(struct connection *c)
{
	const char *id = strstr(c->reply, "\"id\":\"");

	if (id == NULL)
		die("no id", c->reply);
	snprintf(c->id, sizeof c->id, "%.*s", (int)strcspn(id + 6, "\""),
	    id + 6);
}

static void
add_sample(const struct connection *c, enum step step)
{
	samples[step][n_samples[step]++] = (uint32_t)(now_us() - c->asked_us);
}

/* A create goes on to its first command; the rest are done when answered. */
static void
on_reply(struct connection *c, enum step *step)
{
	const bool is_refused = !is_good(c, *step);

	if (is_refused && n_refused++ == 0)
		fprintf(stderr, "api-burst: %.500s\n", c->reply);
	if (*step == STEP_CREATE || *step == STEP_FIRST)
		add_sample(c, *step);
	if (*step == STEP_CREATE && !is_refused) {
		take_id(c);
		*step = STEP_FIRST;
		ask(c, STEP_FIRST);
		return;
	}
	c->is_done = true;
}

static void
on_readable(struct connection *c, enum step *step)
{
	ssize_t n = recv(c->fd, c->reply + c->n_reply,
	    sizeof c->reply - 1 - c->n_reply, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die("hung up", n < 0 ? strerror(errno) : "end of file");
	c->n_reply += (size_t)n;
	c->reply[c->n_reply] = '\0';
	if (is_whole(c))
		on_reply(c, step);
}

/* Asks on all connections at once, and returns when all are done. */
static void
run(enum step first)
{
	static enum step steps[N_MAX];
	unsigned n_done = 0;

	for (unsigned i = 0; i < n_connections; i++) {
		connections[i].asked_us = now_us();
		steps[i] = first;
		ask(&connections[i], first);
	}
	while (n_done < n_connections) {
		if (poll(polled, n_connections, HANG_MS) == 0)
			die("poll", "no answer");
		n_done = 0;
		for (unsigned i = 0; i < n_connections; i++) {
			if (polled[i].revents != 0 && !connections[i].is_done)
				on_readable(&connections[i], &steps[i]);
			n_done += connections[i].is_done;
		}
	}
}

static void
open_all(const char *path)
{
	for (unsigned i = 0; i < n_connections; i++) {
		connections[i].fd = connect_to(path);
		polled[i] = (struct pollfd){.fd = connections[i].fd,
		    .events = POLLIN};
	}
}

static uint32_t
percentile(uint32_t *values, size_t n, size_t percent)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof *values, compare_samples);
	return values[(n - 1) * percent / 100];
}

static uint32_t
fork_and_exec_us(void)
{
	const uint64_t since_us = now_us();
	const pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		die("fork", strerror(errno));
	return (uint32_t)(now_us() - since_us);
}

static void
print_all(uint32_t *walls, uint32_t *forks, unsigned rounds)
{
	uint32_t *create = samples[STEP_CREATE], *first = samples[STEP_FIRST];
	const size_t n_create = n_samples[STEP_CREATE],
	    n_first = n_samples[STEP_FIRST];

	printf("n=%zu ok=%zu create_p50_us=%u create_p99_us=%u "
	    "first_p50_us=%u first_p99_us=%u wall_us=%u fork_us=%u\n",
	    n_create, n_first, percentile(create, n_create, 50),
	    percentile(create, n_create, 99), percentile(first, n_first, 50),
	    percentile(first, n_first, 99), percentile(walls, rounds, 50),
	    percentile(forks, rounds, 50));
}

static unsigned
number(const char *text, unsigned max)
{
	unsigned long value = strtoul(text, NULL, 10);

	if (value == 0 || value > max)
		die(text, "not a number from 1 to the most there may be");
	return (unsigned)value;
}

int
main(int argc, char **argv)
{
	static uint32_t walls[ROUNDS_MAX], forks[ROUNDS_MAX];
	struct timespec pause = {0};
	unsigned rounds, pause_ms;

	if (argc != 4 && argc != 5)
		die("usage", "api-burst SOCKET N ROUNDS [PAUSE_MS]");
	n_connections = number(argv[2], N_MAX);
	rounds = number(argv[3], ROUNDS_MAX);
	pause_ms = argc == 5 ? number(argv[4], HANG_MS) : 0;
	pause.tv_sec = pause_ms / 1000;
	pause.tv_nsec = pause_ms % 1000 * 1000000L;
	for (int step = STEP_CREATE; step <= STEP_FIRST; step++)
		if ((samples[step] = calloc((size_t)n_connections * rounds,
		    sizeof *samples[step])) == NULL)
			die("samples", strerror(errno));
	open_all(argv[1]);
	run(STEP_WARM);
	for (unsigned i = 0; i < rounds; i++) {
		const uint64_t since_us = now_us();

		run(STEP_CREATE);
		walls[i] = (uint32_t)(now_us() - since_us);
		if (n_refused > 0)
			return 1;
		run(STEP_DESTROY);
		forks[i] = fork_and_exec_us();
		(void)nanosleep(&pause, NULL);
	}
	print_all(walls, forks, rounds);
	return n_refused > 0 ? 1 : 0;
}
