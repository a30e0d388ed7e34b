// SPDX-License-Identifier: Apache-2.0
/*
 * A client of the HTTP API that measures it and costs little itself: one
 * process, kept-alive connections to the Unix socket, no library.
 *
 *	api-load SOCKET CONNECTIONS SECONDS get SANDBOX
 *	api-load SOCKET CONNECTIONS SECONDS exec SANDBOX
 *	api-load SOCKET CONNECTIONS SECONDS cycle
 *	api-load SOCKET CONNECTIONS SECONDS life
 *	api-load - CONNECTIONS SECONDS floor
 *
 * `get` asks for one sandbox again and again, `exec` runs true in it, `cycle`
 * creates one and destroys it, `life` runs true in it before that. `floor`
 * measures this program alone: the same requests as get, against a child that
 * answers each with a text of the same size that it has ready. Each connection
 * has one request under way at a time. Prints
 *
 *	n=1234 p50_us=210 p95_us=340 p99_us=410 per_second=4711.2
 *
 * where a cycle or a life counts as one. Exits with 1 where anything was not
 * answered as it should be. contrib/bench runs it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "api_client.h"
#include "common/parse.h"

#define CONNECTIONS_MAX 1000
#define SECONDS_MAX	3600
#define SAMPLES_MAX	4000000
#define BUFFER_SIZE	8192
#define REQUEST_SIZE	512
/* No answer for so long is a hang. */
#define HANG_MS		60000
#define GET_REPLY_BYTES 318 /* of a sandbox, as text */

enum load { LOAD_GET, LOAD_EXEC, LOAD_CYCLE, LOAD_LIFE };

/* What is asked for next. */
enum step { STEP_FIRST, STEP_EXEC, STEP_DESTROY };

struct connection {
	int fd;
	bool is_busy;
	enum step step; /* that is under way */
	char path[64];	/* of what it created */
	char request[REQUEST_SIZE];
	char reply[BUFFER_SIZE];
	size_t n_reply;
	uint64_t started_us;
};

static enum load load;
static char get_path[64];
static const char run_true[] = "{\"argv\":[\"true\"]}";
static struct connection connections[CONNECTIONS_MAX];
static unsigned n_connections, n_busy;
static uint32_t *samples;
static size_t n_samples;
static uint64_t end_us;

/* Requests are small: a socket that does not take one at once is stuck. */
static void
ask(struct connection *c, const char *method, const char *path,
    const char *body)
{
	int n = snprintf(c->request, sizeof c->request,
	    "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n"
	    "%s\r\n%s",
	    method, path, strlen(body),
	    *body != '\0' ? "Content-Type: application/json\r\n" : "", body);

	if (n < 0 || (size_t)n >= sizeof c->request)
		die(path, "too long");
	c->n_reply = 0;
	if (send(c->fd, c->request, (size_t)n, MSG_NOSIGNAL) != n)
		die("send", strerror(errno));
}

static void
ask_exec(struct connection *c, const char *sandbox_path)
{
	char path[80];

	snprintf(path, sizeof path, "%s/exec", sandbox_path);
	ask(c, "POST", path, run_true);
}

/* The next of them, unless the time is over. */
static void
begin(struct connection *c)
{
	c->started_us = now_us();
	if (c->started_us >= end_us || n_samples + n_connections > SAMPLES_MAX)
		return;
	c->is_busy = true;
	c->step = STEP_FIRST;
	n_busy++;
	if (load == LOAD_GET)
		ask(c, "GET", get_path, "");
	else if (load == LOAD_EXEC)
		ask_exec(c, get_path);
	else
		ask(c, "POST", "/v1/sandboxes", "{}");
}

/* Bytes of the body, from the header; without one there is none. */
static size_t
body_size(const char *header)
{
	const char *at = strcasestr(header, "\r\ncontent-length:");

	if (strcasestr(header, "\r\ntransfer-encoding:") != NULL)
		die("reply", "chunked");
	return at == NULL ? 0 : strtoul(at + 17, NULL, 10);
}

/* The whole reply, or NULL where more of it is to come. */
static const char *
take_reply(struct connection *c)
{
	char *end;

	c->reply[c->n_reply] = '\0';
	end = strstr(c->reply, "\r\n\r\n");
	if (end == NULL)
		return NULL;
	end[2] = '\0';
	if (c->n_reply < (size_t)(end + 4 - c->reply) + body_size(c->reply)) {
		end[2] = '\r';
		return NULL;
	}
	if (strncmp(c->reply, "HTTP/1.1 2", 10) != 0)
		die(c->reply, end + 4);
	return end + 4;
}

/* What follows an answer; false: nothing does. */
static bool
go_on(struct connection *c, const char *body)
{
	const char *id = strstr(body, "\"id\":\"");

	if (load == LOAD_GET || load == LOAD_EXEC || c->step == STEP_DESTROY)
		return false;
	if (c->step == STEP_FIRST) {
		if (id == NULL)
			die("no id", body);
		snprintf(c->path, sizeof c->path, "/v1/sandboxes/%.*s",
		    (int)strcspn(id + 6, "\""), id + 6);
	}
	if (c->step == STEP_FIRST && load == LOAD_LIFE) {
		c->step = STEP_EXEC;
		ask_exec(c, c->path);
	} else {
		c->step = STEP_DESTROY;
		ask(c, "DELETE", c->path, "");
	}
	return true;
}

static void
on_readable(struct connection *c)
{
	const char *body;
	ssize_t n = recv(c->fd, c->reply + c->n_reply,
	    sizeof c->reply - 1 - c->n_reply, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die("hung up", n < 0 ? strerror(errno) : "end of file");
	c->n_reply += (size_t)n;
	if ((body = take_reply(c)) == NULL || go_on(c, body))
		return;
	samples[n_samples++] = (uint32_t)(now_us() - c->started_us);
	c->is_busy = false;
	n_busy--;
	begin(c);
}

static void
run(const char *path, unsigned seconds)
{
	static struct pollfd polled[CONNECTIONS_MAX];

	for (unsigned i = 0; i < n_connections; i++) {
		struct connection *c = &connections[i];

		c->fd = connect_to(path);
		polled[i] = (struct pollfd){.fd = c->fd, .events = POLLIN};
	}
	end_us = now_us() + (uint64_t)seconds * 1000000;
	for (unsigned i = 0; i < n_connections; i++)
		begin(&connections[i]);
	while (n_busy > 0) {
		int n = poll(polled, n_connections, HANG_MS);

		if (n == 0)
			die(path, "no answer");
		for (unsigned i = 0; n > 0 && i < n_connections; i++)
			if (polled[i].revents != 0 && connections[i].is_busy)
				on_readable(&connections[i]);
	}
}

/* Answers each request that is wholly there; gets have no body. */
static void
answer_floor(int listener)
{
	static struct pollfd polled[CONNECTIONS_MAX + 1];
	char text[BUFFER_SIZE], request[BUFFER_SIZE];
	int length = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%*s",
	    GET_REPLY_BYTES, GET_REPLY_BYTES, "{}");
	nfds_t n = 1;

	polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
	while (poll(polled, n, -1) > 0) {
		for (nfds_t i = 1; i < n; i++)
			if (polled[i].revents != 0 &&
			    (recv(polled[i].fd, request, sizeof request,
			    0) <= 0 || send(polled[i].fd, text,
			    (size_t)length, MSG_NOSIGNAL) != length))
				_exit(0);
		if (polled[0].revents != 0 && n <= CONNECTIONS_MAX)
			polled[n++] = (struct pollfd){
			    .fd = accept(listener, NULL, NULL),
			    .events = POLLIN};
	}
}

static void
run_floor(unsigned seconds)
{
	char folder[] = "/tmp/api-load-XXXXXX", path[64];
	struct sockaddr_un address;
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	if (listener < 0 || mkdtemp(folder) == NULL)
		die("floor", strerror(errno));
	snprintf(path, sizeof path, "%s/socket", folder);
	address_of(path, &address);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(listener, CONNECTIONS_MAX) < 0 || (pid = fork()) < 0)
		die(path, strerror(errno));
	if (pid == 0) {
		answer_floor(listener);
		_exit(0);
	}
	run(path, seconds);
	kill(pid, SIGTERM);
	unlink(path);
	rmdir(folder);
}

int
main(int argc, char **argv)
{
	uint64_t start_us = now_us(), took_us, n, seconds;
	bool is_floor = argc == 5 && strcmp(argv[4], "floor") == 0;

	if (argc == 5 && strcmp(argv[4], "cycle") == 0)
		load = LOAD_CYCLE;
	else if (argc == 5 && strcmp(argv[4], "life") == 0)
		load = LOAD_LIFE;
	else if (argc == 6 && strcmp(argv[4], "exec") == 0)
		load = LOAD_EXEC;
	else if (argc != 6 && !is_floor)
		die("usage", "SOCKET CONNECTIONS SECONDS get SANDBOX | "
		    "exec SANDBOX | cycle | life");
	if (parse_u64(argv[2], &n) < 0 || n < 1 || n > CONNECTIONS_MAX ||
	    parse_u64(argv[3], &seconds) < 0 || seconds > SECONDS_MAX)
		die("usage", "CONNECTIONS 1 to 1000, SECONDS 1 to 3600");
	n_connections = (unsigned)n;
	snprintf(get_path, sizeof get_path, "/v1/sandboxes/%.40s",
	    argc == 6 ? argv[5] : "sb_000000000000");
	samples = calloc(SAMPLES_MAX, sizeof *samples);
	if (samples == NULL)
		die("samples", "no memory");
	if (is_floor)
		run_floor((unsigned)seconds);
	else
		run(argv[1], (unsigned)seconds);
	took_us = now_us() - start_us;
	if (n_samples == 0)
		die("samples", "none");
	qsort(samples, n_samples, sizeof *samples, compare_samples);
	printf("n=%zu p50_us=%u p95_us=%u p99_us=%u per_second=%.1f\n",
	    n_samples, samples[n_samples / 2], samples[n_samples * 95 / 100],
	    samples[n_samples * 99 / 100],
	    (double)n_samples * 1e6 / (double)took_us);
	free(samples);
	return 0;
}
