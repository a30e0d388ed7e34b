// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/upload.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/depot/kind.h"
#include "gateway/depot/place.h"

#define READ_SIZE 65536

struct upload {
	LIST_ENTRY(upload) link;
	struct holder *holder;
	uint64_t number;
	struct loop_watch socket;
	int file_fd;
	char disk_id[INDEX_DISK_ID_SIZE];
	struct place place;
	char mime[128], meta[8192];
	crypto_hash_sha256_state hash;
	struct kind_text text;
	uint64_t n_bytes, wanted; /* of these so many, once is_committed */
	bool is_committed;
	uint32_t call_id; /* whom to answer then */
	struct err failed; /* code 0: it goes well; else bytes go nowhere */
};

static void
upload_free(struct upload *upload)
{
	struct depot *depot = upload->holder->depot;

	LIST_REMOVE(upload, link);
	loop_remove(&depot->loop, &upload->socket);
	fd_close(&upload->socket.fd);
	if (upload->file_fd >= 0) {
		fd_close(&upload->file_fd);
		content_drop(&depot->content, upload->number);
	}
	free(upload);
}

static int
answer(void *arg, const struct rpc_artifact_info *artifact)
{
	struct upload *upload = arg;

	rpc_server_reply(&upload->holder->server, &rpc_call_artifact_commit,
	    upload->call_id, artifact, NULL, 0);
	return 0;
}

static void
hash_text(struct upload *upload, char ret[INDEX_SHA256_SIZE])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&upload->hash, hash);
	(void)sodium_bin2hex(ret, INDEX_SHA256_SIZE, hash, sizeof hash);
}

/* Its bytes are all here: to its place, then the row, which makes it be. */
static int
put(struct upload *upload, struct err *err)
{
	struct holder *holder = upload->holder;
	struct depot *depot = holder->depot;
	char sha256[INDEX_SHA256_SIZE], old[INDEX_SHA256_SIZE] = "";
	const char *mime = upload->mime[0] != '\0' ? upload->mime :
	    kind_mime(upload->place.name);
	const struct index_artifact artifact = {.disk_id = upload->disk_id,
	    .folder = upload->place.folder, .name = upload->place.name,
	    .mime = mime, .meta = upload->meta, .sha256 = sha256,
	    .kind = kind_text_is_good(&upload->text) ?
		kind_of(upload->place.name, mime) : DEPOT_KIND_NONE,
	    .size = upload->n_bytes};
	int r;

	hash_text(upload, sha256);
	r = index_check_room(depot->index, &holder->scope, &artifact, err);
	if (r == 0)
		r = content_place(&depot->content, upload->number,
		    upload->file_fd, holder->org, sha256, err);
	if (r < 0)
		return r;
	fd_close(&upload->file_fd);
	r = index_put(depot->index, &holder->scope, &artifact, old, err);
	if (r < 0)
		depot_release(depot, holder->org, sha256);
	else
		depot_release(depot, holder->org, old);
	return r < 0 ? r : index_get(depot->index, &holder->scope,
	    upload->disk_id, upload->place.folder, upload->place.name, answer,
	    upload, err);
}

static void
end(struct upload *upload)
{
	struct err err = upload->failed;
	int r = -err.code;

	if (r == 0 && upload->n_bytes != upload->wanted)
		r = err_set(&err, EINVAL, "%llu bytes came, not %llu",
		    (unsigned long long)upload->n_bytes,
		    (unsigned long long)upload->wanted);
	if (r == 0)
		r = put(upload, &err);
	if (r < 0)
		rpc_server_error(&upload->holder->server,
		    rpc_call_artifact_commit.number, upload->call_id, &err);
	upload_free(upload);
}

static void
fail(struct upload *upload, int code, const char *words)
{
	if (upload->failed.code == 0)
		err_set(&upload->failed, code, "%s", words);
}

static void
take(struct upload *upload, const uint8_t *data, size_t size)
{
	struct err err;
	int r;

	upload->n_bytes += size;
	if (upload->n_bytes > DEPOT_ARTIFACT_MAX)
		fail(upload, EFBIG, "an artifact may have at most 16 MiB");
	if (upload->failed.code != 0)
		return;
	r = content_check_room(&upload->holder->depot->content, &err);
	if (r < 0) {
		fail(upload, err.code, err.text);
		return;
	}
	crypto_hash_sha256_update(&upload->hash, data, size);
	kind_text_add(&upload->text, data, size);
	r = fd_write_all(upload->file_fd, data, size);
	if (r < 0)
		fail(upload, -r, strerror(-r));
}

static void
on_bytes(struct loop_watch *watch, uint32_t events)
{
	struct upload *upload = (struct upload *)((char *)watch -
	    offsetof(struct upload, socket));
	uint8_t data[READ_SIZE];
	ssize_t n = recv(watch->fd, data, sizeof data, MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		take(upload, data, (size_t)n);
	if (n > 0 && !(upload->is_committed &&
	    upload->n_bytes >= upload->wanted))
		return;
	if (upload->is_committed)
		end(upload);
	else /* they thought better of it */
		upload_free(upload);
}

/* Printable ASCII, as headers have it: it becomes one again. */
static int
check_mime(const char *mime, struct err *err)
{
	for (const char *p = mime; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			return err_set(err, EINVAL, "mime: must be printable "
			    "ASCII");
	return 0;
}

unsigned
uploads_count(const struct holder *holder)
{
	const struct holder *other;
	const struct upload *upload;
	unsigned n = 0;

	LIST_FOREACH(other, &holder->depot->holders, link)
		if (strcmp(other->org, holder->org) == 0)
			LIST_FOREACH(upload, &other->uploads, link)
				n++;
	return n;
}

static int
check(struct holder *holder, const struct rpc_artifact_begin_req *request,
    struct place *ret_place, struct err *err)
{
	const unsigned n = uploads_count(holder);
	int r = place_parse(request->path, ret_place, err);
	const struct index_artifact artifact = {.disk_id = request->disk_id,
	    .folder = ret_place->folder, .name = ret_place->name};

	if (r == 0)
		r = check_mime(request->mime, err);
	if (r == 0 && n >= DEPOT_UPLOADS_MAX)
		r = err_set(err, EDQUOT, "uploads: organisation %s may have "
		    "%u at once and has %u", holder->org, DEPOT_UPLOADS_MAX,
		    n);
	return r < 0 ? r : index_check_room(holder->depot->index,
	    &holder->scope, &artifact, err);
}

int
upload_begin(struct holder *holder,
    const struct rpc_artifact_begin_req *request, uint64_t *ret_number,
    int *ret_fd, struct err *err)
{
	struct depot *depot = holder->depot;
	struct place place = {0};
	struct upload *upload;
	int fds[2] = {-1, -1}, file_fd = -1;
	int r = check(holder, request, &place, err);

	if (r == 0)
		r = content_begin(&depot->content, ++depot->last_upload,
		    &file_fd, err);
	if (r < 0)
		return r;
	upload = calloc(1, sizeof *upload);
	if (upload == NULL || socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		r = err_set(err, ENOMEM, "out of memory");
	if (r == 0) {
		fd_refuse_passing(fds[0]);
		*upload = (struct upload){.holder = holder,
		    .number = depot->last_upload, .socket = {fds[0],
		    on_bytes}, .file_fd = file_fd, .place = place};
		r = loop_add(&depot->loop, &upload->socket, EPOLLIN);
		if (r < 0)
			err_set(err, -r, "out of descriptors");
	}
	if (r < 0) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		fd_close(&file_fd);
		content_drop(&depot->content, depot->last_upload);
		free(upload);
		return r;
	}
	snprintf(upload->disk_id, sizeof upload->disk_id, "%s",
	    request->disk_id);
	snprintf(upload->mime, sizeof upload->mime, "%s", request->mime);
	snprintf(upload->meta, sizeof upload->meta, "%s", request->meta);
	(void)crypto_hash_sha256_init(&upload->hash);
	LIST_INSERT_HEAD(&holder->uploads, upload, link);
	*ret_number = upload->number;
	*ret_fd = fds[1];
	return 0;
}

int
upload_commit(struct holder *holder,
    const struct rpc_artifact_commit_req *request, uint32_t call_id,
    struct err *err)
{
	struct upload *upload;

	LIST_FOREACH(upload, &holder->uploads, link)
		if (upload->number == request->upload)
			break;
	if (upload == NULL || upload->is_committed)
		return err_set(err, EPIPE, "the upload was cut short; send "
		    "it again");
	upload->is_committed = true;
	upload->call_id = call_id;
	upload->wanted = request->n_bytes;
	if (*request->path != '\0' &&
	    place_parse(request->path, &upload->place, err) < 0 &&
	    upload->failed.code == 0)
		upload->failed = *err;
	if (*request->meta != '\0')
		snprintf(upload->meta, sizeof upload->meta, "%s",
		    request->meta);
	if (upload->n_bytes >= upload->wanted || upload->failed.code != 0)
		end(upload);
	return 0;
}

void
uploads_drop(struct holder *holder)
{
	while (!LIST_EMPTY(&holder->uploads))
		upload_free(LIST_FIRST(&holder->uploads));
}
