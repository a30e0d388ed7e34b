// SPDX-License-Identifier: Apache-2.0
/*
 * Does with a session's sockets what an attacker inside the session could:
 * takes a copy of each (as root, by pidfd_getfd) while the process is stopped,
 * and asks on all of them for what it must not have.
 *
 *	stolen-sockets PID REQUEST [ARGUMENT] [< PUBLIC-KEY-BLOB]
 *
 * prints "worked" where any of them grants it, else "refused" and each answer.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/log.h"
#include "common/rpc_calls.h"
#include "gateway/protocol/broker_calls.h"

#define FD_NUMBERS_MAX	 256
#define ANSWER_TIMEOUT_S 3
#define TAKEN_SOCKETS_MAX 16
#define KEY_SIZE_MAX	 8192

static struct rpc_sandbox_get_req get = {.id = ""};
static struct rpc_sandbox_attach_req attach = {.id = ""};
static struct rpc_sandbox_destroy_req destroy = {.id = ""};
static struct rpc_sandbox_create_req create = {.name = "", .size = "",
    .template_name = ""};
static struct rpc_sandbox_list_req list = {.after = ""};
static struct rpc_cap_open_req cap_open = {.org = "default", .sandbox_id = "",
    .rights = RPC_RIGHTS_API, .audit = "stolen"};
static struct rpc_auth_secret_req auth_secret = {.user = "", .secret = {0}};
static struct rpc_auth_publickey_req auth_publickey = {.user = "",
    .signed_data = {(const uint8_t *)"x", 1},
    .signature = {(const uint8_t *)"x", 1}};
static struct rpc_token_create_req token_create = {.identity = 1,
    .name = "stolen"};
static struct rpc_lobby_run_req lobby_run = {.command = "list"};
static struct rpc_api_auth_token_req api_auth_token = {.token = "sg_x"};
static struct rpc_record_open_req record_open = {.command = "", .term = ""};
static struct rpc_recording_get_req recording_get = {.identity = 1,
    .id = ""};
static struct rpc_org_set_req org_set = {.identity = 1, .recording = 1};
static struct rpc_org_remove_req org_remove = {.identity = 1,
    .name = "default", .must = 1};
static struct rpc_user_req user_add = {.identity = 1, .name = "stolen",
    .role = "admin"};
static struct rpc_cap_end_req cap_end = {.org = "default"};
static struct rpc_spawn_req shell = {.kind = INIT_SPAWN_SHELL};
static struct rpc_spawn_req sftp = {.kind = INIT_SPAWN_SFTP};
static struct rpc_dial_tcp_req dial_tcp = {.host = "127.0.0.1", .port = 1};
static struct rpc_init_setup_req init_setup = {.hostname = "taken",
    .resolv_conf = ""};

/* Where ARGUMENT goes is a field that names what is asked for, or nowhere. */
static const struct request {
	const char *name;
	const struct rpc_call *call;
	void *data;
	const char **argument;
} requests[] = {
    {"get", &rpc_call_sandbox_get, &get, &get.id},
    {"attach", &rpc_call_sandbox_attach, &attach, &attach.id},
    {"destroy", &rpc_call_sandbox_destroy, &destroy, &destroy.id},
    {"create", &rpc_call_sandbox_create, &create, NULL},
    {"list", &rpc_call_sandbox_list, &list, NULL},
    {"cap-open", &rpc_call_cap_open, &cap_open, &cap_open.sandbox_id},
    {"cap-end", &rpc_call_cap_end, &cap_end, &cap_end.org},
    {"auth-secret", &rpc_call_auth_secret, &auth_secret, &auth_secret.user},
    {"auth-publickey", &rpc_call_auth_publickey, &auth_publickey,
	&auth_publickey.user},
    {"token-create", &rpc_call_token_create, &token_create, NULL},
    {"lobby-run", &rpc_call_lobby_run, &lobby_run, NULL},
    {"api-auth-token", &rpc_call_api_auth_token, &api_auth_token,
	&api_auth_token.token},
    {"record-open", &rpc_call_record_open, &record_open, NULL},
    {"recording-get", &rpc_call_recording_get, &recording_get,
	&recording_get.id},
    {"org-set", &rpc_call_org_set, &org_set, NULL},
    {"org-remove", &rpc_call_org_remove, &org_remove, &org_remove.name},
    {"user-add", &rpc_call_user_add, &user_add, NULL},
    {"spawn-shell", &rpc_call_spawn, &shell, &shell.user},
    {"spawn-sftp", &rpc_call_spawn, &sftp, &sftp.user},
    {"dial-tcp", &rpc_call_dial_tcp, &dial_tcp, &dial_tcp.host},
    {"init-setup", &rpc_call_init_setup, &init_setup, NULL},
};

static size_t
take_sockets(pid_t pid, int *socks)
{
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	size_t n = 0;

	for (int number = 0; number < FD_NUMBERS_MAX; number++) {
		int type, fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
		socklen_t size = sizeof type;

		if (fd < 0)
			continue;
		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
		    type != SOCK_SEQPACKET || n == TAKEN_SOCKETS_MAX)
			close(fd);
		else
			socks[n++] = fd;
	}
	return n;
}

/* Whether the request is granted on this socket; says the answer. */
static bool
is_granted(int sock, const struct request *request)
{
	static const uint32_t id = 0x57013e;
	auto_rpc_message struct rpc_message message = {0};
	struct pollfd poll_fd = {.fd = sock, .events = POLLIN};
	int r = rpc_send_request(sock, request->call, id, request->data, NULL,
	    0, MSG_DONTWAIT);

	if (r < 0) {
		printf("  cannot send: %s\n", strerror(-r));
		return false;
	}
	for (;;) {
		if (poll(&poll_fd, 1, ANSWER_TIMEOUT_S * 1000) <= 0) {
			puts("  no answer");
			return false;
		}
		r = rpc_receive(sock, &message, MSG_DONTWAIT);
		if (r <= 0) {
			puts("  cut off");
			return false;
		}
		if (message.header.id == id)
			break;
		rpc_message_free(&message);
	}
	printf("  status %d, %zu descriptors\n", message.header.status,
	    message.n_fds);
	return message.header.status == 0;
}

int
main(int argc, char **argv)
{
	const struct request *request = NULL;
	int socks[TAKEN_SOCKETS_MAX];
	bool is_any_granted = false;
	uint8_t key[KEY_SIZE_MAX];

	log_init("stolen-sockets", LOG_LEVEL_INFO);
	for (size_t i = 0; argc > 2 && i < sizeof requests / sizeof *requests;
	    i++)
		if (strcmp(requests[i].name, argv[2]) == 0)
			request = &requests[i];
	if (request == NULL)
		fatal("usage: stolen-sockets PID REQUEST [ARGUMENT]");
	if (argc > 3 && request->argument != NULL)
		*request->argument = argv[3];
	if (request->data == &auth_publickey) {
		ssize_t size = read(STDIN_FILENO, key, sizeof key);

		auth_publickey.key = (struct rpc_bytes){key,
		    size < 0 ? 0 : (uint32_t)size};
	}
	pid_t pid = atoi(argv[1]);
	size_t n = 0;

	/* Stopped, it does not read the answers meant for us. */
	if (kill(pid, SIGSTOP) < 0)
		fatal("kill: %s", strerror(errno));
	n = take_sockets(pid, socks);
	printf("%zu sockets of calls\n", n);
	for (size_t i = 0; i < n; i++)
		is_any_granted |= is_granted(socks[i], request);
	kill(pid, SIGKILL);
	puts(is_any_granted ? "worked" : "refused");
	return 0;
}
