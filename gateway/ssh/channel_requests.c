// SPDX-License-Identifier: Apache-2.0
/* What a client may ask of a session channel (RFC 4254, section 6). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/ssh/channel.h"
#include "gateway/ssh/forward/listener.h"
#include "gateway/ssh/libssh/packet_send.h"

/* libssh's answers from a channel callback. */
enum { GRANTED = 0, REFUSED = 1 };

/* A command of so many cannot be executed, and of more neither: init sees the
 * kernel say so, as sshd does. */
#define COMMAND_MAX_BYTES 131072
#define ADDRESS_ENV_BYTES 256

int
channel_add_env(struct channel *c, const char *name, const char *value)
{
	size_t name_size = strlen(name), value_size = strlen(value);
	size_t size = name_size + 1 + value_size + 1;
	char *larger;

	if (name_size == 0 || strchr(name, '=') != NULL ||
	    c->n_env >= CHANNEL_ENV_MAX + CHANNEL_ENV_OURS ||
	    size > CHANNEL_ENV_BYTES + CHANNEL_ENV_OURS_BYTES - c->env_size)
		return -E2BIG;
	larger = realloc(c->env, c->env_size + size);
	if (larger == NULL)
		return -ENOMEM;
	c->env = larger;
	snprintf(c->env + c->env_size, size, "%s=%s", name, value);
	c->env_size += (uint32_t)size;
	c->n_env++;
	return 0;
}

static int
take_env(ssh_session ssh, ssh_channel channel, const char *name,
    const char *value, void *user)
{
	struct channel *c = user;

	(void)ssh;
	(void)channel;
	if (c->state != CHANNEL_OPEN ||
	    !ssh_conf_accept_env(c->session->turn.options, name))
		return REFUSED;
	if (c->n_env >= CHANNEL_ENV_MAX || name[0] == '\0' ||
	    strchr(name, '=') != NULL)
		return REFUSED;
	/* What starts without a variable it was sent does something else. */
	c->is_too_long = c->is_too_long || strlen(name) + strlen(value) + 2 >
	    CHANNEL_ENV_BYTES - c->env_size ||
	    channel_add_env(c, name, value) < 0;
	return GRANTED;
}

static uint32_t
size_of(int n)
{
	return n < 0 || n > UINT16_MAX ? 0 : (uint32_t)n;
}

static int
take_pty(ssh_session ssh, ssh_channel channel, const char *term, int columns,
    int rows, int width_pixels, int height_pixels, void *user)
{
	struct channel *c = user;
	struct packet_watch *watch = &c->session->watch;
	uint32_t rights = c->session->login.rights;

	(void)ssh;
	(void)channel;
	/* Where nothing could run on it, that is what is to be said. */
	if ((rights & RPC_RIGHT_SPAWN) != 0 && (rights & RPC_RIGHT_PTY) == 0)
		return REFUSED;
	if (c->state != CHANNEL_OPEN || c->has_pty ||
	    strlen(term) >= sizeof c->term)
		return REFUSED;
	if (watch->modes_size > 0) {
		c->modes = malloc(watch->modes_size);
		if (c->modes == NULL)
			return REFUSED;
		memcpy(c->modes, watch->modes, watch->modes_size);
		c->modes_size = watch->modes_size;
	}
	snprintf(c->term, sizeof c->term, "%s", term);
	c->columns = size_of(columns);
	c->rows = size_of(rows);
	c->width_pixels = size_of(width_pixels);
	c->height_pixels = size_of(height_pixels);
	c->has_pty = true;
	return GRANTED;
}

/* Where libssh leaves it to nobody to answer. */
static void
answer(struct channel *c, bool is_granted)
{
	if (c->session->watch.wants_reply &&
	    packet_answer_request(c->session->turn.ssh, c->sender,
	    is_granted) < 0)
		turn_end(&c->session->turn, "cannot answer");
}

/* Granted without a terminal too, as by sshd: nothing comes of it. */
static int
take_window_change(ssh_session ssh, ssh_channel channel, int columns, int rows,
    int width_pixels, int height_pixels, void *user)
{
	struct channel *c = user;

	(void)ssh;
	(void)channel;
	answer(c, true);
	if (!c->has_pty)
		return GRANTED;
	c->rows = size_of(rows);
	c->columns = size_of(columns);
	c->width_pixels = size_of(width_pixels);
	c->height_pixels = size_of(height_pixels);
	channel_resize(c);
	return GRANTED;
}

static int
resize_terminal(struct channel *c)
{
	const struct rpc_terminal_resize_req request = {
	    .handle = c->handle,
	    .rows = c->rows,
	    .columns = c->columns,
	    .width_pixels = c->width_pixels,
	    .height_pixels = c->height_pixels,
	};

	return init_client_resize_terminal(&c->session->init, &request);
}

void
channel_resize(struct channel *c)
{
	struct winsize size = {
	    .ws_row = (unsigned short)c->rows,
	    .ws_col = (unsigned short)c->columns,
	    .ws_xpixel = (unsigned short)c->width_pixels,
	    .ws_ypixel = (unsigned short)c->height_pixels,
	};

	if (c->recording != NULL)
		recording_resize(c->recording, c->columns, c->rows);
	c->is_resized = c->state < CHANNEL_RUNNING;
	if (channel_is_terminal(c))
		c->is_resized = c->is_resized ||
		    resize_terminal(c) == -EAGAIN;
	else if (c->relay.output_fd >= 0)
		(void)ioctl(c->relay.output_fd, TIOCSWINSZ, &size);
}

/* Where the client comes from, as sshd tells it to what it starts. */
static void
add_addresses(struct channel *c)
{
	const struct handover_session *peer = &c->session->peer;
	char text[ADDRESS_ENV_BYTES];

	snprintf(text, sizeof text, "%s %u %u", peer->peer_address,
	    peer->peer_port, peer->local_port);
	(void)channel_add_env(c, "SSH_CLIENT", text);
	snprintf(text, sizeof text, "%s %u %s %u", peer->peer_address,
	    peer->peer_port, peer->local_address, peer->local_port);
	(void)channel_add_env(c, "SSH_CONNECTION", text);
}

static int
want(struct channel *c, enum init_spawn kind, const char *type,
    const char *command)
{
	if (c->state != CHANNEL_OPEN)
		return REFUSED;
	if (command != NULL) {
		c->command = strndup(command, COMMAND_MAX_BYTES);
		if (c->command == NULL)
			return REFUSED;
	}
	relay_set_type(&c->relay, type);
	add_addresses(c);
	c->kind = kind;
	c->state = CHANNEL_WANTED;
	return GRANTED;
}

static int
take_shell(ssh_session ssh, ssh_channel channel, void *user)
{
	(void)ssh;
	(void)channel;
	return want(user, INIT_SPAWN_SHELL, "session:shell", NULL);
}

static int
take_exec(ssh_session ssh, ssh_channel channel, const char *command,
    void *user)
{
	(void)ssh;
	(void)channel;
	return want(user, INIT_SPAWN_COMMAND, "session:command", command);
}

static int
take_subsystem(ssh_session ssh, ssh_channel channel, const char *name,
    void *user)
{
	struct channel *c = user;

	(void)ssh;
	(void)channel;
	/* The lobby has words for it. */
	if (strcmp(name, "sftp") != 0 ||
	    ((c->session->login.rights & RPC_RIGHT_SFTP) == 0 &&
	    c->session->login.kind != BROKER_LOGIN_LOBBY))
		return REFUSED;
	return want(c, INIT_SPAWN_SFTP, "session:subsystem:sftp", NULL);
}

/* sshd's conditions: a process is there, or about to be, and no subsystem. */
static bool
want_signal(struct channel *c, const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {{"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"FPE", SIGFPE},
	    {"HUP", SIGHUP}, {"ILL", SIGILL}, {"INT", SIGINT},
	    {"KILL", SIGKILL}, {"PIPE", SIGPIPE}, {"QUIT", SIGQUIT},
	    {"SEGV", SIGSEGV}, {"TERM", SIGTERM}, {"USR1", SIGUSR1},
	    {"USR2", SIGUSR2}};
	size_t i = 0, n = sizeof signals / sizeof *signals;

	if (c->state < CHANNEL_WANTED || c->state > CHANNEL_RUNNING ||
	    c->kind == INIT_SPAWN_SFTP)
		return false;
	while (i < n && strcmp(signals[i].name, name) != 0)
		i++;
	if (i < n)
		c->wanted_signals |= 1u << signals[i].number;
	return i < n;
}

static void
take_signal(ssh_session ssh, ssh_channel channel, const char *name,
    void *user)
{
	struct channel *c = user;

	(void)ssh;
	(void)channel;
	answer(c, want_signal(c, name));
}

/* libssh has granted it. One socket serves all that starts from now on. */
static void
take_agent(ssh_session ssh, ssh_channel channel, void *user)
{
	struct channel *c = user;
	struct forwarding *forwarding = &c->session->forwarding;

	(void)ssh;
	(void)channel;
	if (forwarding->agent == NULL)
		forwarding->agent = forward_listener_agent(forwarding);
}

/* libssh grants this too, before it is known whether there is a display. */
static void
take_x11(ssh_session ssh, ssh_channel channel, int is_single,
    const char *protocol, const char *cookie, uint32_t screen, void *user)
{
	struct channel *c = user;

	(void)ssh;
	(void)channel;
	if (c->state == CHANNEL_OPEN && c->x11 == NULL)
		c->x11 = forward_listener_x11(&c->session->forwarding,
		    protocol, cookie, screen, is_single != 0);
}

void
channel_requests_install(struct channel *c)
{
	c->relay.callbacks.channel_env_request_function = take_env;
	c->relay.callbacks.channel_pty_request_function = take_pty;
	c->relay.callbacks.channel_pty_window_change_function =
	    take_window_change;
	c->relay.callbacks.channel_shell_request_function = take_shell;
	c->relay.callbacks.channel_exec_request_function = take_exec;
	c->relay.callbacks.channel_subsystem_request_function = take_subsystem;
	c->relay.callbacks.channel_signal_function = take_signal;
	/* What libssh finds no callback for, it refuses. */
	if ((c->session->login.rights & RPC_RIGHT_AGENT) != 0)
		c->relay.callbacks.channel_auth_agent_req_function = take_agent;
	if ((c->session->login.rights & RPC_RIGHT_X11) != 0)
		c->relay.callbacks.channel_x11_req_function = take_x11;
}

static int
send_break(struct channel *c)
{
	if (!c->has_pty || c->relay.output_fd < 0)
		return -ENOTTY;
	if (channel_is_terminal(c))
		return 0; /* no pty has a line to break */
	return tcsendbreak(c->relay.output_fd, 0);
}

/* The client wants no more output (its own reader has gone). */
static int
end_output(struct channel *c)
{
	if (c->state == CHANNEL_RUNNING && !c->has_pty)
		relay_close_output(&c->relay);
	return 0;
}

int
channel_request_other(struct session *session, ssh_message message)
{
	static const struct {
		const char *name;
		int (*answer)(struct channel *);
	} requests[] = {{"break", send_break}, {"eow@openssh.com", end_output}};
	ssh_channel ssh = ssh_message_channel_request_channel(message);
	struct channel *c = session->channels;

	while (c != NULL && c->relay.ssh != ssh)
		c = c->next;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		if (c == NULL ||
		    strcmp(session->watch.name, requests[i].name) != 0)
			continue;
		if (requests[i].answer(c) < 0)
			return 1;
		ssh_message_channel_request_reply_success(message);
		return 0;
	}
	return 1;
}
