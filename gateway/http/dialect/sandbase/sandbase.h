// SPDX-License-Identifier: Apache-2.0
/*
 * Sandbase's API (docs/COMPATIBILITY.md) beside /sandboxes itself, whose
 * objects suit its clients and E2B's: handlers and tables of sandbase.c's rows.
 */
#pragma once

#include "gateway/http/dialect/native/exec.h"
#include "gateway/http/dialect/native/upload.h"
#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/route.h"

#define SANDBASE_FOLDER "/workspace" /* of what says no path */

extern const struct dialect sandbase;

extern const struct field_table sandbase_process_wish, sandbase_folder_wish,
    sandbase_move_wish, sandbase_agent_wish, sandbase_session_wish,
    sandbase_event_wish, sandbase_content_wish, sandbase_webhook_wish,
    sandbase_refresh_wish;

/* About of native_exec. */
extern const struct exec_kind sandbase_process, sandbase_say, sandbase_events;

/* About of upload_file. */
extern const struct upload_kind sandbase_upload;

/* A file's bytes, or a folder's list: by ?path=; the list alone; one. */
void sandbase_read(struct exchange *exchange);
void sandbase_list(struct exchange *exchange);
void sandbase_stat(struct exchange *exchange);
void sandbase_download(struct exchange *exchange);
void sandbase_make_folder(struct exchange *exchange);
void sandbase_move(struct exchange *exchange);

/* The whole of a file as base64 in JSON. */
void sandbase_read_content(struct exchange *exchange);
void sandbase_write_content(struct exchange *exchange);

/* What they call an event of a kind. */
#define SANDBASE_EVENT_TYPE_SIZE 64
void sandbase_event_type(const char *kind, char ret[SANDBASE_EVENT_TYPE_SIZE]);

void sandbase_list_history(struct exchange *exchange);
void sandbase_get_env(struct exchange *exchange);
void sandbase_add_webhook(struct exchange *exchange);
void sandbase_list_webhooks(struct exchange *exchange);
void sandbase_get_webhook(struct exchange *exchange);
void sandbase_remove_webhook(struct exchange *exchange);

/* What a sandbox of a template lives where its create does not say. */
unsigned sandbase_timeout_s(const char *template_name);
void sandbase_refresh(struct exchange *exchange);

void sandbase_add_agent(struct exchange *exchange);
void sandbase_list_agents(struct exchange *exchange);
void sandbase_get_agent(struct exchange *exchange);
void sandbase_remove_agent(struct exchange *exchange);
void sandbase_create_session(struct exchange *exchange);
void sandbase_list_sessions(struct exchange *exchange);
void sandbase_get_session(struct exchange *exchange);

void sandbase_list_templates(struct exchange *exchange);
void sandbase_get_health(struct exchange *exchange);
