// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker_lobby.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/audit.h"
#include "gateway/broker.h"
#include "gateway/broker_calls.h"

#define TOKEN_PREFIX "lobby_"
#define TOKEN_BYTES  32

/* As much of a command as surely fits into a line of the audit log. */
#define AUDIT_COMMAND_SIZE 513

/* The pipes of a command, by who reads and who writes. */
enum pipe_use { PIPE_INPUT, PIPE_OUTPUT, PIPE_ERROR, PIPE_STATUS, N_PIPES };

/* One that runs; its end is seen by its socket. */
struct command {
	LIST_ENTRY(command) link;
	struct lobby *lobby;
	int fd; /* on which it asks for connections to the API */
	sd_event_source *io;
};

struct lobby {
	struct broker *broker;
	struct connection *connection;
	struct api_identity who;
	char token[HANDOVER_TOKEN_SIZE];
	LIST_HEAD(, command) commands;
	uint32_t n_commands;
};

int
broker_lobby_open(struct connection *connection, const struct identity *who)
{
	struct lobby *lobby = calloc(1, sizeof *lobby);
	uint8_t random[TOKEN_BYTES];

	if (lobby == NULL)
		return -ENOMEM;
	lobby->broker = connection->broker;
	lobby->connection = connection;
	lobby->who.user_id = who->user_id;
	/* With the token that let them in, what that gave them ends. */
	if (who->credential == CREDENTIAL_TOKEN)
		lobby->who.token_id = who->credential_id;
	memcpy(lobby->who.org, who->org, sizeof lobby->who.org);
	memcpy(lobby->who.user, who->user, sizeof lobby->who.user);
	LIST_INIT(&lobby->commands);
	randombytes_buf(random, sizeof random);
	memcpy(lobby->token, TOKEN_PREFIX, sizeof TOKEN_PREFIX);
	sodium_bin2hex(lobby->token + sizeof TOKEN_PREFIX - 1,
	    sizeof lobby->token - sizeof TOKEN_PREFIX + 1, random,
	    sizeof random);
	sodium_memzero(random, sizeof random);
	connection->lobby = lobby;
	return 0;
}

static void
command_free(struct command *command)
{
	struct lobby *lobby = command->lobby;

	LIST_REMOVE(command, link);
	lobby->n_commands--;
	lobby->broker->n_lobby_commands--;
	sd_event_source_disable_unref(command->io);
	fd_close(&command->fd);
	free(command);
}

void
broker_lobby_close(struct connection *connection)
{
	struct lobby *lobby = connection->lobby;

	if (lobby == NULL)
		return;
	connection->lobby = NULL;
	while (!LIST_EMPTY(&lobby->commands))
		command_free(LIST_FIRST(&lobby->commands));
	sodium_memzero(lobby, sizeof *lobby);
	free(lobby);
}

bool
broker_lobby_find_token(const struct broker *broker, const char *text,
    struct api_identity *ret)
{
	const struct connection *connection;
	char token[HANDOVER_TOKEN_SIZE] = "";
	bool is_found = false;

	if (strncmp(text, TOKEN_PREFIX, sizeof TOKEN_PREFIX - 1) != 0 ||
	    strlen(text) >= sizeof token)
		return false;
	memcpy(token, text, strlen(text));
	TAILQ_FOREACH(connection, &broker->connections, link)
		if (connection->lobby != NULL &&
		    sodium_memcmp(connection->lobby->token, token,
		    sizeof token) == 0) {
			*ret = connection->lobby->who;
			is_found = true;
		}
	sodium_memzero(token, sizeof token);
	return is_found;
}

void
broker_lobby_drop_zygote(struct broker *broker)
{
	broker->lobby_io = sd_event_source_disable_unref(broker->lobby_io);
	fd_close(&broker->lobby_fd);
}

/* It says nothing: readable means that it is gone. */
static int
on_zygote(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	(void)fd;
	(void)events;
	broker_lobby_drop_zygote(arg);
	return 0;
}

int
broker_lobby_set_zygote(struct broker *broker, int *fd)
{
	int r;

	broker_lobby_drop_zygote(broker);
	r = sd_event_add_io(broker->event, &broker->lobby_io, *fd, EPOLLIN,
	    on_zygote, broker);
	if (r < 0)
		return r;
	broker->lobby_fd = take_fd(fd);
	return 0;
}

/*
 * Our own connection to the API, which hands it on with a token to show: as a
 * peer we are nobody there (api_auth.c).
 */
static int
connect_to_api(const struct broker *broker, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = socket(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	memcpy(address.sun_path, broker->api_path, sizeof address.sun_path);
	if (connect(fd, (const struct sockaddr *)&address,
	    sizeof address) < 0) {
		int r = -errno;

		log_warn("lobby: %s: %s", broker->api_path, strerror(-r));
		return r;
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
on_command(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct command *command = arg;
	struct handover_connection answer = {0};
	auto_close int api_fd = -1;
	int fds[FD_PASS_MAX];
	size_t n_fds;
	char byte;
	ssize_t n = fd_receive(fd, &byte, sizeof byte, fds, &n_fds,
	    MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (n == -EAGAIN)
		return 0;
	for (size_t i = 0; n > 0 && i < n_fds; i++)
		fd_close(&fds[i]);
	if (n == 1) {
		answer.error = -connect_to_api(command->lobby->broker,
		    &api_fd);
		n = fd_send(fd, &answer, sizeof answer, &api_fd,
		    api_fd >= 0 ? 1 : 0, MSG_DONTWAIT);
		if (n == 0)
			return 0;
	}
	command_free(command); /* it ended, or makes no sense */
	return 0;
}

/* One that is watched; *ret_far_fd is the command's end. */
static int
command_new(struct lobby *lobby, int *ret_far_fd, struct command **ret)
{
	struct command *command = calloc(1, sizeof *command);
	int pair[2], r;

	if (command == NULL)
		return -ENOMEM;
	r = fd_seqpacket_pair(pair);
	if (r < 0) {
		free(command);
		return r;
	}
	command->lobby = lobby;
	command->fd = pair[0];
	fd_refuse_passing(pair[0]);
	LIST_INSERT_HEAD(&lobby->commands, command, link);
	lobby->n_commands++;
	lobby->broker->n_lobby_commands++;
	r = sd_event_add_io(lobby->broker->event, &command->io, command->fd,
	    EPOLLIN, on_command, command);
	if (r < 0) {
		fd_close(&pair[1]);
		command_free(command);
		return r;
	}
	*ret_far_fd = pair[1];
	*ret = command;
	return 0;
}

/* Both ends of everything a command has. */
struct ends {
	int session[N_PIPES];
	int command[HANDOVER_LOBBY_FDS]; /* the pipes, then its socket */
};

static void
ends_close(struct ends *ends)
{
	for (int i = 0; i < N_PIPES; i++)
		fd_close(&ends->session[i]);
	for (int i = 0; i < HANDOVER_LOBBY_FDS; i++)
		fd_close(&ends->command[i]);
}

static int
ends_open(struct ends *ends)
{
	for (int i = 0; i < N_PIPES; i++)
		ends->session[i] = -1;
	for (int i = 0; i < HANDOVER_LOBBY_FDS; i++)
		ends->command[i] = -1;
	for (int i = 0; i < N_PIPES; i++) {
		int fds[2];

		if (pipe2(fds, O_CLOEXEC) < 0)
			return -errno;
		ends->session[i] = fds[i == PIPE_INPUT];
		ends->command[i] = fds[i != PIPE_INPUT];
	}
	return 0;
}

static int
send_order(const struct lobby *lobby, const struct rpc_lobby_run_req *request,
    const struct ends *ends)
{
	auto_free struct handover_lobby *order = calloc(1, sizeof *order);
	int r;

	if (order == NULL)
		return -ENOMEM;
	memcpy(order->token, lobby->token, sizeof order->token);
	order->is_shell = request->is_shell;
	order->is_terminal = request->is_terminal;
	snprintf(order->command, sizeof order->command, "%s",
	    request->command);
	r = fd_send(lobby->broker->lobby_fd, order, sizeof *order,
	    ends->command, HANDOVER_LOBBY_FDS, MSG_DONTWAIT);
	sodium_memzero(order, sizeof *order);
	return r;
}

static int
check(const struct lobby *lobby, struct err *err)
{
	const struct broker *broker = lobby->broker;

	if (lobby->n_commands >= BROKER_LOBBY_COMMANDS_MAX)
		return err_set(err, EAGAIN, "more than %d commands at once",
		    BROKER_LOBBY_COMMANDS_MAX);
	if (broker->n_lobby_commands >= BROKER_LOBBY_ALL_COMMANDS_MAX)
		return err_set(err, EAGAIN,
		    "the lobby is busy; try again");
	if (broker->lobby_fd < 0)
		return err_set(err, EPIPE,
		    "the lobby is being restarted; try again");
	return 0;
}

static int
start(struct lobby *lobby, const struct rpc_lobby_run_req *request,
    struct ends *ends, struct err *err)
{
	struct command *command = NULL;
	int r = check(lobby, err);

	if (r < 0)
		return r;
	r = ends_open(ends);
	if (r == 0)
		r = command_new(lobby, &ends->command[N_PIPES], &command);
	if (r == 0)
		r = send_order(lobby, request, ends);
	if (r == 0)
		return 0;
	if (command != NULL)
		command_free(command);
	return err_set(err, -r, "the lobby cannot run this: %s",
	    strerror(-r));
}

int
broker_lobby_run(struct connection *connection,
    const struct rpc_message *message)
{
	static const struct rpc_lobby_run_rep reply;
	struct lobby *lobby = connection->lobby;
	struct rpc_lobby_run_req request;
	struct ends ends;
	struct err err = {0};
	char words[AUDIT_COMMAND_SIZE];
	int r = rpc_open_request(&rpc_call_lobby_run, message, &request);

	if (r < 0)
		return r;
	if (lobby == NULL) {
		err_set(&err, EACCES, "this is no login to the lobby");
		return rpc_send_error(connection->claim_fd,
		    rpc_call_lobby_run.number, message->header.id, &err,
		    MSG_DONTWAIT);
	}
	ends = (struct ends){{-1, -1, -1, -1}, {-1, -1, -1, -1, -1}};
	r = start(lobby, &request, &ends, &err);
	snprintf(words, sizeof words, "%s", request.is_shell ?
	    "(standard input)" : request.command);
	(void)audit_write(lobby->broker->audit_fd, "lobby", "org",
	    lobby->who.org, "user", lobby->who.user, "command", words,
	    "refused", r < 0 ? err.text : NULL, NULL);
	r = r < 0 ? rpc_send_error(connection->claim_fd,
	    rpc_call_lobby_run.number, message->header.id, &err,
	    MSG_DONTWAIT) : rpc_send_reply(connection->claim_fd,
	    &rpc_call_lobby_run, message->header.id, &reply, ends.session,
	    N_PIPES, MSG_DONTWAIT);
	ends_close(&ends);
	return r;
}
