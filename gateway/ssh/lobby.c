// SPDX-License-Identifier: Apache-2.0
/*
 * Channels of a login to the control lobby: the broker has gateway-lobby run
 * their commands, and passes the ends of their pipes.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/ssh/channel.h"

#define COMMAND_MAX_BYTES 32767 /* as lobby_run takes it */
#define STATUS_RETRY_MS	  20
#define DIED_STATUS	  255

/* The pipes, in the order of lobby_run. */
enum { INPUT, OUTPUT, ERROR, STATUS, N_FDS };

static void
take_command(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct channel *c = arg;
	int *fds;

	if (reply == NULL || message->n_fds != N_FDS) {
		channel_failed(c, reply == NULL ? err->text :
		    "the broker passed other descriptors than asked");
		return;
	}
	channel_forget_request(c);
	fds = message->fds;
	/* Nobody edits lines here: from a terminal there is no input. */
	if (c->has_pty)
		fd_close(&fds[INPUT]);
	if (relay_start(&c->relay, take_fd(&fds[INPUT]),
	    take_fd(&fds[OUTPUT]), take_fd(&fds[ERROR])) < 0 ||
	    fd_set_nonblocking(fds[STATUS]) < 0) {
		channel_failed(c, "the broker passed no pipe");
		return;
	}
	c->status_fd = take_fd(&fds[STATUS]);
	c->state = CHANNEL_RUNNING;
}

void
lobby_start(struct channel *c)
{
	const struct rpc_lobby_run_req request = {
	    .command = c->command != NULL ? c->command : "",
	    .is_shell = c->kind == INIT_SPAWN_SHELL,
	    .is_terminal = c->has_pty};
	int r;

	if (c->kind == INIT_SPAWN_SFTP) {
		channel_failed(c, "there are no files in the lobby; connect "
		    "to a sandbox by its id");
		return;
	}
	if (strlen(request.command) > COMMAND_MAX_BYTES) {
		channel_failed(c, "the command is too long");
		return;
	}
	r = broker_client_ask(&c->session->broker, &rpc_call_lobby_run,
	    &request, take_command, c);
	if (r == 0)
		c->state = CHANNEL_STARTING;
	else if (r != -EAGAIN)
		channel_failed(c, r == -ENOTCONN ?
		    "the gateway was restarted; connect again" : strerror(-r));
}

/*
 * A command writes its status before it closes its output, so that it is there
 * once the output has ended. One that was killed closes all at about once, and
 * without a status.
 */
void
lobby_turn(struct channel *c, int *timeout_ms)
{
	uint64_t now_ms = c->session->turn.now_ms;
	int wait_status;
	ssize_t n;

	if (c->relay.output_fd >= 0 || c->relay.error_fd >= 0)
		return;
	n = read(c->status_fd, &wait_status, sizeof wait_status);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		channel_lower(timeout_ms, now_ms, now_ms + STATUS_RETRY_MS);
		return;
	}
	fd_close(&c->status_fd);
	if (n != sizeof wait_status) {
		relay_say(&c->relay, "sandgate: the command was killed\r\n");
		wait_status = W_EXITCODE(DIED_STATUS, 0);
	}
	channel_exited(c, wait_status);
}
