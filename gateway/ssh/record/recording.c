// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/ssh/broker_client.h"
#include "gateway/ssh/login.h"
#include "gateway/ssh/record/cast.h"
#include "gateway/ssh/record/sftp_watch.h"

/* What is gathered beyond this is written at once, not at the turn's end. */
#define GATHERED_MAX_BYTES (256 * 1024)
#define KEPT_ROOM_BYTES	   (16 * 1024) /* of an idle recording */

/* One direction of the channel. */
struct recording_way {
	uint64_t n_bytes;
	struct cast_rest rest;
};

struct recording {
	struct turn *turn;
	enum broker_recording kind;
	enum recording_state state;
	struct err err; /* of a failure to open */
	int fd;
	uint64_t started_ms, written_bytes;
	struct json_text text; /* gathered, not written yet */
	struct recording_way ways[N_RELAY_WAY];
	struct sftp_watch *sftp;
	bool is_lost; /* what passed was no SFTP */
};

static const char *const way_names[N_RELAY_WAY] = {
    [RELAY_INPUT] = "stdin",
    [RELAY_OUTPUT] = "stdout",
    [RELAY_ERROR] = "stderr",
};

static uint64_t
time_ms(const struct recording *r)
{
	return r->turn->now_ms - r->started_ms;
}

/* One session a process: the words outlive the recording. */
static void
fail(struct recording *r, const char *why)
{
	static char words[ERR_TEXT_SIZE];

	r->state = RECORDING_FAILED;
	json_text_fini(&r->text);
	snprintf(words, sizeof words, "The recording cannot go on: %s", why);
	log_error("recording user=%s sandbox=%s: %s", r->turn->user,
	    r->turn->login->sandbox_id, why);
	turn_end(r->turn, words);
}

void
recording_flush(struct recording *r)
{
	size_t written = 0;
	ssize_t n;
	int error;

	if (r->state != RECORDING_READY)
		return;
	if (r->text.is_out_of_memory) {
		fail(r, "out of memory");
		return;
	}
	if (r->written_bytes + r->text.used >
	    r->turn->options->recording_max_bytes) {
		fail(r, "it has reached its largest size");
		return;
	}
	/* The audit log and the keys may be on the same disk. */
	if (r->text.used > 0 && (error = fd_check_room(r->fd,
	    r->turn->options->recording_min_free_bytes)) < 0) {
		fail(r, strerror(-error));
		return;
	}
	while (written < r->text.used) {
		n = write(r->fd, r->text.data + written,
		    r->text.used - written);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			fail(r, n < 0 ? strerror(errno) : "no bytes written");
			return;
		}
		written += (size_t)n;
	}
	r->written_bytes += written;
	r->text.used = 0;
	if (r->text.room > KEPT_ROOM_BYTES)
		json_text_fini(&r->text);
}

static void
flush_if_large(struct recording *r)
{
	if (r->text.used > GATHERED_MAX_BYTES || r->text.is_out_of_memory)
		recording_flush(r);
}

struct json_text *
recording_begin_event(struct recording *r, const char *name)
{
	uint64_t now_ms = time_ms(r);

	json_text_addf(&r->text, "{\"time\":%llu.%03u,\"event\":\"%s\"",
	    (unsigned long long)(now_ms / 1000), (unsigned)(now_ms % 1000),
	    name);
	return &r->text;
}

void
recording_end_event(struct recording *r)
{
	json_text_add(&r->text, "}\n");
	if (r->state != RECORDING_READY)
		json_text_fini(&r->text);
	flush_if_large(r);
}

/* A change of files, as the SFTP client asked and the server answered. */
static void
take_sftp(void *arg, const struct sftp_event *event)
{
	struct recording *r = arg;
	struct json_text *text = recording_begin_event(r, event->name);

	json_text_add(text, ",\"path\":");
	json_text_add_string(text, event->path.data, event->path.size);
	if (event->target.data != NULL) {
		json_text_add(text, ",\"target\":");
		json_text_add_string(text, event->target.data,
		    event->target.size);
	}
	json_text_add_member(text, "detail", event->detail);
	if (event->has_bytes)
		json_text_addf(text,
		    ",\"read_bytes\":%llu,\"written_bytes\":%llu",
		    (unsigned long long)event->read_bytes,
		    (unsigned long long)event->written_bytes);
	json_text_add_member(text, "result", event->result);
	recording_end_event(r);
}

struct recording *
recording_new(struct turn *turn, enum broker_recording kind)
{
	struct recording *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->turn = turn;
	r->kind = kind;
	r->fd = -1;
	if (kind == BROKER_RECORDING_SFTP) {
		r->sftp = sftp_watch_new(take_sftp, r);
		if (r->sftp == NULL) {
			free(r);
			return NULL;
		}
	}
	return r;
}

static void
take_file(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct recording *r = arg;
	struct stat st;

	r->started_ms = r->turn->now_ms;
	r->state = RECORDING_FAILED;
	if (reply == NULL) {
		r->err = *err;
		return;
	}
	if (message->n_fds != 1) {
		err_set(&r->err, EBADMSG, "no file came");
		return;
	}
	r->fd = take_fd(&message->fds[0]);
	/* The broker's first line counts. */
	if (fstat(r->fd, &st) < 0) {
		(void)err_errno(&r->err, "fstat");
		return;
	}
	r->written_bytes = (uint64_t)st.st_size;
	r->state = RECORDING_READY;
}

enum recording_state
recording_ask(struct recording *r, const struct rpc_record_open_req *request)
{
	struct rpc_record_open_req asked = *request;
	int code;

	if (r->state != RECORDING_WANTED)
		return r->state;
	asked.kind = r->kind;
	code = broker_client_ask(r->turn->broker, &rpc_call_record_open,
	    &asked, take_file, r);
	if (code == 0) {
		r->state = RECORDING_ASKED;
	} else if (code != -EAGAIN) {
		r->state = RECORDING_FAILED;
		err_set(&r->err, -code, code == -ENOTCONN ?
		    "the gateway was restarted; connect again" : "%s",
		    strerror(-code));
	}
	return r->state;
}

enum recording_state
recording_state(const struct recording *r)
{
	return r->state;
}

const char *
recording_failure(const struct recording *r)
{
	return r->err.text;
}

/* The first bytes of a stream as text, or as base64 where they are none. */
static void
add_stream(struct recording *r, enum relay_way way, const uint8_t *data,
    size_t size)
{
	uint64_t max = r->turn->options->recording_exec_bytes;
	uint64_t before = r->ways[way].n_bytes;
	struct json_text *text;
	bool is_text = true;

	if (before >= max)
		return;
	if (size > max - before)
		size = (size_t)(max - before);
	for (size_t i = 0; i < size && is_text;) {
		int n = utf8_first(data + i, size - i);

		is_text = n > 0;
		i += (size_t)abs(n);
	}
	text = recording_begin_event(r, "bytes");
	json_text_add_member(text, "stream", way_names[way]);
	json_text_add(text, is_text ? ",\"text\":" : ",\"base64\":");
	if (is_text)
		json_text_add_string(text, data, size);
	else
		json_text_add_base64(text, data, size);
	recording_end_event(r);
}

/* Says so once; what follows would go unseen, so nothing may. */
static bool
watch_sftp(struct recording *r, enum relay_way way, const uint8_t *data,
    size_t size)
{
	if (r->is_lost || sftp_watch_feed(r->sftp, way == RELAY_INPUT, data,
	    size) == 0)
		return !r->is_lost || way == RELAY_OUTPUT;
	r->is_lost = true;
	json_text_add_member(recording_begin_event(r, "malformed"), "from",
	    way == RELAY_INPUT ? "client" : "server");
	recording_end_event(r);
	return false;
}

bool
recording_tap(void *arg, enum relay_way way, const uint8_t *data, size_t size)
{
	struct recording *r = arg;
	bool is_kept = way != RELAY_INPUT ||
	    r->turn->options->recording_input;
	bool may_pass = true;

	if (r->state != RECORDING_READY)
		return true;
	if (r->kind == BROKER_RECORDING_PTY && is_kept)
		cast_add_bytes(&r->text, time_ms(r),
		    way == RELAY_INPUT ? 'i' : 'o', &r->ways[way].rest, data,
		    size);
	else if (r->kind == BROKER_RECORDING_EXEC && is_kept)
		add_stream(r, way, data, size);
	else if (r->kind == BROKER_RECORDING_SFTP && way != RELAY_ERROR)
		may_pass = watch_sftp(r, way, data, size);
	r->ways[way].n_bytes += size;
	flush_if_large(r);
	return may_pass;
}

void
recording_resize(struct recording *r, uint32_t columns, uint32_t rows)
{
	if (r->state == RECORDING_READY && r->kind == BROKER_RECORDING_PTY)
		cast_add_resize(&r->text, time_ms(r), columns, rows);
}

static void
add_cast_end(struct recording *r, const int *wait_status)
{
	char words[64] = "disconnected";

	cast_add_rest(&r->text, time_ms(r), 'i', &r->ways[RELAY_INPUT].rest);
	cast_add_rest(&r->text, time_ms(r), 'o', &r->ways[RELAY_OUTPUT].rest);
	if (wait_status != NULL && WIFSIGNALED(*wait_status))
		snprintf(words, sizeof words, "signal %d",
		    WTERMSIG(*wait_status));
	else if (wait_status != NULL)
		snprintf(words, sizeof words, "exit %d",
		    WEXITSTATUS(*wait_status));
	cast_add_marker(&r->text, time_ms(r), words);
}

static void
add_lines_end(struct recording *r, const int *wait_status)
{
	struct json_text *text;

	if (r->sftp != NULL)
		sftp_watch_end(r->sftp);
	text = recording_begin_event(r, "end");
	if (wait_status != NULL && WIFSIGNALED(*wait_status))
		json_text_addf(text, ",\"signal\":%d",
		    WTERMSIG(*wait_status));
	else if (wait_status != NULL)
		json_text_addf(text, ",\"exit_status\":%d",
		    WEXITSTATUS(*wait_status));
	for (size_t i = 0; r->kind != BROKER_RECORDING_FORWARD &&
	    i < N_RELAY_WAY; i++)
		json_text_addf(text, ",\"%s_bytes\":%llu", way_names[i],
		    (unsigned long long)r->ways[i].n_bytes);
	recording_end_event(r);
}

void
recording_close(struct recording *r, const int *wait_status)
{
	if (r == NULL)
		return;
	if (r->state == RECORDING_READY) {
		if (r->kind == BROKER_RECORDING_PTY)
			add_cast_end(r, wait_status);
		else
			add_lines_end(r, wait_status);
		recording_flush(r);
	}
	broker_client_forget(r->turn->broker, r);
	fd_close(&r->fd);
	json_text_fini(&r->text);
	sftp_watch_free(r->sftp);
	free(r);
}
