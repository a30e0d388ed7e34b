// SPDX-License-Identifier: Apache-2.0
/*
 * Files in a sandbox, as its user may see and change them. Each thing asked for
 * ends in one `done`, before which the next may not be asked for. Nothing is
 * kept here whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/rpc_calls.h"

#define FILES_SHA256_SIZE 65 /* in hexadecimal */
#define FILES_SIZE_ANY	  UINT64_MAX

struct identity;
struct files;

/* What is told; any may close it. Strings live until the return. All but done
 * may be NULL: who does not ask for it is not told. */
struct files_client {
	/* A file: what was looked at, opened, made or written, or one of a
	 * list, which begins with the folder itself. */
	void (*info)(void *arg, const struct rpc_file_info_event *info);
	/* Of the file that info tells of next, after files_tell_xattrs:
	 * NAME=VALUE each. */
	void (*xattrs)(void *arg, struct rpc_strv xattrs);
	/* Bytes of files_read and files_pack. */
	void (*bytes)(void *arg, const void *data, size_t size);
	/* The socket of files_read_by_socket has what was awaited. */
	void (*ready)(void *arg);
	/* files_put may go on. */
	void (*room)(void *arg);
	/* Of files_watch: an enum inside_change, and the name below the folder
	 * of what did. */
	void (*changed)(void *arg, uint32_t change, const char *name);
	/* What files_search found. */
	void (*matched)(void *arg, const struct rpc_file_match_event *match);
	/* What files_unpack made. */
	void (*unpacked)(void *arg, const struct rpc_file_unpacked_event *n);
	/* The time of files_set_due has come. */
	void (*due)(void *arg);
	/* err is NULL, or why not; ENOTCONN and its like where the sandbox is
	 * out of reach, after which nothing can be asked for any more. */
	void (*done)(void *arg, const struct err *err);
	void *arg;
};

/* Before the jail, and after tls_start, which reads libcrypto's configuration
 * where that is wanted. Nothing is written without it. 0 or -errno. */
int files_init(struct err *err);

/* 0 or -errno with words; *ret is the caller's to files_close. */
int files_open(struct identity *who, const char *sandbox_id,
    const struct files_client *client, struct files **ret, struct err *err);

/* The same as another user of the sandbox's than its default one ("" = that
 * one), whom the caller may be (RPC_RIGHT_ROOT). */
int files_open_as(struct identity *who, const char *sandbox_id,
    const char *user, const struct files_client *client, struct files **ret,
    struct err *err);

/* Ends it: what is half written has never been there. NULL does nothing. */
void files_close(struct files *files);

/* What inside.def says of these. */
void files_stat(struct files *files, const char *path);
void files_list(struct files *files, const char *path);
void files_open_file(struct files *files, const char *path);
void files_read(struct files *files, uint64_t offset, uint64_t size);
void files_remove(struct files *files, const char *path, bool is_recursive);
void files_make_folder(struct files *files, const char *path, uint32_t mode);
void files_move(struct files *files, const char *path, const char *target,
    bool replaces);

void files_change_mode(struct files *files,
    const struct rpc_file_change_mode_event *event);

/*
 * As files_read, but where that can be they come by a socket, which
 * files_socket is from then on (else -1), and not by `bytes`. It does not
 * block, and is read by the caller, who waits for it by files_await_socket:
 * `ready` follows, or done.
 */
void files_read_by_socket(struct files *files, uint64_t offset,
    uint64_t size);
int files_socket(const struct files *files);
void files_await_socket(struct files *files);

/* Told of by info of the folder, and by `matched`. */
void files_search(struct files *files,
    const struct rpc_file_search_event *event);

/* Told of by `bytes`: a tar archive. */
void files_pack(struct files *files, const char *path, bool is_compressed);

/* Takes one by files_put once info has told of the folder; files_commit ends
 * it, and `unpacked` tells what was in it. */
void files_unpack(struct files *files, const char *path);

/* Told of by `changed`, until files_close. */
void files_watch(struct files *files, const char *path, bool is_recursive);

/* Has due called once, in_ms from now. */
void files_set_due(struct files *files, uint64_t in_ms);

/* Begins to write one of `size` bytes, or FILES_SIZE_ANY. */
void files_write(struct files *files, const char *path, uint32_t mode,
    uint64_t size);

/*
 * Once it is begun, before its bytes: an extended attribute of it (xattr(7)),
 * by its whole name; and its bytes are gzip's (RFC 1952), of what it is to
 * have. Between two things asked for: those that begin with a prefix are told
 * from then on. 0; done says it where they cannot be; -ENOTSUP: the sandbox was
 * started before an upgrade; or -errno.
 */
int files_set_xattr(struct files *files, const char *name, const char *value);
int files_inflate(struct files *files);
int files_tell_xattrs(struct files *files, const char *prefix);

/*
 * Once it is begun: `size` bytes of it, which are all that will come, go by a
 * socket of their own where that can be, which is faster.
 */
void files_put_by_socket(struct files *files, uint64_t size);

/* Its next bytes: how many were taken; fewer than size: room follows. */
size_t files_put(struct files *files, const void *data, size_t size);

/* It is whole: puts it in its place. False: no room yet, which follows. */
bool files_commit(struct files *files);

/* Of what was put, after files_commit. */
void files_sha256(const struct files *files, char ret[FILES_SHA256_SIZE]);

/* While it is held no info and no bytes come. */
void files_hold(struct files *files, bool is_held);
