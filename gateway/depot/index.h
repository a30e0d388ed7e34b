// SPDX-License-Identifier: Apache-2.0
/*
 * What is known of disks and artifacts, in SQLite. Whoever asks is of one
 * organisation, and what they name of another is not there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "gateway/protocol/depot_calls.h"

#define INDEX_DISK_ID_SIZE 32 /* "dk_" and 16 of SANDBOX_ID_ALPHABET */
#define INDEX_SHA256_SIZE  65 /* in hexadecimal */

struct index;

/* Who asks. */
struct scope {
	const char *org;
	const char *owner; /* the user; "" = nobody in particular */
	bool is_own_only;  /* of disks of others he knows nothing */
	uint64_t bytes_max; /* of all artifacts of the organisation; 0 = none */
};

/* One that is written. */
struct index_artifact {
	const char *disk_id, *folder, *name, *mime, *meta, *sha256;
	uint32_t kind; /* enum depot_kind */
	uint64_t size;
};

/* Told of one, whose strings live until the return; -errno ends it. */
typedef int index_disk_each(void *arg, const struct rpc_disk_info *disk);
typedef int index_artifact_each(void *arg,
    const struct rpc_artifact_info *artifact);

/* Opens or makes it; one process at a time, others wait for 5 s. */
int index_open(const char *path, struct index **ret, struct err *err);

/* Opens what index_open has, for another thread, to look at it while that one
 * is written. */
int index_open_again(const char *path, struct index **ret, struct err *err);
void index_close(struct index *index);

/* What the organisation has of what is limited here. */
struct index_used {
	uint64_t disks, bytes; /* of artifacts */
	uint64_t artifacts; /* on the disk that has most, that who asks knows */
};
int index_count(struct index *index, const struct scope *scope,
    struct index_used *ret, struct err *err);

/* -EDQUOT. */
int index_add_disk(struct index *index, const struct scope *scope,
    const char *name, const char *user, char ret_id[INDEX_DISK_ID_SIZE],
    struct err *err);

/* Calls each for one, or for those that request says and one more: that it may
 * refuse. -ENOENT for the one; what each returned. */
int index_get_disk(struct index *index, const struct scope *scope,
    const char *id, index_disk_each *each, void *arg, struct err *err);
int index_list_disks(struct index *index, const struct scope *scope,
    const struct rpc_disk_list_req *request, index_disk_each *each, void *arg,
    struct err *err);

/* With its artifacts; -ENOENT. */
int index_remove_disk(struct index *index, const struct scope *scope,
    const char *id, struct err *err);

/* -ENOENT where there is no such disk. */
int index_check_disk(struct index *index, const struct scope *scope,
    const char *id, struct err *err);

/* Whether there is room for one of at least n_bytes at a path; -EDQUOT. */
int index_check_room(struct index *index, const struct scope *scope,
    const struct index_artifact *artifact, struct err *err);

/*
 * Puts one at its path, in the place of what there was, whose hash is
 * *ret_old ("" = nothing was). -EDQUOT, -ENOENT.
 */
int index_put(struct index *index, const struct scope *scope,
    const struct index_artifact *artifact, char ret_old[INDEX_SHA256_SIZE],
    struct err *err);

/* These: -ENOENT. */
int index_get(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *name,
    index_artifact_each *each, void *arg, struct err *err);
int index_set_meta(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *name,
    const char *meta, struct err *err);
int index_remove(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *name,
    char ret_old[INDEX_SHA256_SIZE], struct err *err);

/* In one folder, by name after one. */
int index_list(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *after,
    index_artifact_each *each, void *arg, struct err *err);

/* Names of the folders in one, each once. */
int index_list_folders(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder,
    int (*each)(void *arg, const char *name), void *arg, struct err *err);

/* By path, those like a pattern. */
int index_glob(struct index *index, const struct scope *scope,
    const char *disk_id, const char *pattern, index_artifact_each *each,
    void *arg, struct err *err);

/* The first that is text, by path, after a folder and a name in it ("" and "" =
 * of all). 1 where there was one, 0 at the end. */
int index_next_text(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *name,
    index_artifact_each *each, void *arg, struct err *err);

/* Whether an organisation has an artifact of these bytes: 1, 0 or -errno. */
int index_has_content(struct index *index, const char *org,
    const char *sha256, struct err *err);

/* What depot.def says of these. */
int index_add_history(struct index *index, const struct scope *scope,
    const struct rpc_history_add_req *request, struct err *err);
int index_list_histories(struct index *index, const struct scope *scope,
    const struct rpc_history_list_req *request,
    int (*each)(void *arg, const struct rpc_history_info *history), void *arg,
    struct err *err);

/* The first organisation that has disks after this one in order, "" = of all:
 * 1, 0 where there is none. */
int index_next_org(struct index *index, const char *after, char *ret,
    size_t size, struct err *err);

/* An organisation is no more, nor are its disks. */
int index_forget(struct index *index, const char *org, struct err *err);
