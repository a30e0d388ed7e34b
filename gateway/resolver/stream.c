// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/resolver/lookup.h"
#include "gateway/resolver/message.h"

#define LENGTH_SIZE 2

/* Without a question, or without taking an answer. */
#define IDLE_MS 10000

struct stream {
	LIST_ENTRY(stream) entry;
	struct guest *guest;
	struct loop_watch watch;
	struct loop_timer idle;
	struct lookup *lookup; /* its question's, or NULL */
	uint8_t in[LENGTH_SIZE + MESSAGE_QUESTION_MAX];
	size_t n_in;
	uint8_t *out; /* what is being sent; owned */
	size_t out_size, out_done;
	bool is_asking; /* its question is with lookup_begin */
	bool is_ended;	/* and it goes when that returns */
};

static struct loop *
loop_of(const struct stream *stream)
{
	return &stream->guest->resolver->loop;
}

void
stream_free(struct stream *stream)
{
	struct lookup *lookup = stream->lookup;

	if (stream->is_asking) {
		stream->is_ended = true;
		return;
	}
	if (lookup != NULL)
		lookup_free(lookup); /* which forgets itself here */
	loop_stop_timer(loop_of(stream), &stream->idle);
	loop_remove(loop_of(stream), &stream->watch);
	fd_close(&stream->watch.fd);
	LIST_REMOVE(stream, entry);
	stream->guest->n_streams--;
	free(stream->out);
	free(stream);
}

static void
on_idle(struct loop_timer *timer)
{
	stream_free((struct stream *)((char *)timer -
	    offsetof(struct stream, idle)));
}

void
stream_expect(struct stream *stream, struct lookup *lookup)
{
	stream->lookup = lookup;
	loop_stop_timer(loop_of(stream), &stream->idle);
}

void
stream_forget(struct stream *stream)
{
	stream->lookup = NULL;
	loop_set_timer(loop_of(stream), &stream->idle, IDLE_MS);
}

/* How large the question is that it has begun; 0 = not known yet. */
static size_t
question_size(const struct stream *stream)
{
	return stream->n_in < LENGTH_SIZE ? 0 :
	    LENGTH_SIZE + (size_t)(stream->in[0] << 8 | stream->in[1]);
}

/* The one question that is whole, if one is. */
static void
ask(struct stream *stream)
{
	const struct asker asker = {.stream = stream};
	uint8_t data[MESSAGE_QUESTION_MAX];
	const size_t size = question_size(stream);

	if (size == 0 || stream->n_in < size || stream->lookup != NULL ||
	    stream->out != NULL)
		return;
	memcpy(data, stream->in + LENGTH_SIZE, size - LENGTH_SIZE);
	stream->n_in -= size;
	memmove(stream->in, stream->in + size, stream->n_in);
	stream->is_asking = true;
	lookup_begin(stream->guest, &asker, data, size - LENGTH_SIZE);
	stream->is_asking = false;
	if (stream->is_ended)
		stream_free(stream);
}

/* Reads on only while there is nothing to answer: it has to wait. */
static void
watch(struct stream *stream)
{
	uint32_t events = 0;

	if (stream->out != NULL)
		events = EPOLLOUT;
	else if (stream->lookup == NULL)
		events = EPOLLIN;
	loop_change(loop_of(stream), &stream->watch, events);
}

/* False where it is gone. */
static bool
write_more(struct stream *stream)
{
	ssize_t n = sendto(stream->watch.fd, stream->out + stream->out_done,
	    stream->out_size - stream->out_done, MSG_DONTWAIT | MSG_NOSIGNAL,
	    NULL, 0);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		stream_free(stream);
		return false;
	}
	stream->out_done += n > 0 ? (size_t)n : 0;
	if (stream->out_done < stream->out_size)
		return true;
	free(stream->out);
	stream->out = NULL;
	loop_set_timer(loop_of(stream), &stream->idle, IDLE_MS);
	return true;
}

static bool
read_more(struct stream *stream)
{
	ssize_t n = recvfrom(stream->watch.fd, stream->in + stream->n_in,
	    sizeof stream->in - stream->n_in, MSG_DONTWAIT, NULL, NULL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n > 0)
		stream->n_in += (size_t)n;
	if (n <= 0 || question_size(stream) > sizeof stream->in) {
		stream_free(stream);
		return false;
	}
	return true;
}

static void
on_ready(struct loop_watch *ready, uint32_t events)
{
	struct stream *stream = (struct stream *)((char *)ready -
	    offsetof(struct stream, watch));
	bool is_there;

	if (stream->out != NULL) {
		is_there = write_more(stream);
	} else if (stream->lookup == NULL) {
		is_there = read_more(stream);
	} else { /* it hung up */
		stream_free(stream);
		return;
	}
	(void)events;
	if (!is_there)
		return;
	/* One question a turn; what follows it has its own. */
	watch(stream);
	if (question_size(stream) > 0 && stream->n_in >=
	    question_size(stream))
		ask(stream);
}

void
stream_answer(struct stream *stream, const uint8_t *data, size_t size)
{
	stream->lookup = NULL;
	if (data == NULL || size > MESSAGE_MAX || (stream->out =
	    malloc(LENGTH_SIZE + size)) == NULL) {
		stream_free(stream);
		return;
	}
	stream->out[0] = (uint8_t)(size >> 8);
	stream->out[1] = (uint8_t)size;
	memcpy(stream->out + LENGTH_SIZE, data, size);
	stream->out_size = LENGTH_SIZE + size;
	stream->out_done = 0;
	loop_set_timer(loop_of(stream), &stream->idle, IDLE_MS);
	watch(stream);
}

void
stream_add(struct guest *guest, int fd)
{
	struct stream *stream = NULL, *last;

	while (guest->n_streams >= STREAMS_A_GUEST) {
		LIST_FOREACH(last, &guest->streams, entry)
			stream = last;
		stream_free(stream);
	}
	stream = calloc(1, sizeof *stream);
	if (stream == NULL) {
		fd_close(&fd);
		return;
	}
	stream->guest = guest;
	stream->watch = (struct loop_watch){fd, on_ready};
	stream->idle.due = on_idle;
	LIST_INSERT_HEAD(&guest->streams, stream, entry);
	guest->n_streams++;
	loop_set_timer(&guest->resolver->loop, &stream->idle, IDLE_MS);
	if (loop_add(&guest->resolver->loop, &stream->watch, EPOLLIN) < 0)
		stream_free(stream);
}
