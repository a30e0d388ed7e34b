// SPDX-License-Identifier: Apache-2.0
/*
 * Sandbox0's clients, npm sandbox0 0.9.5 and what its documentation says:
 * docs/COMPATIBILITY.md. Whatever is answered is in an envelope.
 */
#pragma once

#include "gateway/http/dialect/aliases.h"
#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/route.h"
#include "gateway/http/service/sandboxes.h"

extern const struct dialect sandbox0;

extern const struct field_table sandbox0_claim_wish, sandbox0_update_wish,
    sandbox0_refresh_wish;

/* Answers {"success": true, "data": data}, which is taken over; NULL: out of
 * memory. */
void sandbox0_reply(
    struct exchange *exchange, unsigned int status, json_t *data);

/* The same of {"message": message}. */
void sandbox0_reply_message(struct exchange *exchange, const char *message);

/* A template by the name that clients have for it, in room, or its own; and
 * back. */
const char *sandbox0_template(
    const struct exchange *exchange, const char *name, char room[ALIAS_SIZE]);
const char *sandbox0_template_told(
    const struct exchange *exchange, const char *name, char room[ALIAS_SIZE]);

/* Whether it is there; what is destroyed fails with EIDRM and words. */
int sandbox0_check(const struct sandboxes_view *sandbox, struct err *err);

/* A time, or the one that clients know as none; of nothing ever. */
json_t *sandbox0_time(uint64_t unix_ms);

bool sandbox0_is_paused(const struct rpc_sandbox_info *info);
const char *sandbox0_status(const struct rpc_sandbox_info *info);

/* What tells of a sandbox: whole, in a list, its status, how it is powered. */
json_t *sandbox0_sandbox(
    const struct exchange *exchange, const struct sandboxes_view *sandbox);
json_t *sandbox0_summary(
    const struct exchange *exchange, const struct sandboxes_view *sandbox);
json_t *sandbox0_status_of(
    const struct exchange *exchange, const struct sandboxes_view *sandbox);
json_t *sandbox0_power(const struct rpc_sandbox_info *info);

/* sandboxes_one_done: answers with the whole of it. */
void sandbox0_tell(
    void *arg, const struct sandboxes_view *sandbox, const struct err *err);

/* "512Mi", "2Gi", "1G": bytes; -EINVAL names the field. */
int sandbox0_quantity(const char *field, const char *text, uint64_t *ret,
    struct failure *failure);

void sandbox0_claim(struct exchange *exchange);
void sandbox0_list(struct exchange *exchange);
void sandbox0_get(struct exchange *exchange);
void sandbox0_get_status(struct exchange *exchange);
void sandbox0_update(struct exchange *exchange);
void sandbox0_remove(struct exchange *exchange);
void sandbox0_refresh(struct exchange *exchange);
void sandbox0_pause(struct exchange *exchange);
void sandbox0_resume(struct exchange *exchange);
void sandbox0_read_logs(struct exchange *exchange);
