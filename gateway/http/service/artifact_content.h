// SPDX-License-Identifier: Apache-2.0
/* Bytes of an artifact: on their way out, and in. */
#pragma once

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/protocol/depot_calls.h"

struct identity;

struct artifact_content {
	int fd; /* owned; -1 = none */
	uint64_t size, offset;
	uint64_t end; /* of the part that is wanted */
	bool is_part, is_checked;
	crypto_hash_sha256_state hash;
	char sha256[65];
};

/* Takes over fd, what disks_open_artifact gave with the artifact. */
void artifact_content_init(struct artifact_content *content,
    const struct rpc_artifact_info *artifact, int fd);
void artifact_content_fini(struct artifact_content *content);

/* Before any are read: n of them from offset on are wanted, not all. */
void artifact_content_choose(struct artifact_content *content,
    uint64_t offset, uint64_t n);

/*
 * The next at most `size` bytes: how many, 0 at their end. -EIO in place of the
 * last of them, or of a part's first, where all are not what was written.
 * -EAGAIN, of a part alone: it has read as many as others should wait for, and
 * is to be called again.
 */
ssize_t artifact_content_read(struct artifact_content *content, void *data,
    size_t size);

struct artifact_writer;
struct artifact_writer_client {
	/* artifact_put may go on. */
	void (*room)(void *arg);
	/* Twice: bytes may come (artifact NULL); it is in its place. Or err is
	 * why not, once, and the last. */
	void (*done)(void *arg, const struct rpc_artifact_info *artifact,
	    const struct err *err);
	void *arg;
};

/* Begins one; *ret is the caller's to artifact_writer_close. -ENOMEM. */
int artifact_write(struct identity *who,
    const struct rpc_artifact_begin_req *request,
    const struct artifact_writer_client *client, struct artifact_writer **ret,
    struct err *err);

/* Its next bytes: how many were taken; fewer: room follows. */
size_t artifact_put(struct artifact_writer *writer, const void *data,
    size_t size);

/* It is whole; path and meta are in place of what it was begun with, "" =
 * that, and live until done. */
void artifact_commit(struct artifact_writer *writer, const char *path,
    const char *meta);

/* What is not in its place by now has never been there; nothing more is told.
 * NULL does nothing. */
void artifact_writer_close(struct artifact_writer *writer);
