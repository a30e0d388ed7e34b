// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/upload.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/depot/kind.h"
#include "gateway/depot/place.h"

#define READ_SIZE  65536
#define READS_MAX  16 /* of one, before others have their turn */

/*
 * It is a thread's or the loop's, in turns: while the thread has it, the loop
 * does but what it is told of it, in the fields that it alone looks at.
 */
struct upload {
	struct crew_job job;
	LIST_ENTRY(upload) link;
	/* The loop's own. */
	struct depot *depot;
	struct holder *holder; /* NULL: gone, and it goes when it may */
	uint64_t number;
	bool is_busy;		 /* a thread has it */
	bool is_begun;		 /* its holder knows of it */
	bool is_watched;	 /* its socket */
	struct loop_watch socket;
	bool is_committed, is_ending;
	uint64_t wanted;	 /* of these so many bytes, once is_committed */
	uint32_t call_id;	 /* whom to answer */
	struct place said_place; /* "" = as it was begun with */
	char said_meta[8192];	 /* likewise */
	struct err said_wrong;	 /* code 0: it is right */
	/* Whoever has it. */
	struct holder_scope whose;
	int file_fd;
	char disk_id[INDEX_DISK_ID_SIZE];
	struct place place;
	char mime[128], meta[8192];
	crypto_hash_sha256_state hash;
	struct kind_text text;
	uint64_t n_bytes;
	bool is_at_end;	   /* of what they send */
	struct err failed; /* code 0: it goes well; else bytes go nowhere */
	struct rpc_frame frame; /* the answer to its commit */
	atomic_bool is_unwanted; /* whoever has it: it need not begin */
};

/* Not at all while it is not wanted: a hang-up would be told for ever. */
static int
watch(struct upload *upload, bool is_wanted)
{
	struct loop *loop = &upload->depot->loop;
	int r = 0;

	if (is_wanted && !upload->is_watched)
		r = loop_add(loop, &upload->socket, EPOLLIN);
	else if (!is_wanted && upload->is_watched)
		loop_remove(loop, &upload->socket);
	upload->is_watched = is_wanted && r == 0;
	return r;
}

/* Hands it to a thread, and looks no more whether bytes come. */
static void
hand_over(struct upload *upload, enum crew_class class,
    void (*run)(struct crew_job *job, struct index *index),
    void (*done)(struct crew_job *job))
{
	(void)watch(upload, false);
	upload->is_busy = true;
	upload->job.org = upload->whose.org;
	upload->job.run = run;
	upload->job.done = done;
	crew_submit(upload->depot->crew, class, &upload->job);
}

static void
run_drop(struct crew_job *job, struct index *index)
{
	struct upload *upload = (struct upload *)job;

	(void)index;
	fd_close(&upload->file_fd);
	content_drop(&upload->depot->content, upload->number);
}

static void
on_dropped(struct crew_job *job)
{
	free(job);
}

/* What was written of it goes with it; a disk may be waited for, too. */
static void
upload_free(struct upload *upload)
{
	if (upload->holder != NULL)
		LIST_REMOVE(upload, link);
	upload->holder = NULL;
	(void)watch(upload, false);
	fd_close(&upload->socket.fd);
	rpc_frame_free(&upload->frame);
	if (upload->file_fd >= 0 && !upload->depot->is_closing) {
		hand_over(upload, CREW_BYTES, run_drop, on_dropped);
		return;
	}
	fd_close(&upload->file_fd); /* incoming is emptied at the next start */
	free(upload);
}

/* It is the loop's again; false: nobody wants it, and it is gone. */
static bool
take_back(struct upload *upload)
{
	upload->is_busy = false;
	if (upload->holder != NULL)
		return true;
	upload_free(upload);
	return false;
}

static struct index_artifact
describe(const struct upload *upload)
{
	return (struct index_artifact){.disk_id = upload->disk_id,
	    .folder = upload->place.folder, .name = upload->place.name,
	    .mime = upload->mime, .meta = upload->meta,
	    .size = upload->n_bytes};
}

static void
fail(struct upload *upload, int code, const char *words)
{
	if (upload->failed.code == 0)
		err_set(&upload->failed, code, "%s", words);
}

/* -- its end: written out, then in its place, then its row, which makes it be
 */

static void
finish(struct upload *upload)
{
	if (upload->failed.code != 0)
		rpc_server_error(&upload->holder->server,
		    rpc_call_artifact_commit.number, upload->call_id,
		    &upload->failed);
	else
		rpc_server_send(&upload->holder->server, &upload->frame);
	upload_free(upload);
}

static int
answer(void *arg, const struct rpc_artifact_info *artifact)
{
	struct upload *upload = arg;

	return rpc_frame_reply(&rpc_call_artifact_commit, upload->call_id,
	    artifact, NULL, 0, &upload->frame);
}

/* In the thread that writes. */
static int
put(struct upload *upload, struct index *index, struct err *err)
{
	const struct scope *scope = &upload->whose.scope;
	struct depot *depot = upload->depot;
	struct index_artifact artifact = describe(upload);
	char sha256[INDEX_SHA256_SIZE], old[INDEX_SHA256_SIZE] = "";
	uint8_t hash[crypto_hash_sha256_BYTES];
	int r;

	crypto_hash_sha256_final(&upload->hash, hash);
	(void)sodium_bin2hex(sha256, sizeof sha256, hash, sizeof hash);
	artifact.sha256 = sha256;
	if (*artifact.mime == '\0')
		artifact.mime = kind_mime(upload->place.name);
	artifact.kind = kind_text_is_good(&upload->text) ?
	    kind_of(upload->place.name, artifact.mime) : DEPOT_KIND_NONE;
	r = index_check_room(index, scope, &artifact, err);
	if (r == 0)
		r = content_place(&depot->content, upload->number,
		    upload->file_fd, scope->org, sha256, err);
	if (r < 0)
		return r;
	fd_close(&upload->file_fd);
	r = index_put(index, scope, &artifact, old, err);
	depot_release(depot, index, scope->org, r < 0 ? sha256 : old);
	return r < 0 ? r : index_get(index, scope, upload->disk_id,
	    upload->place.folder, upload->place.name, answer, upload, err);
}

static void
run_put(struct crew_job *job, struct index *index)
{
	struct upload *upload = (struct upload *)job;
	struct err err = {0};
	int r;

	if (atomic_load(&upload->is_unwanted))
		return;
	r = put(upload, index, &err);
	if (r < 0)
		fail(upload, -r, err.code != 0 ? err.text : strerror(-r));
}

static void
on_put(struct crew_job *job)
{
	struct upload *upload = (struct upload *)job;

	if (take_back(upload))
		finish(upload);
}

/* So that who writes the index has little to wait for. */
static void
run_write_out(struct crew_job *job, struct index *index)
{
	struct upload *upload = (struct upload *)job;

	(void)index;
	if (!atomic_load(&upload->is_unwanted))
		(void)content_write_out(upload->file_fd, &upload->failed);
}

static void
on_written_out(struct crew_job *job)
{
	struct upload *upload = (struct upload *)job;

	if (!take_back(upload))
		return;
	if (upload->failed.code != 0)
		finish(upload);
	else
		hand_over(upload, CREW_WRITE, run_put, on_put);
}

static void
end(struct upload *upload)
{
	char words[64];

	upload->is_ending = true;
	if (upload->said_wrong.code != 0)
		fail(upload, upload->said_wrong.code, upload->said_wrong.text);
	if (upload->n_bytes != upload->wanted) {
		snprintf(words, sizeof words, "%llu bytes came, not %llu",
		    (unsigned long long)upload->n_bytes,
		    (unsigned long long)upload->wanted);
		fail(upload, EINVAL, words);
	}
	if (upload->failed.code != 0) {
		finish(upload);
		return;
	}
	if (upload->said_place.name[0] != '\0')
		upload->place = upload->said_place;
	if (upload->said_meta[0] != '\0')
		memcpy(upload->meta, upload->said_meta, sizeof upload->meta);
	hand_over(upload, CREW_BYTES, run_write_out, on_written_out);
}

/* -- its bytes */

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
	r = content_check_room(&upload->depot->content, &err);
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
run_take(struct crew_job *job, struct index *index)
{
	struct upload *upload = (struct upload *)job;
	uint8_t data[READ_SIZE];
	ssize_t n = 1;

	(void)index;
	for (int i = 0; i < READS_MAX && n > 0 &&
	    !atomic_load(&upload->is_unwanted); i++) {
		n = recv(upload->socket.fd, data, sizeof data, MSG_DONTWAIT);
		if (n > 0)
			take(upload, data, (size_t)n);
	}
	upload->is_at_end = n == 0 ||
	    (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* Nobody can be told when more comes. */
static void
lose(struct upload *upload)
{
	if (upload->is_committed) {
		fail(upload, ENOMEM, "out of descriptors");
		finish(upload);
	} else {
		upload_free(upload);
	}
}

/* Waits for more, where there has to be more. */
static void
go_on(struct upload *upload)
{
	if (upload->is_committed && (upload->n_bytes >= upload->wanted ||
	    upload->is_at_end || upload->failed.code != 0 ||
	    upload->said_wrong.code != 0))
		end(upload);
	else if (upload->is_at_end) /* they thought better of it */
		upload_free(upload);
	else if (watch(upload, true) < 0)
		lose(upload);
}

static void
on_taken(struct crew_job *job)
{
	struct upload *upload = (struct upload *)job;

	if (take_back(upload))
		go_on(upload);
}

static void
on_bytes(struct loop_watch *watch, uint32_t events)
{
	struct upload *upload = (struct upload *)((char *)watch -
	    offsetof(struct upload, socket));

	(void)events;
	if (!upload->is_busy && !upload->is_ending)
		hand_over(upload, CREW_BYTES, run_take, on_taken);
}

/* -- its beginning */

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
		if (strcmp(other->whose.org, holder->whose.org) == 0)
			LIST_FOREACH(upload, &other->uploads, link)
				n++;
	return n;
}

static void
run_begin(struct crew_job *job, struct index *index)
{
	struct upload *upload = (struct upload *)job;
	const struct index_artifact artifact = describe(upload);
	struct err err;

	if (atomic_load(&upload->is_unwanted))
		return;
	if (index_check_room(index, &upload->whose.scope, &artifact,
	    &err) < 0 || content_begin(&upload->depot->content,
	    upload->number, &upload->file_fd, &err) < 0)
		fail(upload, err.code, err.text);
}

static int
open_socket(struct upload *upload, int *ret_fd, struct err *err)
{
	int fds[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    fds) < 0)
		return err_set(err, ENOMEM, "out of descriptors");
	fd_refuse_passing(fds[0]);
	upload->socket = (struct loop_watch){fds[0], on_bytes};
	r = watch(upload, true);
	if (r < 0) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		upload->socket.fd = -1;
		return err_set(err, -r, "out of descriptors");
	}
	*ret_fd = fds[1];
	return 0;
}

static void
on_begun(struct crew_job *job)
{
	struct upload *upload = (struct upload *)job;
	const struct rpc_artifact_begin_rep reply = {upload->number};
	auto_close int fd = -1;

	if (!take_back(upload))
		return;
	if (upload->failed.code != 0 ||
	    open_socket(upload, &fd, &upload->failed) < 0) {
		rpc_server_error(&upload->holder->server,
		    rpc_call_artifact_begin.number, upload->call_id,
		    &upload->failed);
		upload_free(upload);
		return;
	}
	upload->is_begun = true;
	rpc_server_reply(&upload->holder->server, &rpc_call_artifact_begin,
	    upload->call_id, &reply, &fd, 1);
}

int
upload_begin(struct holder *holder,
    const struct rpc_artifact_begin_req *request, uint32_t call_id,
    struct err *err)
{
	struct depot *depot = holder->depot;
	const unsigned n = uploads_count(holder);
	struct place place = {0};
	struct upload *upload;
	int r = place_parse(request->path, &place, err);

	if (r == 0)
		r = check_mime(request->mime, err);
	if (r == 0 && n >= DEPOT_UPLOADS_MAX) {
		err_set(err, EDQUOT, "uploads: organisation %s may have "
		    "%u at once and has %u", holder->whose.org,
		    DEPOT_UPLOADS_MAX, n);
		r = err_cause(err, "uploads");
	}
	if (r < 0)
		return r;
	upload = calloc(1, sizeof *upload);
	if (upload == NULL)
		return err_set(err, ENOMEM, "out of memory");
	upload->holder = holder;
	upload->depot = depot;
	upload->number = ++depot->last_upload;
	upload->socket.fd = upload->file_fd = -1;
	upload->place = place;
	upload->call_id = call_id;
	holder_copy_scope(holder, &upload->whose);
	snprintf(upload->disk_id, sizeof upload->disk_id, "%s",
	    request->disk_id);
	snprintf(upload->mime, sizeof upload->mime, "%s", request->mime);
	snprintf(upload->meta, sizeof upload->meta, "%s", request->meta);
	(void)crypto_hash_sha256_init(&upload->hash);
	LIST_INSERT_HEAD(&holder->uploads, upload, link);
	hand_over(upload, CREW_BYTES, run_begin, on_begun);
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
	if (upload == NULL || !upload->is_begun || upload->is_committed)
		return err_set(err, EPIPE, "the upload was cut short; send "
		    "it again");
	upload->is_committed = true;
	upload->call_id = call_id;
	upload->wanted = request->n_bytes;
	if (*request->path != '\0')
		(void)place_parse(request->path, &upload->said_place,
		    &upload->said_wrong);
	snprintf(upload->said_meta, sizeof upload->said_meta, "%s",
	    request->meta);
	if (!upload->is_busy)
		go_on(upload);
	return 0;
}

void
uploads_drop(struct holder *holder)
{
	struct upload *upload;

	while ((upload = LIST_FIRST(&holder->uploads)) != NULL) {
		if (!upload->is_busy) {
			upload_free(upload);
			continue;
		}
		atomic_store(&upload->is_unwanted, true);
		LIST_REMOVE(upload, link);
		upload->holder = NULL;
	}
}
