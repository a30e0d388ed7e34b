// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "gateway/ssh/libssh/wire.h"

#define READS_A_TURN	8
#define PIPE_BYTES	(256 * 1024)
/* More than a terminal of the kernel holds. */
#define TERMINAL_BYTES	(128 * 1024)
#define INPUT_MAX_BYTES (2 * 1024 * 1024) /* libssh's window: 1 280 000 */

static void
drop_held(struct relay_held *held)
{
	free(held->data);
	*held = (struct relay_held){0};
}

/* Whatever changes what waits to be taken inside ends with this. */
static void
count_unread(struct relay *r)
{
	size_t bytes = r->unread_bytes + (r->input.end - r->input.start);

	r->turn->unread_bytes += bytes - r->counted_bytes;
	r->counted_bytes = bytes;
}

/* A socket has both ends in one: closing a descriptor of it tells nobody. */
static void
close_way(int *fd, int how)
{
	if (*fd >= 0)
		(void)shutdown(*fd, how);
	fd_close(fd);
}

void
relay_close_input(struct relay *r)
{
	close_way(&r->input_fd, SHUT_WR);
	drop_held(&r->input);
	count_unread(r);
}

void
relay_close_output(struct relay *r)
{
	close_way(&r->output_fd, SHUT_RD);
	fd_close(&r->error_fd);
	drop_held(&r->output);
}

static bool
make_held(struct relay_held *held, size_t size)
{
	free(held->data);
	*held = (struct relay_held){.data = malloc(size), .end = size};
	if (held->data == NULL)
		held->end = 0;
	return held->data != NULL;
}

static bool
has_held(const struct relay_held *held)
{
	return held->start < held->end;
}

/* Fewer wake-ups for bulk data; a refusal (no pipe) costs only speed. */
static void
grow_pipe(int fd, bool *is_grown)
{
	if (*is_grown)
		return;
	*is_grown = true;
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
}

/* Writes inwards: the bytes taken, 0 when nobody reads now. */
static size_t
write_input(struct relay *r, const uint8_t *data, size_t size)
{
	ssize_t n = write(r->input_fd, data, size);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		relay_close_input(r);
		return size;
	}
	if (n < (ssize_t)size)
		grow_pipe(r->input_fd, &r->is_input_grown);
	if (n > 0 && r->tap != NULL &&
	    !r->tap(r->tap_arg, RELAY_INPUT, data, (size_t)n)) {
		relay_close_input(r);
		return size;
	}
	return n > 0 ? (size_t)n : 0;
}

/* What is consumed of the client's bytes; r->unread_bytes is the rest. */
static int
consume(struct relay *r, const void *data, uint32_t size)
{
	size_t n;

	r->unread_bytes = size;
	r->used_ms = r->turn->now_ms;
	if (size > INPUT_MAX_BYTES) {
		turn_end(r->turn, "window exceeded");
		return SSH_ERROR;
	}
	if (!r->is_started)
		return 0;
	if (r->input_fd < 0) {
		r->unread_bytes = 0;
		return (int)size;
	}
	if (has_held(&r->input))
		return 0;
	n = write_input(r, data, size);
	r->unread_bytes = size - (uint32_t)n;
	return (int)n;
}

/*
 * libssh's data callback: returns what was consumed. The rest stays in libssh,
 * which does not offer it again and does not open the window for it.
 */
static int
take_data(ssh_session ssh, ssh_channel channel, void *data, uint32_t size,
    int is_stderr, void *user)
{
	struct relay *r = user;
	int n;

	(void)ssh;
	(void)channel;
	if (is_stderr)
		return (int)size;
	n = consume(r, data, size);
	count_unread(r);
	return n;
}

/*
 * Takes all that waits in libssh. All, because each read opens the window as
 * if nothing were left behind: reading in pieces while nobody takes it inside
 * would let the client send without bound.
 */
static bool
take_unread(struct relay *r)
{
	uint32_t want = r->unread_bytes;
	int got;

	r->unread_bytes = 0;
	if (want == 0)
		return false;
	if (!make_held(&r->input, want)) {
		turn_end(r->turn, "out of memory");
		return false;
	}
	ssh_set_fd_towrite(r->turn->ssh);
	got = ssh_channel_read_timeout(r->ssh, r->input.data, want, 0, 0);
	r->input.end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* Hands inwards what waits, as far as it is read there. */
static void
drain_input(struct relay *r)
{
	while (r->input_fd >= 0 && (has_held(&r->input) || take_unread(r))) {
		size_t n = write_input(r, r->input.data + r->input.start,
		    r->input.end - r->input.start);

		if (n == 0)
			break;
		r->input.start += n;
		if (!has_held(&r->input))
			drop_held(&r->input);
	}
	count_unread(r);
}

static void
take_eof(ssh_session ssh, ssh_channel channel, void *user)
{
	struct relay *r = user;

	(void)ssh;
	(void)channel;
	r->is_input_eof = true;
}

static void
take_close(ssh_session ssh, ssh_channel channel, void *user)
{
	struct relay *r = user;

	(void)ssh;
	(void)channel;
	r->is_input_eof = true;
	r->is_remote_closed = true;
}

void
relay_init(struct relay *r, struct turn *turn, ssh_channel ssh)
{
	r->turn = turn;
	r->ssh = ssh;
	r->input_fd = r->output_fd = r->error_fd = -1;
	r->callbacks.userdata = r;
	r->callbacks.channel_data_function = take_data;
	r->callbacks.channel_eof_function = take_eof;
	r->callbacks.channel_close_function = take_close;
	ssh_callbacks_init(&r->callbacks);
	ssh_set_channel_callbacks(ssh, &r->callbacks);
}

void
relay_fini(struct relay *r)
{
	r->unread_bytes = 0;
	relay_close_input(r);
	relay_close_output(r);
	/* libssh would go on calling them after the free. */
	ssh_remove_channel_callbacks(r->ssh, &r->callbacks);
	ssh_channel_free(r->ssh);
}

/* Only what can be read and written without blocking. */
static bool
prepare_fd(int fd)
{
	struct stat st;

	return fd < 0 || (fstat(fd, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) ||
	    S_ISSOCK(st.st_mode)) && fd_set_nonblocking(fd) == 0);
}

int
relay_start(struct relay *r, int input_fd, int output_fd, int error_fd)
{
	r->is_started = true;
	r->input_fd = input_fd;
	r->output_fd = output_fd;
	r->error_fd = error_fd;
	if (!prepare_fd(input_fd) || !prepare_fd(output_fd) ||
	    !prepare_fd(error_fd)) {
		relay_close_input(r);
		relay_close_output(r);
		return -EINVAL;
	}
	if (r->is_remote_closed)
		relay_close_output(r);
	drain_input(r);
	return 0;
}

void
relay_refuse(struct relay *r)
{
	r->is_started = true;
	relay_close_input(r);
	relay_close_output(r);
}

/* Sends data; what libssh does not take during a key exchange is kept. */
static void
send_output(struct relay *r, const uint8_t *data, size_t size, bool is_error)
{
	int n;

	ssh_set_fd_towrite(r->turn->ssh);
	n = is_error
	    ? ssh_channel_write_stderr(r->ssh, data, (uint32_t)size)
	    : ssh_channel_write(r->ssh, data, (uint32_t)size);
	if (n < 0) {
		relay_close_output(r);
		return;
	}
	if ((size_t)n == size)
		return;
	r->turn->is_stalled = true;
	r->held_is_error = is_error;
	if (make_held(&r->output, size - (size_t)n))
		memcpy(r->output.data, data + n, size - (size_t)n);
	else
		turn_end(r->turn, "out of memory");
}

static void
send_held(struct relay *r)
{
	struct relay_held held = r->output;

	if (!has_held(&held) || r->turn->is_stalled ||
	    ssh_channel_window_size(r->ssh) < held.end - held.start)
		return;
	r->output = (struct relay_held){0};
	send_output(r, held.data + held.start, held.end - held.start,
	    r->held_is_error);
	free(held.data);
}

static bool
wants_output(const struct relay *r)
{
	return !r->turn->is_stalled && !has_held(&r->output) &&
	    wire_unsent_bytes() < WIRE_HIGH_BYTES &&
	    ssh_channel_window_size(r->ssh) > 0;
}

/* What others go on writing to the terminal must not keep it open. */
static void
end_soon(struct relay *r, int *fd, size_t size)
{
	if (size < r->ending_bytes)
		r->ending_bytes -= size;
	else
		fd_close(fd);
}

static void
pump_output(struct relay *r, int *fd, bool is_error)
{
	for (int i = 0; i < READS_A_TURN && *fd >= 0 && wants_output(r); i++) {
		/* Bulk data in one piece: each read wakes the writer. */
		size_t most = r->is_output_grown ? TURN_CHUNK_BYTES :
		    TURN_PACKET_BYTES;
		size_t want = ssh_channel_window_size(r->ssh);
		ssize_t n;

		if (want > most)
			want = most;
		n = read(*fd, r->turn->chunk, want);
		if (n < 0 && (errno == EINTR ||
		    (errno == EAGAIN && !r->is_output_ending)))
			return;
		/* EIO: the last process let go of the terminal. */
		if (n <= 0) {
			fd_close(fd);
			return;
		}
		r->used_ms = r->turn->now_ms;
		if (r->tap != NULL && !r->tap(r->tap_arg, is_error ?
		    RELAY_ERROR : RELAY_OUTPUT, r->turn->chunk,
		    (size_t)n)) {
			relay_close_input(r);
			relay_close_output(r);
			return;
		}
		send_output(r, r->turn->chunk, (size_t)n, is_error);
		if (r->is_output_ending) {
			end_soon(r, fd, (size_t)n);
			continue;
		}
		if ((size_t)n < want)
			return;
		grow_pipe(*fd, &r->is_output_grown);
	}
}

void
relay_end_output(struct relay *r)
{
	r->is_output_ending = true;
	r->ending_bytes = TERMINAL_BYTES;
}

void
relay_set_type(struct relay *r, const char *type)
{
	r->idle_limit_ms = ssh_conf_channel_timeout_ms(r->turn->options,
	    type);
	r->used_ms = r->turn->now_ms;
}

bool
relay_is_idle(const struct relay *r, int *timeout_ms)
{
	uint64_t now_ms = r->turn->now_ms, idle_ms = now_ms - r->used_ms;

	if (r->idle_limit_ms == 0)
		return false;
	if (idle_ms >= r->idle_limit_ms)
		return true;
	turn_wake(timeout_ms, r->idle_limit_ms - idle_ms);
	return false;
}

bool
relay_is_drained(const struct relay *r)
{
	return r->output_fd < 0 && r->error_fd < 0 && !has_held(&r->output);
}

bool
relay_holds_output(const struct relay *r)
{
	return has_held(&r->output);
}

void
relay_turn(struct relay *r)
{
	if (r->is_started && r->is_remote_closed)
		relay_close_output(r);
	if (r->is_started && r->is_input_eof && r->unread_bytes == 0 &&
	    !has_held(&r->input) &&
	    (!r->keeps_input_at_eof || r->is_remote_closed))
		relay_close_input(r);
	send_held(r);
	while (r->is_output_ending && r->output_fd >= 0 && wants_output(r))
		pump_output(r, &r->output_fd, false);
}

void
relay_send_eof(struct relay *r)
{
	if (r->is_eof_sent)
		return;
	ssh_set_fd_towrite(r->turn->ssh);
	r->is_eof_sent = ssh_channel_send_eof(r->ssh) != SSH_AGAIN;
}

bool
relay_send_close(struct relay *r)
{
	ssh_set_fd_towrite(r->turn->ssh);
	/* libssh may ask for another try. */
	return ssh_channel_close(r->ssh) != SSH_AGAIN;
}

void
relay_say(struct relay *r, const char *words)
{
	uint32_t size = (uint32_t)strlen(words);

	if (r->is_remote_closed || ssh_channel_window_size(r->ssh) < size)
		return;
	ssh_set_fd_towrite(r->turn->ssh);
	(void)ssh_channel_write_stderr(r->ssh, words, size);
}

size_t
relay_collect(const struct relay *r, struct pollfd *fds)
{
	size_t n = 0;

	if (wants_output(r) && r->output_fd >= 0)
		fds[n++] = (struct pollfd){r->output_fd, POLLIN, 0};
	if (wants_output(r) && r->error_fd >= 0)
		fds[n++] = (struct pollfd){r->error_fd, POLLIN, 0};
	if (r->input_fd >= 0 && (has_held(&r->input) || r->unread_bytes > 0))
		fds[n++] = (struct pollfd){r->input_fd, POLLOUT, 0};
	return n;
}

void
relay_ready(struct relay *r, const struct pollfd *fds, size_t n_fds)
{
	for (size_t i = 0; i < n_fds; i++) {
		if (fds[i].revents == 0)
			continue;
		if (fds[i].events == POLLOUT)
			drain_input(r);
		else if (fds[i].fd == r->output_fd)
			pump_output(r, &r->output_fd, false);
		else if (fds[i].fd == r->error_fd)
			pump_output(r, &r->error_fd, true);
	}
}
