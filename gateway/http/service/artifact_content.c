// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/artifact_content.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "gateway/http/back/back_of.h"
#include "gateway/http/back/depot.h"
#include "gateway/http/back/identity.h"

/* Of a part's artifact, in one turn of the loop: a millisecond's work. */
#define CHECK_BYTES ((size_t)256 * 1024)

void
artifact_content_init(struct artifact_content *content,
    const struct rpc_artifact_info *artifact, int fd)
{
	*content = (struct artifact_content){.fd = fd, .size = artifact->size,
	    .end = artifact->size};
	(void)crypto_hash_sha256_init(&content->hash);
	snprintf(content->sha256, sizeof content->sha256, "%s",
	    artifact->sha256);
}

void
artifact_content_fini(struct artifact_content *content)
{
	fd_close(&content->fd);
}

static int
check(struct artifact_content *content)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[65];

	crypto_hash_sha256_final(&content->hash, hash);
	(void)sodium_bin2hex(text, sizeof text, hash, sizeof hash);
	return strcmp(text, content->sha256) == 0 ? 0 : -EIO;
}

void
artifact_content_choose(struct artifact_content *content, uint64_t offset,
    uint64_t n)
{
	content->is_part = n < content->size;
	content->offset = offset;
	content->end = offset + n;
}

/* All bytes are hashed before a part of them is given: 0 once they have been,
 * and are what was written. */
static int
check_first(struct artifact_content *content)
{
	uint8_t block[16384];
	ssize_t n = 1;

	for (size_t total = 0; n > 0 && total < CHECK_BYTES;
	    total += (size_t)n) {
		n = read(content->fd, block, sizeof block);
		if (n > 0)
			crypto_hash_sha256_update(&content->hash, block,
			    (size_t)n);
	}
	if (n > 0)
		return -EAGAIN;
	content->is_checked = true;
	return n < 0 ? -EIO : check(content);
}

static ssize_t
read_part(struct artifact_content *content, void *data, size_t size)
{
	const uint64_t rest = content->end - content->offset;
	int r = content->is_checked ? 0 : check_first(content);
	ssize_t n;

	if (r < 0 || rest == 0)
		return r;
	n = pread(content->fd, data, size < rest ? size : rest,
	    (off_t)content->offset);
	if (n <= 0)
		return -EIO;
	content->offset += (uint64_t)n;
	return n;
}

ssize_t
artifact_content_read(struct artifact_content *content, void *data,
    size_t size)
{
	const uint64_t rest = content->size - content->offset;
	ssize_t n;

	if (content->is_part)
		return read_part(content, data, size);
	if (rest == 0)
		return 0;
	n = read(content->fd, data, size < rest ? size : rest);
	if (n <= 0)
		return -EIO;
	crypto_hash_sha256_update(&content->hash, data, (size_t)n);
	content->offset += (uint64_t)n;
	return content->offset == content->size && check(content) < 0 ? -EIO :
	    n;
}

struct artifact_writer {
	struct identity *who;
	struct artifact_writer_client client;
	struct rpc_artifact_begin_req begin;
	struct rpc_artifact_commit_req commit;
	struct loop_watch socket; /* fd -1 = not open */
	bool is_watched;
	bool is_asking; /* an answer is still to come */
	bool is_closed; /* and nobody wants it */
};

static struct loop *
loop_of(const struct artifact_writer *writer)
{
	return identity_back(writer->who)->loop;
}

static void
watch(struct artifact_writer *writer, bool is_wanted)
{
	if (writer->is_watched == is_wanted)
		return;
	if (!is_wanted)
		loop_remove(loop_of(writer), &writer->socket);
	else if (loop_add(loop_of(writer), &writer->socket, EPOLLOUT) < 0)
		return;
	writer->is_watched = is_wanted;
}

static void
release(struct artifact_writer *writer)
{
	if (!writer->is_closed || writer->is_asking)
		return;
	identity_release(writer->who);
	free(writer);
}

static void
on_room(struct loop_watch *socket, uint32_t events)
{
	struct artifact_writer *writer = (struct artifact_writer *)
	    ((char *)socket - offsetof(struct artifact_writer, socket));

	(void)events;
	watch(writer, false);
	writer->client.room(writer->client.arg);
}

static void
on_begun(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	struct artifact_writer *writer = arg;
	const struct rpc_artifact_begin_rep *reply = data;
	const struct err malformed = {EBADMSG, "malformed upload"};
	const struct err *err = failure;

	writer->is_asking = false;
	if (reply != NULL && message->n_fds != 1) {
		err = &malformed;
	} else if (reply != NULL && !writer->is_closed) {
		writer->socket.fd = take_fd(&message->fds[0]);
		writer->commit.upload = reply->upload;
	}
	if (!writer->is_closed)
		writer->client.done(writer->client.arg, NULL, err);
	else
		release(writer);
}

int
artifact_write(struct identity *who,
    const struct rpc_artifact_begin_req *request,
    const struct artifact_writer_client *client, struct artifact_writer **ret,
    struct err *err)
{
	struct artifact_writer *writer = calloc(1, sizeof *writer);

	if (writer == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*writer = (struct artifact_writer){.who = who, .client = *client,
	    .begin = *request, .socket = {-1, on_room}, .is_asking = true};
	identity_hold(who);
	*ret = writer;
	depot_ask(who, &rpc_call_artifact_begin, &writer->begin, on_begun,
	    writer);
	return 0;
}

/* Whoever does not take any more says why when it is committed. */
size_t
artifact_put(struct artifact_writer *writer, const void *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = send(writer->socket.fd,
		    (const uint8_t *)data + done, size - done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			watch(writer, true);
			break;
		}
		if (n < 0)
			n = (ssize_t)(size - done);
		done += (size_t)n;
	}
	writer->commit.n_bytes += done;
	return done;
}

static void
on_committed(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct artifact_writer *writer = arg;

	(void)message;
	writer->is_asking = false;
	if (!writer->is_closed)
		writer->client.done(writer->client.arg, reply, err);
	else
		release(writer);
}

void
artifact_commit(struct artifact_writer *writer, const char *path,
    const char *meta)
{
	writer->commit.path = path;
	writer->commit.meta = meta;
	writer->is_asking = true;
	depot_ask(writer->who, &rpc_call_artifact_commit, &writer->commit,
	    on_committed, writer);
}

void
artifact_writer_close(struct artifact_writer *writer)
{
	if (writer == NULL)
		return;
	watch(writer, false);
	fd_close(&writer->socket.fd);
	writer->is_closed = true;
	release(writer);
}
