// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/files.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/http/back/back_of.h"
#include "gateway/http/back/flow.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/back/inside.h"

#define BLOCK_BYTES  65536 /* of one event */
#define SHA256_BYTES 32

/* What an init of that age knows (inside_age()). */
#define AGE_XATTRS  0
#define AGE_STREAMS 1

/* With fewer bytes a socket of their own costs more than it saves. */
#define FLOW_MIN_BYTES (128 * 1024)

/* Longer than a search may take (sandboxd/init/files/search.c). */
#define SEARCH_PATIENCE_MS 80000

struct files {
	struct inside *inside;
	struct files_client client;
	bool is_lost; /* done said so */
	bool is_unpacking;
	bool is_taking; /* what is put goes by flow, and done is to come */
	char user[64];
	struct rpc_run_req run, older_runs[INSIDE_OLDER_MAX];
	struct flow flow; /* bytes of files_..._by_socket */
	/* libcrypto's: by the processor's instructions where it has them,
	 * which is several times libsodium's. */
	EVP_MD_CTX *sum; /* NULL until the first is written */
	uint8_t hash[SHA256_BYTES];
};

/* Fetched once: a fetch is many times a small file's hash. */
static EVP_MD *sha256;

int
files_init(struct err *err)
{
	if (sha256 == NULL && OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG,
	    NULL) == 1)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	return sha256 != NULL ? 0 : err_set(err, ENOSYS, "libcrypto has no "
	    "SHA-256");
}

static void
on_told(void *arg, const struct rpc_call *row, const void *event)
{
	struct files *files = arg;
	const struct rpc_bytes_event *bytes = event;
	const struct rpc_done_event *done = event;
	const struct rpc_file_change_event *change = event;
	struct err err;

	if (row == &rpc_call_file_info && files->client.info != NULL) {
		if (files->is_unpacking) /* it is the client's turn */
			inside_await(files->inside, false);
		files->client.info(files->client.arg, event);
	} else if (row == &rpc_call_bytes && files->client.bytes != NULL) {
		files->client.bytes(files->client.arg, bytes->data.data,
		    bytes->data.size);
	} else if (row == &rpc_call_file_change &&
	    files->client.changed != NULL) {
		/* It is silent as long as nothing changes. */
		inside_await(files->inside, false);
		files->client.changed(files->client.arg, change->change,
		    change->name);
	} else if (row == &rpc_call_file_match &&
	    files->client.matched != NULL) {
		files->client.matched(files->client.arg, event);
	} else if (row == &rpc_call_file_xattrs &&
	    files->client.xattrs != NULL) {
		const struct rpc_file_xattrs_event *xattrs = event;

		files->client.xattrs(files->client.arg, xattrs->xattrs);
	} else if (row == &rpc_call_file_unpacked &&
	    files->client.unpacked != NULL) {
		files->client.unpacked(files->client.arg, event);
	} else if (row == &rpc_call_done && done->code == 0 &&
	    files->is_taking) {
		files->is_taking = false; /* that of bytes_end follows */
	} else if (row == &rpc_call_done) {
		files->is_unpacking = false;
		inside_await(files->inside, false);
		if (done->code != 0)
			err_set(&err, (int)done->code, "%s", done->words);
		files->client.done(files->client.arg,
		    done->code != 0 ? &err : NULL);
	}
}

static void
on_room(void *arg)
{
	struct files *files = arg;

	inside_await(files->inside, false);
	if (files->client.room != NULL)
		files->client.room(files->client.arg);
}

static void
on_due(void *arg)
{
	const struct files *files = arg;

	if (files->client.due != NULL)
		files->client.due(files->client.arg);
}

static void
on_ended(void *arg, const struct err *err)
{
	struct files *files = arg;

	files->is_lost = true;
	files->client.done(files->client.arg, err);
}

static void
on_flow(struct flow *flow)
{
	struct files *files = (struct files *)((char *)flow -
	    offsetof(struct files, flow));

	inside_await(files->inside, false);
	if (files->is_taking)
		files->client.room(files->client.arg);
	else
		files->client.ready(files->client.arg);
}

int
files_open(struct identity *who, const char *sandbox_id,
    const struct files_client *client, struct files **ret, struct err *err)
{
	return files_open_as(who, sandbox_id, "", client, ret, err);
}

int
files_open_as(struct identity *who, const char *sandbox_id, const char *user,
    const struct files_client *client, struct files **ret, struct err *err)
{
	struct files *files = calloc(1, sizeof *files);
	const struct inside_client of_inside = {.told = on_told,
	    .room = on_room, .due = on_due, .ended = on_ended, .arg = files};
	int r;

	if (files == NULL)
		return err_set(err, ENOMEM, "out of memory");
	files->client = *client;
	snprintf(files->user, sizeof files->user, "%s", user);
	files->run = (struct rpc_run_req){INIT_PROGRAM_XATTRS, files->user};
	files->older_runs[0] = (struct rpc_run_req){INIT_PROGRAM_STREAMS,
	    files->user};
	files->older_runs[1] = (struct rpc_run_req){INIT_PROGRAM_FILES,
	    files->user};
	flow_init(&files->flow, identity_back(who)->loop, on_flow);
	*ret = files;
	r = inside_open(who, sandbox_id, &rpc_call_run, &files->run, &of_inside,
	    &files->inside, err);
	if (r < 0) {
		*ret = NULL;
		free(files);
		return r;
	}
	inside_set_older(files->inside, (const void *const[]){
	    &files->older_runs[0], &files->older_runs[1]});
	return 0;
}

void
files_close(struct files *files)
{
	if (files == NULL)
		return;
	flow_close(&files->flow);
	inside_close(files->inside);
	EVP_MD_CTX_free(files->sum);
	free(files);
}

/* An event that there is room for: all others are done. */
static void
ask(struct files *files, const struct rpc_call *row, const void *event)
{
	const struct err err = {EINVAL, "path: must be at most 4095 bytes"};

	if (files->is_lost)
		return;
	inside_await(files->inside, true);
	if (inside_tell(files->inside, row, event) == -EMSGSIZE)
		files->client.done(files->client.arg, &err);
}

void
files_stat(struct files *files, const char *path)
{
	const struct rpc_file_stat_event event = {.path = path};

	ask(files, &rpc_call_file_stat, &event);
}

void
files_list(struct files *files, const char *path)
{
	const struct rpc_file_list_event event = {.path = path};

	ask(files, &rpc_call_file_list, &event);
}

void
files_open_file(struct files *files, const char *path)
{
	const struct rpc_file_open_event event = {.path = path};

	ask(files, &rpc_call_file_open, &event);
}

void
files_read(struct files *files, uint64_t offset, uint64_t size)
{
	const struct rpc_file_read_event event = {offset, size};

	ask(files, &rpc_call_file_read, &event);
}

/* Whether it was told, with a socket that bytes go by from now on. */
static bool
open_flow(struct files *files, const struct rpc_call *row, const void *event,
    uint64_t size)
{
	auto_close int their_fd = -1;

	if (files->is_lost || size < FLOW_MIN_BYTES ||
	    inside_age(files->inside) > AGE_STREAMS)
		return false;
	their_fd = flow_open(&files->flow);
	if (their_fd >= 0 && inside_tell_fd(files->inside, row, event,
	    their_fd) == 0)
		return true;
	flow_close(&files->flow);
	return false;
}

void
files_read_by_socket(struct files *files, uint64_t offset, uint64_t size)
{
	const struct rpc_file_send_event event = {offset, size};

	if (!open_flow(files, &rpc_call_file_send, &event, size))
		files_read(files, offset, size);
}

int
files_socket(const struct files *files)
{
	return flow_fd(&files->flow);
}

void
files_await_socket(struct files *files)
{
	const struct err err = {ENOMEM, "out of memory"};

	inside_await(files->inside, true);
	if (flow_await(&files->flow, EPOLLIN) < 0)
		files->client.done(files->client.arg, &err);
}

void
files_remove(struct files *files, const char *path, bool is_recursive)
{
	const struct rpc_file_remove_event event = {path, is_recursive};

	ask(files, &rpc_call_file_remove, &event);
}

void
files_make_folder(struct files *files, const char *path, uint32_t mode)
{
	const struct rpc_file_make_folder_event event = {path, mode};

	ask(files, &rpc_call_file_make_folder, &event);
}

void
files_move(struct files *files, const char *path, const char *target,
    bool replaces)
{
	const struct rpc_file_move_event event = {path, target, replaces};

	ask(files, &rpc_call_file_move, &event);
}

/* Asks for what bytes follow, which are hashed. */
static void
ask_to_put(struct files *files, const struct rpc_call *row, const void *event)
{
	const struct err err = {ENOMEM, "out of memory"};

	if (files->sum == NULL)
		files->sum = EVP_MD_CTX_new();
	if (files->sum == NULL ||
	    EVP_DigestInit_ex(files->sum, sha256, NULL) != 1)
		files->client.done(files->client.arg, &err);
	else
		ask(files, row, event);
}

void
files_write(struct files *files, const char *path, uint32_t mode,
    uint64_t size)
{
	const struct rpc_file_write_event event = {path, mode, size};

	ask_to_put(files, &rpc_call_file_write, &event);
}

/* 0; -ENOTSUP where it does not know these. */
static int
tell_quietly(struct files *files, const struct rpc_call *row,
    const void *event)
{
	if (files->is_lost)
		return 0; /* done said so */
	return inside_age(files->inside) > AGE_XATTRS ? -ENOTSUP :
	    inside_tell(files->inside, row, event);
}

int
files_set_xattr(struct files *files, const char *name, const char *value)
{
	const struct rpc_file_set_xattr_event event = {name, value};

	return tell_quietly(files, &rpc_call_file_set_xattr, &event);
}

int
files_inflate(struct files *files)
{
	static const struct rpc_file_inflate_event event;

	return tell_quietly(files, &rpc_call_file_inflate, &event);
}

int
files_tell_xattrs(struct files *files, const char *prefix)
{
	const struct rpc_file_tell_xattrs_event event = {prefix};

	return tell_quietly(files, &rpc_call_file_tell_xattrs, &event);
}

void
files_unpack(struct files *files, const char *path)
{
	const struct rpc_file_unpack_event event = {path};

	files->is_unpacking = true;
	ask_to_put(files, &rpc_call_file_unpack, &event);
}

void
files_pack(struct files *files, const char *path, bool is_compressed)
{
	const struct rpc_file_pack_event event = {path, is_compressed};

	ask(files, &rpc_call_file_pack, &event);
}

void
files_watch(struct files *files, const char *path, bool is_recursive)
{
	const struct rpc_file_watch_event event = {path, is_recursive};

	ask(files, &rpc_call_file_watch, &event);
}

void
files_change_mode(struct files *files,
    const struct rpc_file_change_mode_event *event)
{
	ask(files, &rpc_call_file_change_mode, event);
}

void
files_search(struct files *files, const struct rpc_file_search_event *event)
{
	ask(files, &rpc_call_file_search, event);
	if (!files->is_lost) /* it may say nothing for long */
		inside_set_patience(files->inside, SEARCH_PATIENCE_MS);
}

void
files_set_due(struct files *files, uint64_t in_ms)
{
	inside_set_due(files->inside, in_ms);
}

void
files_put_by_socket(struct files *files, uint64_t size)
{
	const struct rpc_file_take_event event = {size};

	files->is_taking = open_flow(files, &rpc_call_file_take, &event, size);
}

/* As send_message of bytes: how many went; 0: there was no room, which is
 * waited for. */
static size_t
send_bytes(struct files *files, const uint8_t *data, size_t size)
{
	ssize_t n;

	do
		n = send(flow_fd(&files->flow), data, size,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN &&
	    flow_await(&files->flow, EPOLLOUT) == 0)
		return 0;
	/* Whoever does not take any more says why. */
	return n < 0 ? size : (size_t)n;
}

static size_t
send_message(struct files *files, const uint8_t *data, size_t size)
{
	struct rpc_bytes_event event = {.data = {data, (uint32_t)(size <
	    BLOCK_BYTES ? size : BLOCK_BYTES)}};

	return inside_tell(files->inside, &rpc_call_bytes, &event) < 0 ? 0 :
	    event.data.size;
}

size_t
files_put(struct files *files, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	size_t used = 0, n = 1;

	while (!files->is_lost && n > 0 && used < size) {
		n = flow_fd(&files->flow) >= 0 ?
		    send_bytes(files, bytes + used, size - used) :
		    send_message(files, bytes + used, size - used);
		(void)EVP_DigestUpdate(files->sum, bytes + used, n);
		used += n;
	}
	if (n == 0)
		inside_await(files->inside, true);
	return used;
}

bool
files_commit(struct files *files)
{
	const struct rpc_bytes_end_event event = {0};

	if (files->is_lost)
		return true; /* done said so */
	if (inside_tell(files->inside, &rpc_call_bytes_end, &event) ==
	    -EAGAIN)
		return false;
	inside_await(files->inside, true);
	(void)EVP_DigestFinal_ex(files->sum, files->hash, NULL);
	return true;
}

void
files_sha256(const struct files *files, char ret[FILES_SHA256_SIZE])
{
	sodium_bin2hex(ret, FILES_SHA256_SIZE, files->hash,
	    sizeof files->hash);
}

void
files_hold(struct files *files, bool is_held)
{
	inside_hold(files->inside, is_held);
}
