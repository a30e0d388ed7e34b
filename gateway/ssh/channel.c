// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/ssh/wire.h"

#define READS_A_TURN	 8
#define PIPE_BYTES	 (256 * 1024)
#define INPUT_MAX_BYTES	 (2 * 1024 * 1024) /* libssh's window: 1 280 000 */
#define EOF_HOLD_MS	 50
#define LIMITS_WAIT_MS	 2000
#define FAILED_STATUS	 255
#define SHELL_KILLED	 (128 + SIGKILL) /* as a shell says it */

static int
end_of_channel(const char *words, struct channel *c)
{
	session_end(c->session, words);
	return SSH_ERROR;
}

void
channel_close_input(struct channel *c)
{
	fd_close(&c->input_fd);
	free(c->input.data);
	c->input = (struct channel_held){0};
}

void
channel_close_output(struct channel *c)
{
	fd_close(&c->output_fd);
	fd_close(&c->error_fd);
	free(c->output.data);
	c->output = (struct channel_held){0};
}

static bool
make_held(struct channel_held *held, size_t size)
{
	free(held->data);
	*held = (struct channel_held){.data = malloc(size), .end = size};
	if (held->data == NULL)
		held->end = 0;
	return held->data != NULL;
}

static bool
has_held(const struct channel_held *held)
{
	return held->start < held->end;
}

static bool
takes_input(const struct channel *c)
{
	return c->state == CHANNEL_RUNNING && c->input_fd >= 0;
}

/* Writes to the process: the bytes taken, 0 when it does not read now. */
static size_t
write_input(struct channel *c, const uint8_t *data, size_t size)
{
	ssize_t n = write(c->input_fd, data, size);

	if (n >= 0)
		return (size_t)n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	channel_close_input(c);
	return size;
}

/*
 * libssh's data callback: returns what was consumed. The rest stays in libssh,
 * which does not offer it again and does not open the window for it.
 */
static int
take_data(ssh_session ssh, ssh_channel channel, void *data, uint32_t size,
    int is_stderr, void *user)
{
	struct channel *c = user;
	size_t n;

	(void)ssh;
	(void)channel;
	if (is_stderr)
		return (int)size;
	c->unread_bytes = size;
	if (size > INPUT_MAX_BYTES)
		return end_of_channel("window exceeded", c);
	if (c->state < CHANNEL_RUNNING)
		return 0;
	if (!takes_input(c)) {
		c->unread_bytes = 0;
		return (int)size;
	}
	if (has_held(&c->input))
		return 0;
	n = write_input(c, data, size);
	c->unread_bytes = size - (uint32_t)n;
	return (int)n;
}

/*
 * Takes all that waits in libssh. All, because each read opens the window as
 * if nothing were left behind: reading in pieces while the process is slow
 * would let the client send without bound.
 */
static bool
take_unread(struct channel *c)
{
	uint32_t want = c->unread_bytes;
	int got;

	c->unread_bytes = 0;
	if (want == 0)
		return false;
	if (!make_held(&c->input, want)) {
		session_end(c->session, "out of memory");
		return false;
	}
	ssh_set_fd_towrite(c->session->ssh);
	got = ssh_channel_read_timeout(c->ssh, c->input.data, want, 0, 0);
	c->input.end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* Gives the process what waits, as far as it reads. */
static void
drain_input(struct channel *c)
{
	while (takes_input(c) && (has_held(&c->input) || take_unread(c))) {
		size_t n = write_input(c, c->input.data + c->input.start,
		    c->input.end - c->input.start);

		if (n == 0)
			return;
		c->input.start += n;
		if (!has_held(&c->input)) {
			free(c->input.data);
			c->input = (struct channel_held){0};
		}
	}
}

static void
take_eof(ssh_session ssh, ssh_channel channel, void *user)
{
	struct channel *c = user;

	(void)ssh;
	(void)channel;
	c->is_input_eof = true;
}

static void
take_close(ssh_session ssh, ssh_channel channel, void *user)
{
	struct channel *c = user;

	(void)ssh;
	(void)channel;
	c->is_input_eof = true;
	c->is_remote_closed = true;
}

struct channel *
channel_open(struct session *session, ssh_message message)
{
	struct channel *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->session = session;
	c->input_fd = c->output_fd = c->error_fd = -1;
	c->ssh = ssh_message_channel_request_open_reply_accept(message);
	if (c->ssh == NULL) {
		free(c);
		return NULL;
	}
	c->callbacks.userdata = c;
	c->callbacks.channel_data_function = take_data;
	c->callbacks.channel_eof_function = take_eof;
	c->callbacks.channel_close_function = take_close;
	channel_requests_install(c);
	ssh_callbacks_init(&c->callbacks);
	ssh_set_channel_callbacks(c->ssh, &c->callbacks);
	return c;
}

static void
forget_request(struct channel *c)
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
	channel_close_input(c);
	channel_close_output(c);
	forget_request(c);
	/* libssh would go on calling them after the free. */
	ssh_remove_channel_callbacks(c->ssh, &c->callbacks);
	ssh_channel_free(c->ssh);
	free(c);
}

/* Only what can be read and written without blocking is a process's end. */
static bool
prepare_fd(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) ||
	    S_ISSOCK(st.st_mode)) && fd_set_nonblocking(fd) == 0;
}

void
channel_spawned(struct channel *c, struct init_event *event)
{
	forget_request(c);
	for (size_t i = 0; i < event->n_fds; i++)
		if (!prepare_fd(event->fds[i])) {
			channel_failed(c, "init passed no pipe or terminal");
			return;
		}
	if ((event->n_fds == 1) != c->has_pty) {
		channel_failed(c, "init passed other descriptors than asked");
		return;
	}
	if (c->has_pty) {
		/* Two descriptors, so that each way closes by itself. */
		c->input_fd = fcntl(event->fds[0], F_DUPFD_CLOEXEC, 0);
		c->output_fd = take_fd(&event->fds[0]);
	} else {
		c->input_fd = take_fd(&event->fds[0]);
		c->output_fd = take_fd(&event->fds[1]);
		c->error_fd = take_fd(&event->fds[2]);
	}
	c->handle = event->handle;
	c->state = CHANNEL_RUNNING;
	if (c->is_resized)
		channel_resize(c);
	if (c->is_remote_closed)
		channel_close_output(c);
	drain_input(c);
}

static void
say_error(struct channel *c, const char *words)
{
	uint32_t size = (uint32_t)strlen(words);

	if (c->is_remote_closed || ssh_channel_window_size(c->ssh) < size)
		return;
	ssh_set_fd_towrite(c->session->ssh);
	(void)ssh_channel_write_stderr(c->ssh, words, size);
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

	forget_request(c);
	snprintf(line, sizeof line, "sandgate: cannot start: %s\r\n", words);
	say_error(c, line);
	c->wait_status = W_EXITCODE(FAILED_STATUS, 0);
	c->state = CHANNEL_EXITED;
	channel_close_input(c);
	channel_close_output(c);
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
	channel_close_input(c);
	if (!was_killed(wait_status) || init_client_ask_limits(
	    &c->session->init, &c->limits_id) < 0)
		return;
	c->limits_deadline_ms = c->session->now_ms + LIMITS_WAIT_MS;
}

void
channel_limits(struct channel *c, const struct init_event *event)
{
	char line[128];

	c->limits_id = 0;
	if (event->oom_kills <= c->session->oom_kills)
		return;
	c->session->oom_kills = event->oom_kills;
	snprintf(line, sizeof line,
	    "killed: out of memory (limit %llu MiB)\r\n",
	    (unsigned long long)(event->memory_limit_bytes >> 20));
	say_error(c, line);
}

/* Sends data; what libssh does not take during a key exchange is kept. */
static void
send_output(struct channel *c, const uint8_t *data, size_t size, bool is_error)
{
	int n;

	ssh_set_fd_towrite(c->session->ssh);
	n = is_error
	    ? ssh_channel_write_stderr(c->ssh, data, (uint32_t)size)
	    : ssh_channel_write(c->ssh, data, (uint32_t)size);
	if (n < 0) {
		channel_close_output(c);
		return;
	}
	if ((size_t)n == size)
		return;
	c->session->is_stalled = true;
	c->held_is_error = is_error;
	if (make_held(&c->output, size - (size_t)n))
		memcpy(c->output.data, data + n, size - (size_t)n);
	else
		session_end(c->session, "out of memory");
}

static void
send_held(struct channel *c)
{
	struct channel_held held = c->output;

	if (!has_held(&held) || c->session->is_stalled ||
	    ssh_channel_window_size(c->ssh) < held.end - held.start)
		return;
	c->output = (struct channel_held){0};
	send_output(c, held.data + held.start, held.end - held.start,
	    c->held_is_error);
	free(held.data);
}

static bool
wants_output(const struct channel *c)
{
	return !c->session->is_stalled && !has_held(&c->output) &&
	    wire_unsent_bytes() < WIRE_HIGH_BYTES &&
	    ssh_channel_window_size(c->ssh) > 0;
}

static void
grow_pipe(struct channel *c)
{
	if (c->is_pipe_grown || c->has_pty)
		return;
	c->is_pipe_grown = true;
	/* Fewer wake-ups for bulk data; a refusal costs only speed. */
	(void)fcntl(c->output_fd, F_SETPIPE_SZ, PIPE_BYTES);
	if (c->input_fd >= 0)
		(void)fcntl(c->input_fd, F_SETPIPE_SZ, PIPE_BYTES);
}

static void
pump_output(struct channel *c, int *fd, bool is_error)
{
	for (int i = 0; i < READS_A_TURN && *fd >= 0 && wants_output(c); i++) {
		size_t want = ssh_channel_window_size(c->ssh);
		ssize_t n;

		if (want > SESSION_CHUNK_BYTES)
			want = SESSION_CHUNK_BYTES;
		n = read(*fd, c->session->chunk, want);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* EIO: the last process let go of the terminal. */
		if (n <= 0) {
			fd_close(fd);
			return;
		}
		send_output(c, c->session->chunk, (size_t)n, is_error);
		if ((size_t)n < want)
			return;
		grow_pipe(c);
	}
}

static bool
is_drained(const struct channel *c)
{
	return c->output_fd < 0 && c->error_fd < 0 && !has_held(&c->output);
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
	ssh_set_fd_towrite(c->session->ssh);
	if (WIFSIGNALED(status))
		(void)ssh_channel_request_send_exit_signal(c->ssh,
		    signal_name(WTERMSIG(status)), WCOREDUMP(status), "", "");
	else
		(void)ssh_channel_request_send_exit_status(c->ssh,
		    WIFEXITED(status) ? WEXITSTATUS(status) : FAILED_STATUS);
}

static void
lower(int *timeout_ms, uint64_t now_ms, uint64_t deadline_ms)
{
	int left_ms = deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;

	if (*timeout_ms < 0 || left_ms < *timeout_ms)
		*timeout_ms = left_ms;
}

/* Our EOF, CLOSE: libssh may ask for another try (SSH_AGAIN). */
static void
send_close(struct channel *c, int *timeout_ms)
{
	ssh_set_fd_towrite(c->session->ssh);
	if (ssh_channel_close(c->ssh) == SSH_AGAIN)
		lower(timeout_ms, c->session->now_ms, c->session->now_ms);
	else
		c->state = CHANNEL_CLOSED;
}

/*
 * The end, in sshd's order: the status when the process has ended, EOF when
 * its output has, CLOSE after both. EOF waits a little for a status: a client
 * that multiplexes answers EOF with CLOSE, and some then drop the status.
 */
static void
finish(struct channel *c, int *timeout_ms)
{
	uint64_t now_ms = c->session->now_ms;

	if (c->limits_id != 0 && now_ms >= c->limits_deadline_ms)
		c->limits_id = 0;
	if (c->limits_id != 0)
		lower(timeout_ms, now_ms, c->limits_deadline_ms);
	if (c->state == CHANNEL_EXITED && !c->is_status_sent &&
	    c->limits_id == 0 && !has_held(&c->output))
		send_status(c);
	if (!is_drained(c))
		return;
	if (c->is_status_sent) {
		send_close(c, timeout_ms);
		return;
	}
	if (c->state != CHANNEL_RUNNING || c->is_eof_sent ||
	    c->is_remote_closed)
		return;
	if (c->drained_ms == 0)
		c->drained_ms = now_ms;
	if (now_ms - c->drained_ms < EOF_HOLD_MS) {
		lower(timeout_ms, now_ms, c->drained_ms + EOF_HOLD_MS);
		return;
	}
	ssh_set_fd_towrite(c->session->ssh);
	c->is_eof_sent = ssh_channel_send_eof(c->ssh) != SSH_AGAIN;
}

static void
start(struct channel *c)
{
	struct session *s = c->session;
	struct rpc_spawn_req request = {
	    .kind = c->kind,
	    .user = s->login_user,
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
	struct err err;
	int r;

	if (s->init.init_fd < 0) {
		if (init_client_attach(&s->init, &err) < 0)
			channel_failed(c, err.text);
		return;
	}
	r = init_client_spawn(&s->init, &request, &c->spawn_id);
	if (r == 0)
		c->state = CHANNEL_STARTING;
	else if (r != -EAGAIN)
		channel_failed(c, strerror(-r));
}

void
channel_turn(struct channel *c, int *timeout_ms)
{
	if (c->state == CHANNEL_WANTED)
		start(c);
	if (c->wanted_signal != 0 && (c->state != CHANNEL_RUNNING ||
	    init_client_signal(&c->session->init, c->handle,
	    c->wanted_signal) != -EAGAIN))
		c->wanted_signal = 0;
	if (c->is_remote_closed && c->state == CHANNEL_RUNNING)
		channel_close_output(c);
	/* A terminal has no end of input but what is typed. */
	if (c->is_input_eof && c->unread_bytes == 0 && !has_held(&c->input) &&
	    c->state == CHANNEL_RUNNING &&
	    (!c->has_pty || c->is_remote_closed))
		channel_close_input(c);
	send_held(c);
	if (c->is_remote_closed && c->state <= CHANNEL_WANTED)
		send_close(c, timeout_ms);
	else
		finish(c, timeout_ms);
}

size_t
channel_collect(const struct channel *c, struct pollfd *fds)
{
	size_t n = 0;

	if (wants_output(c) && c->output_fd >= 0)
		fds[n++] = (struct pollfd){c->output_fd, POLLIN, 0};
	if (wants_output(c) && c->error_fd >= 0)
		fds[n++] = (struct pollfd){c->error_fd, POLLIN, 0};
	if (takes_input(c) && (has_held(&c->input) || c->unread_bytes > 0))
		fds[n++] = (struct pollfd){c->input_fd, POLLOUT, 0};
	return n;
}

void
channel_ready(struct channel *c, const struct pollfd *fds, size_t n_fds)
{
	for (size_t i = 0; i < n_fds; i++) {
		if (fds[i].revents == 0)
			continue;
		if (fds[i].events == POLLOUT)
			drain_input(c);
		else if (fds[i].fd == c->output_fd)
			pump_output(c, &c->output_fd, false);
		else if (fds[i].fd == c->error_fd)
			pump_output(c, &c->error_fd, true);
	}
}
