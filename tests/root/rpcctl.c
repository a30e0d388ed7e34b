// SPDX-License-Identifier: Apache-2.0
/*
 * sandboxd's calls from a shell, for tests:
 *
 *	rpcctl SOCKET ORG status | create [KEY=VALUE...] | list | templates
 *	rpcctl SOCKET ORG get ID | destroy ID | attach ID
 *	rpcctl SOCKET ORG pause ID | resume ID | suspend ID
 *	rpcctl SOCKET ORG refresh ID [SECONDS] | times ID
 *	rpcctl SOCKET ORG recall ID | destroyed
 *	rpcctl SOCKET ORG exec ID [-u USER] COMMAND
 *	rpcctl SOCKET ORG bench N
 *	rpcctl SOCKET ORG raw NUMBER
 *
 * KEY is name, template, memory, pids, cpu, disk, ephemeral, byhand, ttl, hard,
 * idle, expiry or env.NAME. exec has the command's exit status, 128 + signal,
 * or 125 for failures of its own.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/parse.h"
#include "common/rpc_calls.h"

#define EXIT_OWN_FAILURE 125

static void die(const struct err *err) __attribute__((noreturn));

static void
die(const struct err *err)
{
	fprintf(stderr, "rpcctl: %s (%s)\n", err->text, strerror(err->code));
	exit(EXIT_OWN_FAILURE);
}

static int
dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		perror(path);
		exit(EXIT_OWN_FAILURE);
	}
	return fd;
}

static int
open_capability(int admin_fd, const char *org)
{
	const struct rpc_cap_open_req request = {.org = org, .sandbox_id = "",
	    .rights = RPC_RIGHTS_API, .audit = "rpcctl"};
	struct rpc_cap_open_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_cap_open(admin_fd, &request, &reply, &message, &err) < 0)
		die(&err);
	return take_fd(&message.fds[0]);
}

static void
print_sandbox(const struct rpc_sandbox_info *info)
{
	printf("%s %s %s %s %s mem=%llu pids=%u cpu=%u disk=%llu oom=%u%s%s\n",
	    info->id, info->state, info->template_name, info->address,
	    info->name, (unsigned long long)info->memory_limit_bytes,
	    info->pids_limit, info->cpu_limit_millis,
	    (unsigned long long)info->disk_limit_bytes, info->oom_kills,
	    info->reason[0] != '\0' ? " because: " : "", info->reason);
	if (info->cause[0] != '\0')
		printf("%s %s: %s\n", info->id,
		    info->ended_ms > 0 ? "ended" : "lives", info->cause);
}

static void
print_bytes(struct rpc_bytes bytes)
{
	while (bytes.size > 0) {
		struct rpc_sandbox_info info;
		size_t used;

		if (rpc_decode(&rpc_layout_sandbox_info, bytes.data,
		    bytes.size, &info, &used) < 0)
			exit(EXIT_OWN_FAILURE);
		print_sandbox(&info);
		bytes.data += used;
		bytes.size -= (uint32_t)used;
	}
}

static struct rpc_sandbox_lifetime lifetime = {.on_expiry = ""};

static void
read_argument(struct rpc_sandbox_create_req *request, char *argument,
    char *env, size_t env_room)
{
	char *value = strchr(argument, '=');
	uint64_t number = 0;

	if (value == NULL)
		exit(EXIT_OWN_FAILURE);
	if (strncmp(argument, "env.", 4) == 0) {
		size_t size = strlen(argument + 4) + 1;

		if (request->env.size + size > env_room)
			exit(EXIT_OWN_FAILURE);
		memcpy(env + request->env.size, argument + 4, size);
		request->env.data = env;
		request->env.size += (uint32_t)size;
		return;
	}
	*value++ = '\0';
	if (strcmp(argument, "name") == 0)
		request->name = value;
	else if (strcmp(argument, "template") == 0)
		request->template_name = value;
	else if (strcmp(argument, "expiry") == 0)
		lifetime.on_expiry = value;
	else if (parse_size(value, &number) < 0)
		exit(EXIT_OWN_FAILURE);
	else if (strcmp(argument, "ttl") == 0)
		lifetime.ttl_s = number;
	else if (strcmp(argument, "hard") == 0)
		lifetime.hard_ttl_s = number;
	else if (strcmp(argument, "idle") == 0)
		lifetime.idle_timeout_s = number;
	else if (strcmp(argument, "memory") == 0)
		request->memory_limit_bytes = number;
	else if (strcmp(argument, "pids") == 0)
		request->pids_limit = (uint32_t)number;
	else if (strcmp(argument, "cpu") == 0)
		request->cpu_limit_millis = (uint32_t)number;
	else if (strcmp(argument, "disk") == 0)
		request->disk_limit_bytes = number;
	else if (strcmp(argument, "ephemeral") == 0)
		request->is_ephemeral = (uint32_t)number;
	else if (strcmp(argument, "byhand") == 0)
		request->is_resumed_by_hand = (uint32_t)number;
	else
		exit(EXIT_OWN_FAILURE);
}

static int
do_create(int fd, int argc, char **argv)
{
	struct rpc_sandbox_create_req request = {0};
	struct rpc_sandbox_create_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};
	uint8_t time[128];
	char env[4096];
	ptrdiff_t n;

	for (int i = 0; i < argc; i++)
		read_argument(&request, argv[i], env, sizeof env);
	n = rpc_encode(&rpc_layout_sandbox_lifetime, &lifetime, time,
	    sizeof time);
	if (n < 0)
		exit(EXIT_OWN_FAILURE);
	request.lifetime = (struct rpc_bytes){time, (uint32_t)n};
	if (rpc_sandbox_create(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	print_bytes(reply.sandbox);
	return 0;
}

static int
do_list(int fd)
{
	struct rpc_sandbox_list_req request = {.after = ""};
	struct rpc_sandbox_list_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_list(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	print_bytes(reply.sandboxes);
	if (reply.more)
		puts("...");
	return 0;
}

static int
do_get(int fd, const char *id)
{
	const struct rpc_sandbox_get_req request = {.id = id};
	struct rpc_sandbox_get_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_get(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	print_bytes(reply.sandbox);
	return 0;
}

static int
do_recall(int fd, const char *id)
{
	const struct rpc_sandbox_get_req request = {.id = id};
	struct rpc_sandbox_get_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_recall(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	print_bytes(reply.sandbox);
	return 0;
}

static int
do_destroyed(int fd)
{
	const struct rpc_sandbox_list_req request = {.after = ""};
	struct rpc_sandbox_list_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_tombstone_list(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	print_bytes(reply.sandboxes);
	if (reply.more)
		puts("...");
	return 0;
}

static int
do_power(int fd, const char *verb, const char *id)
{
	const struct rpc_sandbox_resume_req resume = {.id = id};
	const struct rpc_sandbox_get_req rest = {.id = id};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_sandbox_get_rep reply;
	struct err err = {0};
	int r;

	if (strcmp(verb, "resume") == 0)
		r = rpc_sandbox_resume(fd, &resume, &reply, &message, &err);
	else if (strcmp(verb, "pause") == 0)
		r = rpc_sandbox_pause(fd, &rest, &reply, &message, &err);
	else
		r = rpc_sandbox_suspend(fd, &rest, &reply, &message, &err);
	if (r < 0)
		die(&err);
	print_bytes(reply.sandbox);
	return 0;
}

static int
do_refresh(int fd, const char *id, const char *seconds)
{
	const struct rpc_sandbox_refresh_req request = {.id = id,
	    .duration_s = seconds != NULL ? strtoull(seconds, NULL, 10) : 0};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_sandbox_get_rep reply;
	struct err err = {0};

	if (rpc_sandbox_refresh(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	print_bytes(reply.sandbox);
	return 0;
}

/* Its state and, in Unix milliseconds, its times. */
static int
do_times(int fd, const char *id)
{
	const struct rpc_sandbox_get_req request = {.id = id};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_sandbox_get_rep reply;
	struct rpc_sandbox_info info;
	struct err err = {0};

	if (rpc_sandbox_get(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	if (rpc_decode(&rpc_layout_sandbox_info, reply.sandbox.data,
	    reply.sandbox.size, &info, NULL) < 0)
		exit(EXIT_OWN_FAILURE);
	printf("%s %llu %llu %llu %s %s/%u %s/%u %s\n", info.state,
	    (unsigned long long)info.expires_ms,
	    (unsigned long long)info.hard_expires_ms,
	    (unsigned long long)info.last_activity_ms,
	    info.last_activity_kind, info.power_desired,
	    info.desired_generation, info.power_observed,
	    info.observed_generation, info.power_phase);
	return 0;
}

static int
do_destroy(int fd, const char *id)
{
	const struct rpc_sandbox_destroy_req request = {.id = id};
	struct rpc_sandbox_destroy_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_destroy(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	return 0;
}

static int
attach(int fd, const char *id)
{
	const struct rpc_sandbox_attach_req request = {.id = id};
	struct rpc_sandbox_attach_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_sandbox_attach(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	return take_fd(&message.fds[0]);
}

/* Copies what is there; false at the end. */
static bool
copy(int from, int to)
{
	char buffer[65536];
	ssize_t n = read(from, buffer, sizeof buffer);

	return n > 0 && fd_write_all(to, buffer, (size_t)n) == 0;
}

static void
copy_output(int out_fd, int error_fd)
{
	struct pollfd fds[2] = {{out_fd, POLLIN, 0}, {error_fd, POLLIN, 0}};

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, -1) < 0)
			return;
		for (int i = 0; i < 2; i++)
			if (fds[i].revents != 0 && !copy(fds[i].fd, i + 1))
				fds[i].fd = -1;
	}
}

static int
wait_exit(int init_fd)
{
	for (;;) {
		auto_rpc_message struct rpc_message message = {0};
		struct rpc_exited_event event;

		if (rpc_receive(init_fd, &message, 0) <= 0)
			return EXIT_OWN_FAILURE;
		if (rpc_open_request(&rpc_call_exited, &message, &event) < 0)
			continue;
		return WIFSIGNALED(event.wait_status) ?
		    128 + WTERMSIG(event.wait_status) :
		    WEXITSTATUS(event.wait_status);
	}
}

static int
do_exec(int fd, const char *id, int argc, char **argv)
{
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_COMMAND,
	    .user = "root"};
	struct rpc_spawn_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};
	int init_fd;

	if (argc == 3 && strcmp(argv[0], "-u") == 0) {
		request.user = argv[1];
		argv += 2;
		argc -= 2;
	}
	if (argc != 1)
		return EXIT_OWN_FAILURE;
	request.command = argv[0];
	init_fd = attach(fd, id);
	if (rpc_spawn(init_fd, &request, &reply, &message, &err) < 0)
		die(&err);
	fd_close(&message.fds[0]);
	copy_output(message.fds[1], message.fds[2]);
	return wait_exit(init_fd);
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* /bin/true on a connection that is open, without a shell; until its end. */
static void
spawn_true(int init_fd)
{
	static const char program[] = "/bin/true";
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_ARGV,
	    .argv = {program, sizeof program, 1}, .cwd = "/"};
	struct rpc_spawn_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_spawn(init_fd, &request, &reply, &message, &err) < 0)
		die(&err);
	(void)wait_exit(init_fd);
}

/* create, attach and exec by a shell, spawn, destroy; n times, medians. */
static int
do_bench(int fd, int n)
{
	static double times[4][1000];

	if (n < 1 || n > 1000)
		return EXIT_OWN_FAILURE;
	for (int i = 0; i < n; i++) {
		struct rpc_sandbox_create_req request = {0};
		struct rpc_sandbox_create_rep reply;
		auto_rpc_message struct rpc_message message = {0};
		struct rpc_sandbox_info info;
		char command[] = "exec true", *argv[] = {command};
		struct err err = {0};
		size_t used;
		double start = now_ms();

		if (rpc_sandbox_create(fd, &request, &reply, &message,
		    &err) < 0)
			die(&err);
		times[0][i] = now_ms() - start;
		if (rpc_decode(&rpc_layout_sandbox_info, reply.sandbox.data,
		    reply.sandbox.size, &info, &used) < 0)
			return EXIT_OWN_FAILURE;
		start = now_ms();
		if (do_exec(fd, info.id, 1, argv) != 0)
			return EXIT_OWN_FAILURE;
		times[1][i] = now_ms() - start;
		auto_close int init_fd = attach(fd, info.id);

		start = now_ms();
		spawn_true(init_fd);
		times[2][i] = now_ms() - start;
		start = now_ms();
		do_destroy(fd, info.id);
		times[3][i] = now_ms() - start;
	}
	for (int i = 0; i < 4; i++) {
		static const char *const names[] = {"create", "exec", "spawn",
		    "destroy"};

		qsort(times[i], (size_t)n, sizeof(double), compare);
		printf("%s p50=%.2fms p95=%.2fms min=%.2fms\n", names[i],
		    times[i][n / 2], times[i][n * 95 / 100], times[i][0]);
	}
	return 0;
}

static int
do_templates(int fd)
{
	const struct rpc_template_list_req request = {};
	struct rpc_template_list_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};
	const char *name;

	if (rpc_template_list(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	while ((name = rpc_strv_next(&reply.names)) != NULL)
		puts(name);
	return 0;
}

static int
do_status(int fd)
{
	const struct rpc_host_status_req request = {};
	struct rpc_host_status_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};

	if (rpc_host_status(fd, &request, &reply, &message, &err) < 0)
		die(&err);
	printf("version=%s sandboxes=%u max=%u cgroups=%s disks=%s\n",
	    reply.version, reply.sandboxes, reply.sandboxes_max,
	    reply.cgroup_backend, reply.disk_backend);
	return 0;
}

/* A bare header of some number: prints what became of the connection. */
static int
do_raw(int fd, const char *number)
{
	struct rpc_header header = {.number = (uint16_t)atoi(number)};
	char buffer[4096];
	ssize_t n;

	if (fd_send(fd, &header, sizeof header, NULL, 0, 0) < 0)
		return EXIT_OWN_FAILURE;
	n = recv(fd, buffer, sizeof buffer, 0);
	puts(n > 0 ? "answered" : "dropped");
	return 0;
}

int
main(int argc, char **argv)
{
	const char *verb = argc > 3 ? argv[3] : "";
	int fd;

	if (argc < 4) {
		fputs("usage: rpcctl SOCKET ORG VERB [ARGUMENT...]\n", stderr);
		return EXIT_OWN_FAILURE;
	}
	fd = open_capability(dial(argv[1]), argv[2]);
	if (strcmp(verb, "create") == 0)
		return do_create(fd, argc - 4, argv + 4);
	if (strcmp(verb, "list") == 0)
		return do_list(fd);
	if (strcmp(verb, "templates") == 0)
		return do_templates(fd);
	if (strcmp(verb, "status") == 0)
		return do_status(fd);
	if (strcmp(verb, "get") == 0 && argc == 5)
		return do_get(fd, argv[4]);
	if (strcmp(verb, "recall") == 0 && argc == 5)
		return do_recall(fd, argv[4]);
	if (strcmp(verb, "destroyed") == 0)
		return do_destroyed(fd);
	if (strcmp(verb, "refresh") == 0 && argc >= 5)
		return do_refresh(fd, argv[4], argc > 5 ? argv[5] : NULL);
	if (strcmp(verb, "times") == 0 && argc == 5)
		return do_times(fd, argv[4]);
	if (argc == 5 && (strcmp(verb, "pause") == 0 ||
	    strcmp(verb, "resume") == 0 || strcmp(verb, "suspend") == 0))
		return do_power(fd, verb, argv[4]);
	if (strcmp(verb, "destroy") == 0 && argc == 5)
		return do_destroy(fd, argv[4]);
	if (strcmp(verb, "attach") == 0 && argc == 5)
		return attach(fd, argv[4]) < 0;
	if (strcmp(verb, "exec") == 0 && argc > 5)
		return do_exec(fd, argv[4], argc - 5, argv + 5);
	if (strcmp(verb, "bench") == 0 && argc == 5)
		return do_bench(fd, atoi(argv[4]));
	if (strcmp(verb, "raw") == 0 && argc == 5)
		return do_raw(fd, argv[4]);
	fprintf(stderr, "rpcctl: %s: unknown verb\n", verb);
	return EXIT_OWN_FAILURE;
}
