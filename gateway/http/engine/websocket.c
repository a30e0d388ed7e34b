// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/websocket.h"

#include <errno.h>
#include <sha1.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "common/clock.h"
#include "gateway/http/engine/frame_heads.h"
#include "gateway/http/engine/outbox.h"

/* Read before others have their turn. */
#define READ_BYTES_MAX 65536

/* Frames on their way out, beyond which nothing is read: each ping that comes
 * is answered by one. */
#define FRAMES_MAX 256

struct websocket {
	struct loop *loop;
	struct loop_watch watch;
	struct loop_timer timer; /* of a ping, or of the close's end */
	struct websocket_client client;
	struct wslay_event_context *frames;
	uint64_t idle_ms, heard_ms, begun_ms;
	uint32_t events;
	size_t budget;		/* bytes that may still be read this time */
	struct frame_heads heads; /* of what comes */
	struct outbox text;	/* the message that is coming */
	uint8_t frame, message; /* opcodes of what is coming */
	bool is_held, is_full, is_closing, is_over, is_freed;
	bool has_spoken; /* a message has begun to come */
	bool is_lost; /* the client has hung up */
	const char *problem; /* why what comes are no frames any more */
	bool is_blocked; /* the socket has no room */
	/* wslay sends what is to be told first before it closes, if it is
	 * given the close last: its control frames overtake. */
	bool is_close_queued;
	enum websocket_code code;
	char why[WEBSOCKET_REASON_MAX + 1];
	unsigned int depth;
};

static bool
may_read(const struct websocket *websocket)
{
	struct wslay_event_context *frames = websocket->frames;

	return !websocket->is_held && websocket->problem == NULL &&
	    wslay_event_want_read(frames) != 0 &&
	    wslay_event_get_queued_msg_count(frames) < FRAMES_MAX;
}

static void
watch(struct websocket *websocket)
{
	/* A hang-up is seen by reading, or asked for where nothing is read. */
	bool is_writing = wslay_event_want_write(websocket->frames) != 0 ||
	    (websocket->is_closing && !websocket->is_close_queued);
	uint32_t events = (may_read(websocket) ? (uint32_t)EPOLLIN :
	    (uint32_t)EPOLLRDHUP) | (is_writing ? (uint32_t)EPOLLOUT : 0U);

	if (websocket->is_over || events == websocket->events)
		return;
	websocket->events = events;
	loop_change(websocket->loop, &websocket->watch, events);
}

static void
release(struct websocket *websocket)
{
	if (!websocket->is_freed || websocket->depth > 0)
		return;
	wslay_event_context_free(websocket->frames);
	outbox_fini(&websocket->text);
	free(websocket);
}

static void
end(struct websocket *websocket)
{
	if (websocket->is_over)
		return;
	websocket->is_over = true;
	loop_stop_timer(websocket->loop, &websocket->timer);
	loop_remove(websocket->loop, &websocket->watch);
	if (!websocket->is_freed)
		websocket->client.ended(websocket->client.arg);
}

static bool
is_quiet(const struct websocket *websocket)
{
	return websocket->is_over || websocket->is_freed ||
	    websocket->is_closing;
}

/* From now on the client has to answer it. */
static void
await_close(struct websocket *websocket)
{
	websocket->is_closing = websocket->is_close_queued = true;
	loop_set_timer(websocket->loop, &websocket->timer,
	    WEBSOCKET_CLOSE_MS);
}

/* 0, or that of wslay_event_send. */
static int
transmit_all(struct websocket *websocket)
{
	struct wslay_event_context *frames = websocket->frames;
	int r = wslay_event_send(frames);

	if (r != 0 || !websocket->is_closing || websocket->is_close_queued ||
	    wslay_event_want_write(frames) != 0)
		return r;
	(void)wslay_event_queue_close(frames, (uint16_t)websocket->code,
	    (const uint8_t *)websocket->why, strlen(websocket->why));
	await_close(websocket);
	return wslay_event_send(frames);
}

/* Sends what is there; then whether there is room, or an end. */
static void
flush(struct websocket *websocket)
{
	struct wslay_event_context *frames = websocket->frames;

	websocket->depth++;
	if (!websocket->is_over && transmit_all(websocket) != 0)
		end(websocket);
	if (wslay_event_get_close_sent(frames) != 0 &&
	    wslay_event_get_close_received(frames) != 0)
		end(websocket);
	if (websocket->is_full && !websocket_is_full(websocket)) {
		websocket->is_full = false;
		if (!is_quiet(websocket) && websocket->client.room != NULL)
			websocket->client.room(websocket->client.arg);
	}
	watch(websocket);
	websocket->depth--;
	release(websocket);
}

static ssize_t
receive(struct wslay_event_context *frames, uint8_t *data, size_t size,
    int flags, void *arg)
{
	struct websocket *websocket = arg;
	ssize_t n = -1;

	(void)flags;
	errno = EAGAIN;
	if (size > websocket->budget)
		size = websocket->budget;
	/* Not by recv(2), which is intake.c's. */
	if (size > 0 && may_read(websocket))
		n = read(websocket->watch.fd, data, size);
	if (n > 0) {
		websocket->budget -= (size_t)n;
		websocket->heard_ms = clock_monotonic_ms();
		n = (ssize_t)frame_heads_read(&websocket->heads, data,
		    (size_t)n, &websocket->problem);
		if (n > 0)
			return n;
		n = -1;
		errno = EAGAIN;
	}
	websocket->is_lost = n == 0 || (errno != EAGAIN && errno != EINTR);
	wslay_event_set_error(frames, websocket->is_lost ?
	    WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
	return -1;
}

static ssize_t
transmit(struct wslay_event_context *frames, const uint8_t *data, size_t size,
    int flags, void *arg)
{
	struct websocket *websocket = arg;
	ssize_t n = send(websocket->watch.fd, data, size, MSG_DONTWAIT |
	    MSG_NOSIGNAL | ((flags & WSLAY_MSG_MORE) != 0 ? MSG_MORE : 0));

	if (n > 0 && websocket->is_blocked) /* it is there, and reads */
		websocket->heard_ms = clock_monotonic_ms();
	websocket->is_blocked = n < 0 || (size_t)n < size;
	if (n < 0)
		wslay_event_set_error(frames, errno == EAGAIN ||
		    errno == EINTR ? WSLAY_ERR_WOULDBLOCK :
		    WSLAY_ERR_CALLBACK_FAILURE);
	return n;
}

static void
on_frame(struct wslay_event_context *frames,
    const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
	struct websocket *websocket = arg;

	(void)frames;
	websocket->frame = frame->opcode;
	if (frame->opcode == WSLAY_TEXT_FRAME ||
	    frame->opcode == WSLAY_BINARY_FRAME)
		websocket->message = frame->opcode;
	if (websocket->message != 0)
		websocket->has_spoken = true;
	if (frame->opcode == WSLAY_CONTINUATION_FRAME)
		websocket->frame = websocket->message;
}

static void
add_text(struct websocket *websocket, const uint8_t *data, size_t size)
{
	if (outbox_size(&websocket->text) + size > WEBSOCKET_TEXT_MAX)
		websocket_close(websocket, WEBSOCKET_TOO_BIG,
		    "a text message may have 262144 bytes");
	else if (outbox_add(&websocket->text, data, size) < 0)
		websocket_close(websocket, WEBSOCKET_INTERNAL,
		    "out of memory");
}

static void
on_chunk(struct wslay_event_context *frames,
    const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *arg)
{
	struct websocket *websocket = arg;

	(void)frames;
	if (is_quiet(websocket))
		return;
	if (websocket->frame == WSLAY_TEXT_FRAME)
		add_text(websocket, chunk->data, chunk->data_length);
	else if (websocket->frame == WSLAY_BINARY_FRAME &&
	    websocket->client.bytes != NULL)
		websocket->client.bytes(websocket->client.arg, chunk->data,
		    chunk->data_length);
}

static void
on_message(struct wslay_event_context *frames,
    const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
	struct websocket *websocket = arg;
	struct outbox text = websocket->text;
	int r;

	(void)frames;
	if (message->opcode != WSLAY_TEXT_FRAME)
		return;
	websocket->text = (struct outbox){0};
	r = outbox_add(&text, "", 1);
	if (!is_quiet(websocket) && r == 0 && websocket->client.text != NULL)
		websocket->client.text(websocket->client.arg,
		    text.data + text.start, outbox_size(&text) - 1);
	outbox_fini(&text);
}

/* wslay has queued a close, where what came was no frame. */
static void
take_failure(struct websocket *websocket)
{
	if (websocket->is_lost)
		end(websocket);
	else
		await_close(websocket);
}

static void
on_ready(struct loop_watch *watched, uint32_t events)
{
	struct websocket *websocket = (struct websocket *)((char *)watched -
	    offsetof(struct websocket, watch));

	websocket->depth++;
	websocket->budget = READ_BYTES_MAX;
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 &&
	    !may_read(websocket))
		end(websocket);
	else if (wslay_event_recv(websocket->frames) != 0)
		take_failure(websocket);
	/* Behind what came before it. */
	if (websocket->problem != NULL)
		websocket_close(websocket, WEBSOCKET_PROTOCOL,
		    websocket->problem);
	flush(websocket);
	websocket->depth--;
	release(websocket);
}

/* It has not gone, but it may have to. */
static void
ask(struct websocket *websocket, uint64_t now_ms)
{
	static const struct wslay_event_msg ping = {.opcode = WSLAY_PING};

	loop_set_timer(websocket->loop, &websocket->timer,
	    websocket->idle_ms / 2);
	if (!websocket->has_spoken && now_ms - websocket->begun_ms >=
	    websocket->idle_ms)
		websocket_close(websocket, WEBSOCKET_POLICY,
		    "its first message did not come");
	else if (wslay_event_want_write(websocket->frames) == 0)
		(void)wslay_event_queue_msg(websocket->frames, &ping);
	flush(websocket);
}

/* Half of its time has passed, or that of a close. */
static void
on_due(struct loop_timer *timer)
{
	struct websocket *websocket = (struct websocket *)((char *)timer -
	    offsetof(struct websocket, timer));
	uint64_t now_ms = clock_monotonic_ms();

	websocket->depth++;
	if (websocket->is_held) /* it is not heard, whatever it says */
		websocket->heard_ms = now_ms;
	if (websocket->is_close_queued ||
	    now_ms - websocket->heard_ms >= websocket->idle_ms)
		end(websocket);
	else
		ask(websocket, now_ms);
	websocket->depth--;
	release(websocket);
}

int
websocket_new(struct loop *loop, int fd, uint64_t idle_ms,
    const struct websocket_client *client, struct websocket **ret,
    struct err *err)
{
	static const struct wslay_event_callbacks callbacks = {receive,
	    transmit, NULL, on_frame, on_chunk, NULL, on_message};
	struct websocket *websocket = calloc(1, sizeof *websocket);
	int r;

	if (websocket == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*websocket = (struct websocket){.loop = loop, .watch = {fd, on_ready},
	    .timer.due = on_due, .client = *client, .idle_ms = idle_ms,
	    .events = EPOLLIN};
	websocket->heard_ms = websocket->begun_ms = clock_monotonic_ms();
	r = wslay_event_context_server_init(&websocket->frames, &callbacks,
	    websocket) != 0 ? -ENOMEM : 0;
	if (r == 0)
		r = loop_add(loop, &websocket->watch, EPOLLIN);
	if (r < 0) {
		if (websocket->frames != NULL)
			wslay_event_context_free(websocket->frames);
		free(websocket);
		return err_set(err, -r, "WebSocket: %s", strerror(-r));
	}
	wslay_event_config_set_no_buffering(websocket->frames, 1);
	loop_set_timer(loop, &websocket->timer, idle_ms / 2);
	*ret = websocket;
	return 0;
}

void
websocket_free(struct websocket *websocket)
{
	if (websocket == NULL)
		return;
	websocket->is_freed = true;
	end(websocket);
	release(websocket);
}

/* It is sent as soon as the loop is at it. */
static int
queue(struct websocket *websocket, uint8_t opcode, const void *data,
    size_t size)
{
	const struct wslay_event_msg message = {opcode, data, size};

	if (websocket->is_over || websocket->is_closing)
		return -EPIPE;
	if (wslay_event_queue_msg(websocket->frames, &message) != 0) {
		websocket_close(websocket, WEBSOCKET_INTERNAL,
		    "out of memory");
		return -ENOMEM;
	}
	websocket->is_full = websocket_is_full(websocket);
	watch(websocket);
	return 0;
}

int
websocket_send_text(struct websocket *websocket, const char *text)
{
	return queue(websocket, WSLAY_TEXT_FRAME, text, strlen(text));
}

int
websocket_send_bytes(struct websocket *websocket, const void *data,
    size_t size)
{
	return queue(websocket, WSLAY_BINARY_FRAME, data, size);
}

bool
websocket_is_full(const struct websocket *websocket)
{
	return wslay_event_get_queued_msg_length(websocket->frames) >=
	    WEBSOCKET_ENOUGH;
}

void
websocket_may_listen(struct websocket *websocket)
{
	websocket->has_spoken = true;
}

void
websocket_hold(struct websocket *websocket, bool is_held)
{
	websocket->is_held = is_held;
	watch(websocket);
}

void
websocket_close(struct websocket *websocket, enum websocket_code code,
    const char *why)
{
	size_t size = strnlen(why, WEBSOCKET_REASON_MAX);

	if (websocket->is_over || websocket->is_closing)
		return;
	websocket->is_closing = true;
	websocket->is_held = false; /* for the client's half */
	while (size > 0 && size < strlen(why) &&
	    ((unsigned char)why[size] & 0xc0) == 0x80)
		size--; /* no half of a character */
	websocket->code = code;
	memcpy(websocket->why, why, size);
	watch(websocket);
}

int
websocket_accept(const char *key, char ret[WEBSOCKET_ACCEPT_SIZE])
{
	static const char suffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t nonce[16], digest[SHA1_DIGEST_LENGTH];
	size_t n = 0;
	SHA1_CTX sum;

	if (strlen(key) != WEBSOCKET_KEY_SIZE - 1 || sodium_base642bin(nonce,
	    sizeof nonce, key, strlen(key), NULL, &n, NULL,
	    sodium_base64_VARIANT_ORIGINAL) < 0 || n != sizeof nonce)
		return -EINVAL;
	SHA1Init(&sum);
	SHA1Update(&sum, (const uint8_t *)key, strlen(key));
	SHA1Update(&sum, (const uint8_t *)suffix, sizeof suffix - 1);
	SHA1Final(digest, &sum);
	sodium_bin2base64(ret, WEBSOCKET_ACCEPT_SIZE, digest, sizeof digest,
	    sodium_base64_VARIANT_ORIGINAL);
	return 0;
}

bool
websocket_has_word(const char *list, const char *word)
{
	const size_t n = strlen(word);

	while (list != NULL && *list != '\0') {
		size_t size;

		list += strspn(list, ", \t");
		size = strcspn(list, ", \t");
		if (size == n && strncasecmp(list, word, n) == 0)
			return true;
		list += size;
	}
	return false;
}
