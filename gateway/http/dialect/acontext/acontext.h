// SPDX-License-Identifier: Apache-2.0
/*
 * Acontext's clients, npm @acontext/acontext 0.0.16 and those that know its
 * sandboxes (docs/COMPATIBILITY.md). Whatever is answered is in an envelope.
 */
#pragma once

#include "gateway/http/dialect/native/artifact.h"
#include "gateway/http/dialect/native/exec.h"
#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/route.h"
#include "gateway/http/service/disks.h"

extern const struct dialect acontext;

extern const struct field_table acontext_exec_wish, acontext_disk_wish,
    acontext_update_wish, acontext_to_sandbox_wish, acontext_from_sandbox_wish;

/* About of native_exec. */
extern const struct exec_kind acontext_exec;

/* Answers {"code": 0, "data": data, "msg": ""}; data is taken over, NULL: out
 * of memory. */
void acontext_reply(struct exchange *exchange, unsigned int status,
    json_t *data);

/* records_end_done and its like: the same with no data. */
void acontext_done(void *arg, const struct err *err);

/* ?limit=, at most 200; false: it has been refused. */
bool acontext_read_limit(struct exchange *exchange, uint32_t *ret);

/* An artifact as they know it; NULL: out of memory. */
json_t *acontext_artifact(const struct rpc_artifact_info *artifact);

/* A folder, with or without its "/", and a name in it; false: they do not
 * fit, which has been said of that field. */
bool acontext_join(struct exchange *exchange, const char *field,
    const char *folder, const char *name, char ret[ARTIFACT_PATH_SIZE]);

/* Metadata of theirs as it is kept; the caller's. NULL: it is none, which has
 * been said. */
char *acontext_read_meta(struct exchange *exchange, const char *text);

/* Answers an artifact with its text, as it comes; takes over fd. */
void acontext_reply_text(struct exchange *exchange,
    const struct rpc_artifact_info *artifact, int fd);

/* Notes what was done in a sandbox, then calls done; strings live until it is.
 * What cannot be noted has been done all the same. */
void acontext_note(struct exchange *exchange,
    const struct rpc_history_add_req *deed, void (*done)(void *arg),
    void *arg);

void acontext_ping(struct exchange *exchange);
void acontext_create_sandbox(struct exchange *exchange);
void acontext_remove_sandbox(struct exchange *exchange);
void acontext_list_logs(struct exchange *exchange);
void acontext_create_disk(struct exchange *exchange);
void acontext_list_disks(struct exchange *exchange);
void acontext_remove_disk(struct exchange *exchange);
void acontext_upsert(struct exchange *exchange);
void acontext_get(struct exchange *exchange);
void acontext_update(struct exchange *exchange);
void acontext_remove(struct exchange *exchange);
void acontext_list(struct exchange *exchange);
void acontext_grep(struct exchange *exchange);
void acontext_glob(struct exchange *exchange);
void acontext_download(struct exchange *exchange);
void acontext_to_sandbox(struct exchange *exchange);
void acontext_from_sandbox(struct exchange *exchange);
