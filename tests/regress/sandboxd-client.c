// SPDX-License-Identifier: Apache-2.0
/*
 * Speaks to sandboxd's own socket and to init, as root, for tests/regress and
 * contrib/bench: a second organisation's sandboxes, and times without an SSH
 * connection in between.
 *
 *	sandboxd-client SOCKET create|get|destroy|exec|time-create|time-exec ORG
 *	    [ID | COUNT] ...
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"
#include "common/rpc_calls.h"

/* /bin/echo: its first byte of output stands for its first instruction. */
static const char bench_argv[] = "/bin/echo\0x";

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
connect_sandboxd(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path)
		fatal("%s: path too long", path);
	strcpy(address.sun_path, path);
	if (sock < 0 ||
	    connect(sock, (void *)&address, sizeof address) < 0)
		fatal("%s: %s", path, strerror(errno));
	return sock;
}

static int
open_capability(int admin, const char *org)
{
	struct rpc_cap_open_req req = {.org = org, .sandbox_id = "",
	    .rights = RPC_RIGHTS_API, .audit = "sandboxd-client"};
	struct rpc_cap_open_rep rep;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_cap_open(admin, &req, &rep, &message, &err) < 0)
		fatal("cap_open: %s", err.text);
	return take_fd(&message.fds[0]);
}

static void
create(int cap, char id[SANDBOX_ID_SIZE])
{
	struct rpc_sandbox_create_req req = {.name = "", .template_name = "",
	    .size = ""};
	struct rpc_sandbox_create_rep rep;
	struct rpc_sandbox_info info;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_create(cap, &req, &rep, &message, &err) < 0)
		fatal("create: %s", err.text);
	if (rpc_decode(&rpc_layout_sandbox_info, rep.sandbox.data,
	    rep.sandbox.size, &info, NULL) < 0)
		fatal("create: the answer holds no sandbox");
	snprintf(id, SANDBOX_ID_SIZE, "%s", info.id);
}

static void
get(int cap, const char *id)
{
	struct rpc_sandbox_get_req req = {.id = id};
	struct rpc_sandbox_get_rep rep;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_get(cap, &req, &rep, &message, &err) < 0)
		fatal("get %s: %s", id, err.text);
}

static void
destroy(int cap, const char *id)
{
	struct rpc_sandbox_destroy_req req = {.id = id};
	struct rpc_sandbox_destroy_rep rep;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_destroy(cap, &req, &rep, &message, &err) < 0)
		fatal("destroy %s: %s", id, err.text);
}

static int
attach(int cap, const char *id)
{
	struct rpc_sandbox_attach_req req = {.id = id};
	struct rpc_sandbox_attach_rep rep;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_attach(cap, &req, &rep, &message, &err) < 0)
		fatal("attach %s: %s", id, err.text);
	return take_fd(&message.fds[0]);
}

/* Runs argv (NUL after NUL) inside, its output to ours. Returns its exit
 * status, and in *ret_first_ms when its first byte came. */
static int
run(int init, const char *argv, size_t size, unsigned count,
    double *ret_first_ms)
{
	struct rpc_spawn_req req = {.kind = INIT_SPAWN_ARGV, .user = "",
	    .command = "", .cwd = "/", .term = "",
	    .argv = {.data = argv, .size = (uint32_t)size, .count = count}};
	struct rpc_spawn_rep rep;
	auto_rpc_message struct rpc_message message = {0}, event = {0};
	struct rpc_exited_event exited;
	struct err err = {0};
	char buffer[4096];
	ssize_t n;

	if (rpc_spawn(init, &req, &rep, &message, &err) < 0)
		fatal("spawn: %s", err.text);
	fd_close(&message.fds[0]);
	*ret_first_ms = 0;
	while ((n = read(message.fds[1], buffer, sizeof buffer)) > 0) {
		if (*ret_first_ms == 0)
			*ret_first_ms = now_ms();
		else if (fd_write_all(STDOUT_FILENO, buffer, (size_t)n) < 0)
			fatal("cannot write");
	}
	if (rpc_receive(init, &event, 0) <= 0 ||
	    rpc_open_request(&rpc_call_exited, &event, &exited) < 0)
		fatal("no exit status came");
	if (WIFEXITED(exited.wait_status))
		return WEXITSTATUS(exited.wait_status);
	return 128 + WTERMSIG(exited.wait_status);
}

static void
time_one(int init, double start_ms)
{
	double first_ms;

	if (run(init, bench_argv, sizeof bench_argv, 2, &first_ms) != 0 ||
	    first_ms == 0)
		fatal("/bin/echo failed inside");
	printf("%.3f\n", first_ms - start_ms);
}

static void
time_creates(int cap, uint64_t count)
{
	char id[SANDBOX_ID_SIZE];

	for (uint64_t i = 0; i < count; i++) {
		double start_ms = now_ms();

		create(cap, id);
		auto_close int init = attach(cap, id);
		time_one(init, start_ms);
		fd_close(&init);
		init = -1;
		destroy(cap, id);
	}
}

static void
time_execs(int cap, const char *id, uint64_t count)
{
	auto_close int init = attach(cap, id);

	for (uint64_t i = 0; i < count; i++)
		time_one(init, now_ms());
}

static uint64_t
parse_count(const char *text)
{
	uint64_t count;

	if (text == NULL || parse_u64(text, &count) < 0)
		fatal("COUNT: \"%s\" is not a number", text ? text : "");
	return count;
}

int
main(int argc, char **argv)
{
	char id[SANDBOX_ID_SIZE];
	double first_ms;

	log_init("sandboxd-client", LOG_LEVEL_INFO);
	if (argc < 4)
		fatal("usage: sandboxd-client SOCKET VERB ORG [ID | COUNT]");
	auto_close int admin = connect_sandboxd(argv[1]);
	auto_close int cap = open_capability(admin, argv[3]);
	const char *verb = argv[2], *argument = argc > 4 ? argv[4] : "";

	if (strcmp(verb, "create") == 0) {
		create(cap, id);
		puts(id);
	} else if (strcmp(verb, "get") == 0) {
		get(cap, argument);
	} else if (strcmp(verb, "destroy") == 0) {
		destroy(cap, argument);
	} else if (strcmp(verb, "exec") == 0 && argc > 5) {
		auto_close int init = attach(cap, argument);
		const char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;

		/* The strings of argv lie one after the other. */
		return run(init, argv[5], (size_t)(end - argv[5]),
		    (unsigned)(argc - 5), &first_ms);
	} else if (strcmp(verb, "time-create") == 0) {
		time_creates(cap, parse_count(argument));
	} else if (strcmp(verb, "time-exec") == 0 && argc > 5) {
		time_execs(cap, argument, parse_count(argv[5]));
	} else {
		fatal("%s: not create, get, destroy, exec, time-create or "
		    "time-exec, or too few arguments", verb);
	}
	return 0;
}
