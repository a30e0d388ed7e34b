// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/lobby/command.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/protocol/handover.h"

struct lobby_command {
	LIST_ENTRY(lobby_command) link;
	TAILQ_ENTRY(lobby_command) waiting_link;
	struct broker *broker;
	struct lobby_commands *commands;
	struct handover_lobby *order; /* NULL once it is sent */
	int fds[HANDOVER_LOBBY_FDS];  /* that go with it */
	int fd; /* on which it asks for connections to the API, and ends */
	sd_event_source *io;
};

/* The order went to the zygote, or nowhere. */
static void
order_free(struct lobby_command *command)
{
	if (command->order == NULL)
		return;
	TAILQ_REMOVE(&command->broker->lobby_waiting, command, waiting_link);
	sodium_memzero(command->order, sizeof *command->order);
	free(command->order);
	command->order = NULL;
	for (int i = 0; i < HANDOVER_LOBBY_FDS; i++)
		fd_close(&command->fds[i]);
}

static void
command_free(struct lobby_command *command)
{
	order_free(command);
	LIST_REMOVE(command, link);
	command->commands->n--;
	command->broker->n_lobby_commands--;
	sd_event_source_disable_unref(command->io);
	fd_close(&command->fd);
	free(command);
}

void
lobby_commands_end(struct lobby_commands *commands)
{
	while (!LIST_EMPTY(&commands->list))
		command_free(LIST_FIRST(&commands->list));
}

/* Sends what waits, as far as there is room, and asks to hear of more. */
static void
send_orders(struct broker *broker)
{
	struct lobby_command *command;
	int r = 0;

	while (broker->lobby_fd >= 0 &&
	    (command = TAILQ_FIRST(&broker->lobby_waiting)) != NULL) {
		r = fd_send(broker->lobby_fd, command->order,
		    sizeof *command->order, command->fds, HANDOVER_LOBBY_FDS,
		    MSG_DONTWAIT);
		if (r < 0)
			break;
		order_free(command);
	}
	/* Any other error is the end of this zygote: they wait for the next. */
	if (r < 0 && r != -EAGAIN)
		lobby_command_drop_zygote(broker);
	if (broker->lobby_io != NULL)
		(void)sd_event_source_set_io_events(broker->lobby_io,
		    r == -EAGAIN ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* It says nothing: readable means that it is gone. */
static int
on_zygote(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	(void)fd;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		lobby_command_drop_zygote(arg);
	else
		send_orders(arg);
	return 0;
}

void
lobby_command_drop_zygote(struct broker *broker)
{
	broker->lobby_io = sd_event_source_disable_unref(broker->lobby_io);
	fd_close(&broker->lobby_fd);
}

int
lobby_command_set_zygote(struct broker *broker, int *fd)
{
	int r;

	lobby_command_drop_zygote(broker);
	r = sd_event_add_io(broker->event, &broker->lobby_io, *fd, EPOLLIN,
	    on_zygote, broker);
	if (r < 0)
		return r;
	broker->lobby_fd = take_fd(fd);
	send_orders(broker);
	return 0;
}

/*
 * Our own connection to the API, which hands it on with a token to show: as a
 * peer we are nobody there (api/auth.c).
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
	struct lobby_command *command = arg;
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
		answer.error = -connect_to_api(command->broker, &api_fd);
		n = fd_send(fd, &answer, sizeof answer, &api_fd,
		    api_fd >= 0 ? 1 : 0, MSG_DONTWAIT);
		if (n == 0)
			return 0;
	}
	command_free(command); /* it ended, or makes no sense */
	return 0;
}

static struct handover_lobby *
order_new(const char *token, const struct rpc_lobby_run_req *request)
{
	struct handover_lobby *order = calloc(1, sizeof *order);

	if (order == NULL)
		return NULL;
	order->is_shell = request->is_shell;
	order->is_terminal = request->is_terminal;
	snprintf(order->token, sizeof order->token, "%s", token);
	snprintf(order->command, sizeof order->command, "%s",
	    request->command);
	return order;
}

/* One that waits, still without descriptors. */
static struct lobby_command *
command_new(struct broker *broker, struct lobby_commands *commands,
    const char *token, const struct rpc_lobby_run_req *request)
{
	struct lobby_command *command = calloc(1, sizeof *command);

	if (command == NULL)
		return NULL;
	command->order = order_new(token, request);
	if (command->order == NULL) {
		free(command);
		return NULL;
	}
	command->broker = broker;
	command->commands = commands;
	command->fd = -1;
	for (int i = 0; i < HANDOVER_LOBBY_FDS; i++)
		command->fds[i] = -1;
	TAILQ_INSERT_TAIL(&broker->lobby_waiting, command, waiting_link);
	LIST_INSERT_HEAD(&commands->list, command, link);
	commands->n++;
	broker->n_lobby_commands++;
	return command;
}

static int
open_pipes(struct lobby_command *command, int ret_pipes[N_LOBBY_PIPES])
{
	for (int i = 0; i < N_LOBBY_PIPES; i++) {
		int fds[2];

		if (pipe2(fds, O_CLOEXEC) < 0)
			return -errno;
		ret_pipes[i] = fds[i == LOBBY_INPUT];
		command->fds[i] = fds[i != LOBBY_INPUT];
	}
	return 0;
}

static int
open_socket(struct lobby_command *command)
{
	int pair[2];
	int r = fd_seqpacket_pair(pair);

	if (r < 0)
		return r;
	command->fd = pair[0];
	command->fds[N_LOBBY_PIPES] = pair[1];
	fd_refuse_passing(pair[0]);
	return sd_event_add_io(command->broker->event, &command->io,
	    command->fd, EPOLLIN, on_command, command);
}

static int
check(const struct broker *broker, const struct lobby_commands *commands,
    struct err *err)
{
	if (commands->n >= LOBBY_COMMANDS_MAX)
		return err_set(err, EAGAIN, "more than %d commands at once",
		    LOBBY_COMMANDS_MAX);
	if (broker->n_lobby_commands >= LOBBY_ALL_COMMANDS_MAX)
		return err_set(err, EAGAIN, "the lobby is busy; try again");
	return 0;
}

int
lobby_command_start(struct broker *broker, struct lobby_commands *commands,
    const char *token, const struct rpc_lobby_run_req *request,
    int ret_pipes[N_LOBBY_PIPES], struct err *err)
{
	struct lobby_command *command;
	int r;

	for (int i = 0; i < N_LOBBY_PIPES; i++)
		ret_pipes[i] = -1;
	r = check(broker, commands, err);
	if (r < 0)
		return r;
	command = command_new(broker, commands, token, request);
	if (command == NULL)
		return err_set(err, ENOMEM, "out of memory");
	r = open_pipes(command, ret_pipes);
	if (r == 0)
		r = open_socket(command);
	if (r >= 0) {
		send_orders(broker);
		return 0;
	}
	command_free(command);
	for (int i = 0; i < N_LOBBY_PIPES; i++)
		fd_close(&ret_pipes[i]);
	return err_set(err, -r, "the lobby cannot run this: %s",
	    strerror(-r));
}
