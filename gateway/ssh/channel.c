// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/ssh/forward/listener.h"

#define EOF_HOLD_MS    50
#define LIMITS_WAIT_MS 2000
#define FAILED_STATUS  255
#define REFUSED_STATUS 1 /* sshd's, for a command that is not allowed */
#define TOO_LONG_STATUS 1 /* and for one that cannot be executed */
#define SHELL_KILLED   (128 + SIGKILL) /* as a shell says it */

struct channel *
channel_open(struct session *session, ssh_message message)
{
	struct channel *c = calloc(1, sizeof *c);
	ssh_channel ssh;

	if (c == NULL)
		return NULL;
	ssh = ssh_message_channel_request_open_reply_accept(message);
	if (ssh == NULL) {
		free(c);
		return NULL;
	}
	c->session = session;
	c->sender = session->watch.sender;
	c->status_fd = -1;
	channel_requests_install(c);
	relay_init(&c->relay, &session->turn, ssh);
	relay_set_type(&c->relay, "session");
	return c;
}

void
channel_forget_request(struct channel *c)
{
	free(c->command);
	free(c->env);
	free(c->modes);
	c->command = c->env = NULL;
	c->modes = NULL;
	c->env_size = c->n_env = c->modes_size = 0;
}

void
channel_destroy(struct channel *c)
{
	channel_end_recording(c);
	channel_forget_request(c);
	broker_client_forget(&c->session->broker, c);
	fd_close(&c->status_fd);
	forward_listener_end(c->x11);
	relay_fini(&c->relay);
	free(c);
}

void
channel_end_recording(struct channel *c)
{
	recording_close(c->recording, c->state >= CHANNEL_EXITED ?
	    &c->wait_status : NULL);
	c->recording = NULL;
	c->relay.tap = NULL;
}

bool
channel_waits(const struct channel *c)
{
	return c->recording != NULL &&
	    recording_state(c->recording) <= RECORDING_ASKED;
}

/*
 * Whether what is to be recorded is; until then nothing starts. False where
 * the answer is awaited, or where there is none and the channel has failed.
 */
static bool
is_seen_to(struct channel *c)
{
	const struct rpc_record_open_req request = {
	    .command = c->command != NULL ? c->command : "",
	    .term = c->term,
	    .columns = c->columns,
	    .rows = c->rows,
	};
	char words[ERR_TEXT_SIZE + 64];
	enum recording_state state = RECORDING_FAILED;

	if (!c->session->login.is_recorded)
		return true;
	if (c->recording == NULL)
		c->recording = recording_new(&c->session->turn,
		    c->kind == INIT_SPAWN_SFTP ? BROKER_RECORDING_SFTP :
		    c->has_pty ? BROKER_RECORDING_PTY :
		    BROKER_RECORDING_EXEC);
	if (c->recording != NULL)
		state = recording_ask(c->recording, &request);
	if (state == RECORDING_FAILED) {
		snprintf(words, sizeof words,
		    "the recording cannot be made: %s",
		    c->recording != NULL ? recording_failure(c->recording) :
		    "out of memory");
		channel_failed(c, words);
	}
	return state == RECORDING_READY;
}

void
channel_spawned(struct channel *c, struct init_event *event)
{
	int error_fd = -1, output_fd, input_fd;

	channel_forget_request(c);
	if ((event->n_fds == 1) != c->has_pty) {
		channel_failed(c, "init passed other descriptors than asked");
		return;
	}
	input_fd = take_fd(&event->fds[0]);
	if (c->has_pty) {
		/* Two descriptors, so that each way closes by itself. */
		output_fd = fcntl(input_fd, F_DUPFD_CLOEXEC, 0);
	} else {
		output_fd = take_fd(&event->fds[1]);
		error_fd = take_fd(&event->fds[2]);
	}
	c->relay.keeps_input_at_eof = c->has_pty;
	if (c->recording != NULL) {
		c->relay.tap = recording_tap;
		c->relay.tap_arg = c->recording;
	}
	if (relay_start(&c->relay, input_fd, output_fd, error_fd) < 0) {
		channel_failed(c, "init passed no pipe or terminal");
		return;
	}
	c->handle = event->handle;
	c->oom_kills = c->session->oom_kills;
	c->state = CHANNEL_RUNNING;
	if (c->is_resized)
		channel_resize(c);
}

static void
end_unstarted(struct channel *c, const char *line, int status)
{
	channel_forget_request(c);
	relay_say(&c->relay, line);
	c->wait_status = W_EXITCODE(status, 0);
	c->state = CHANNEL_EXITED;
	relay_refuse(&c->relay);
}

/*
 * No process. sshd refuses the request where it cannot fork, and ssh(1) exits
 * with 255; here the request was granted before init answered, so the words
 * and the same exit status are sent.
 */
void
channel_failed(struct channel *c, const char *words)
{
	char line[ERR_TEXT_SIZE + 64];

	snprintf(line, sizeof line, "sandgate: cannot start: %s\r\n", words);
	end_unstarted(c, line, FAILED_STATUS);
}

/* With sshd's status; its words are the shell's name and these. */
static void
fail_too_long(struct channel *c)
{
	end_unstarted(c, "sandgate: Argument list too long\r\n",
	    TOO_LONG_STATUS);
}

/*
 * Why this login cannot have what was asked for, or NULL. Init refuses it too,
 * whatever happens here; these are sshd's words for ForceCommand internal-sftp,
 * and its status.
 */
static const char *
refusal(const struct channel *c)
{
	if (c->kind == INIT_SPAWN_SFTP ||
	    (c->session->login.rights & RPC_RIGHT_SPAWN) != 0)
		return NULL;
	return "This service allows sftp connections only.\r\n";
}

/* Whether the process, or the last one of its shell, got SIGKILL. */
static bool
was_killed(int wait_status)
{
	return (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL) ||
	    (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) ==
	    SHELL_KILLED);
}

void
channel_exited(struct channel *c, int wait_status)
{
	if (c->state != CHANNEL_RUNNING)
		return;
	c->state = CHANNEL_EXITED;
	c->wait_status = wait_status;
	/* As sshd: from here on nobody is there to read. */
	relay_close_input(&c->relay);
	/* A terminal that stays draws its last frame, and then hangs up. */
	if (c->has_pty && !channel_is_terminal(c))
		relay_end_output(&c->relay);
	if (!was_killed(wait_status) || init_client_ask_limits(
	    &c->session->init, &c->limits_id) < 0)
		return;
	c->limits_deadline_ms = c->session->turn.now_ms + LIMITS_WAIT_MS;
}

void
channel_limits(struct channel *c, const struct init_event *event)
{
	char line[128];

	if (c->limits_id == event->id)
		c->limits_id = 0;
	/* Who only moves files has no use for news of others. */
	else if (c->state != CHANNEL_RUNNING || c->kind == INIT_SPAWN_SFTP)
		return;
	if (event->oom_kills <= c->oom_kills)
		return;
	c->oom_kills = event->oom_kills;
	snprintf(line, sizeof line,
	    "killed: out of memory (limit %llu MiB)\r\n",
	    (unsigned long long)(event->memory_limit_bytes >> 20));
	relay_say(&c->relay, line);
}

static const char *
signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {{SIGABRT, "ABRT"}, {SIGALRM, "ALRM"}, {SIGFPE, "FPE"},
	    {SIGHUP, "HUP"}, {SIGILL, "ILL"}, {SIGINT, "INT"},
	    {SIGKILL, "KILL"}, {SIGPIPE, "PIPE"}, {SIGQUIT, "QUIT"},
	    {SIGSEGV, "SEGV"}, {SIGTERM, "TERM"}, {SIGUSR1, "USR1"},
	    {SIGUSR2, "USR2"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == number)
			return names[i].name;
	return "SIG@openssh.com";
}

static void
send_status(struct channel *c)
{
	int status = c->wait_status;

	c->is_status_sent = true;
	ssh_set_fd_towrite(c->session->turn.ssh);
	if (WIFSIGNALED(status))
		(void)ssh_channel_request_send_exit_signal(c->relay.ssh,
		    signal_name(WTERMSIG(status)), WCOREDUMP(status), "", "");
	else
		(void)ssh_channel_request_send_exit_status(c->relay.ssh,
		    WIFEXITED(status) ? WEXITSTATUS(status) : FAILED_STATUS);
}

void
channel_lower(int *timeout_ms, uint64_t now_ms, uint64_t deadline_ms)
{
	turn_wake(timeout_ms,
	    deadline_ms > now_ms ? deadline_ms - now_ms : 0);
}

static void
send_close(struct channel *c, int *timeout_ms)
{
	if (relay_send_close(&c->relay))
		c->state = CHANNEL_CLOSED;
	else
		channel_lower(timeout_ms, c->session->turn.now_ms,
		    c->session->turn.now_ms);
}

/*
 * The end, in sshd's order: the status when the process has ended, EOF when
 * its output has, CLOSE after both. EOF waits a little for a status: a client
 * that multiplexes answers EOF with CLOSE, and some then drop the status.
 */
static void
finish(struct channel *c, int *timeout_ms)
{
	uint64_t now_ms = c->session->turn.now_ms;

	if (c->limits_id != 0 && now_ms >= c->limits_deadline_ms)
		c->limits_id = 0;
	if (c->limits_id != 0)
		channel_lower(timeout_ms, now_ms, c->limits_deadline_ms);
	if (c->state == CHANNEL_EXITED && !c->is_status_sent &&
	    c->limits_id == 0 && !relay_holds_output(&c->relay))
		send_status(c);
	if (!relay_is_drained(&c->relay))
		return;
	if (c->is_status_sent) {
		send_close(c, timeout_ms);
		return;
	}
	if (c->state != CHANNEL_RUNNING || c->relay.is_eof_sent ||
	    c->relay.is_remote_closed)
		return;
	if (c->drained_ms == 0)
		c->drained_ms = now_ms;
	if (now_ms - c->drained_ms < EOF_HOLD_MS) {
		channel_lower(timeout_ms, now_ms, c->drained_ms + EOF_HOLD_MS);
		return;
	}
	relay_send_eof(&c->relay);
}

bool
channel_is_held(const struct channel *c)
{
	return c->session->forwarding.requests.first != NULL ||
	    forward_listener_is_due(c->session->forwarding.agent) ||
	    forward_listener_is_due(c->x11);
}

bool
channel_is_terminal(const struct channel *c)
{
	return c->has_pty && c->kind == INIT_SPAWN_SHELL &&
	    c->session->login.terminal[0] != '\0';
}

static int
attach_terminal(struct channel *c)
{
	struct session *s = c->session;
	struct rpc_terminal_attach_req request = {
	    .name = s->login.terminal,
	    .user = s->login.user,
	    .takes_over = s->login.takes_over,
	    .env = {c->env, c->env_size, c->n_env},
	    .rows = c->rows,
	    .columns = c->columns,
	    .width_pixels = c->width_pixels,
	    .height_pixels = c->height_pixels,
	    .modes = {c->modes, c->modes_size},
	};

	return init_client_attach_terminal(&s->init, &request, &c->spawn_id);
}

/* What the broker has to say to the user, on the first channel there is. */
static void
say_notice(struct channel *c)
{
	char *notice = c->session->login.notice;
	char line[sizeof c->session->login.notice + 2];

	if (*notice == '\0')
		return;
	snprintf(line, sizeof line, "%s%s", notice, c->has_pty ? "\r\n" :
	    "\n");
	*notice = '\0';
	relay_say(&c->relay, line);
}

/* Where programs find the client's agent and display, if anywhere. */
static void
add_forwarded_env(struct channel *c)
{
	const struct {
		const char *name;
		const struct forward_listener *listener;
	} rows[] = {{"SSH_AUTH_SOCK", c->session->forwarding.agent},
	    {"DISPLAY", c->x11}};

	if (c->has_forwarded_env)
		return;
	c->has_forwarded_env = true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].listener != NULL && rows[i].listener->state ==
		    FORWARD_LISTENER_LISTENING)
			(void)channel_add_env(c, rows[i].name,
			    rows[i].listener->text);
}

/* For the sandbox's log, which has no words of the client's. */
static const char *
what_it_is(const struct channel *c)
{
	if (channel_is_terminal(c))
		return "terminal";
	switch (c->kind) {
	case INIT_SPAWN_SHELL:
	case INIT_SPAWN_QUIET_SHELL:
		return "shell";
	case INIT_SPAWN_SFTP:
	case INIT_SPAWN_SFTP_READ:
		return "sftp";
	default:
		return "command";
	}
}

static void
send_spawn(struct channel *c)
{
	struct session *s = c->session;
	struct rpc_spawn_req request = {
	    .kind = c->kind == INIT_SPAWN_SHELL &&
		!s->turn.options->print_motd ?
		INIT_SPAWN_QUIET_SHELL : c->kind,
	    .user = s->login.user,
	    .command = c->command != NULL ? c->command : "",
	    .cwd = "",
	    .env = {c->env, c->env_size, c->n_env},
	    .pty = c->has_pty,
	    .term = c->term,
	    .rows = c->rows,
	    .columns = c->columns,
	    .width_pixels = c->width_pixels,
	    .height_pixels = c->height_pixels,
	    .modes = {c->modes, c->modes_size},
	};
	int r = channel_is_terminal(c) ? attach_terminal(c) :
	    init_client_spawn(&s->init, &request, &c->spawn_id);

	if (r == 0) {
		c->state = CHANNEL_STARTING;
		init_client_tell_exec(&s->init, what_it_is(c));
	} else if (r == -EMSGSIZE)
		fail_too_long(c);
	else if (r != -EAGAIN)
		channel_failed(c, strerror(-r));
}

static void
start(struct channel *c)
{
	struct session *s = c->session;
	const char *words = refusal(c);
	struct err err;

	if (s->login.kind == BROKER_LOGIN_LOBBY) {
		lobby_start(c);
		return;
	}
	/* On standard error, where sshd's go to standard output: a client that
	 * speaks a protocol there, such as scp -O, shows them too. */
	if (words != NULL) {
		end_unstarted(c, words, REFUSED_STATUS);
		return;
	}
	say_notice(c);
	if (s->init.init_fd < 0) {
		if (init_client_attach(&s->init, &err) < 0)
			channel_failed(c, err.text);
		return;
	}
	if (s->init.is_paused && init_client_resume(&s->init, &err) < 0)
		channel_failed(c, err.text);
	if (s->init.is_paused || channel_is_held(c) || !is_seen_to(c))
		return;
	add_forwarded_env(c);
	if (c->is_too_long)
		fail_too_long(c);
	else
		send_spawn(c);
}

/* Those that are pending are a set, as the kernel's are. */
static void
send_signals(struct channel *c)
{
	if (c->state > CHANNEL_RUNNING)
		c->wanted_signals = 0;
	if (c->state != CHANNEL_RUNNING)
		return;
	for (int n = 1; c->wanted_signals >> n != 0; n++) {
		if ((c->wanted_signals >> n & 1) != 0 &&
		    init_client_signal(&c->session->init, c->handle, n) ==
		    -EAGAIN)
			return;
		c->wanted_signals &= ~(1u << n);
	}
}

void
channel_turn(struct channel *c, int *timeout_ms)
{
	if (c->state == CHANNEL_WANTED)
		start(c);
	if (c->is_resized && c->state == CHANNEL_RUNNING)
		channel_resize(c);
	if (c->wanted_signals != 0)
		send_signals(c);
	relay_turn(&c->relay);
	if (c->status_fd >= 0)
		lobby_turn(c, timeout_ms);
	if (relay_is_idle(&c->relay, timeout_ms)) {
		relay_refuse(&c->relay);
		c->is_idle = true;
	}
	if (c->recording != NULL)
		recording_flush(c->recording);
	if (c->is_idle || (c->relay.is_remote_closed &&
	    c->state <= CHANNEL_WANTED))
		send_close(c, timeout_ms);
	else
		finish(c, timeout_ms);
}
