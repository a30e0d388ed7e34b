// SPDX-License-Identifier: Apache-2.0
/*
 * A request's head: what of it decides where it goes, and the head that the
 * sandbox is sent in its place. framing.h has passed it before. Pure.
 */
#pragma once

#include "gateway/proxy/head.h"
#include "gateway/proxy/target.h"

#define REQUEST_HEAD_MAX (24 * 1024) /* of what is made */

/* How one shows a preview's token: a header, a cookie, or a query's field. */
#define REQUEST_PREVIEW_HEADER "sandgate-preview"
#define REQUEST_PREVIEW_NAME   "sandgate_preview"

struct request {
	struct text method, path; /* with its query */
	struct text host;	  /* "" where there is none */
	struct text preview;	  /* "" where none is shown */
	struct text bearer;	  /* the same of Authorization */
	bool is_preview_in_query;
	bool is_old; /* HTTP/1.0 */
	bool is_head;
	bool is_upgrade; /* to a WebSocket */
	bool has_body;
	bool is_last; /* the client wants the connection closed */
};

/* Which of what a client showed is ours, and not the service's to see. */
struct request_strip {
	bool has_bearer;
	const char *header; /* NULL = none */
};

/* What it is sent with. */
struct request_terms {
	const struct target *target;
	struct request_strip strip;
	const char *peer;   /* the client's address */
	const char *scheme; /* "http" or "https", as the client sees it */
};

/* 0, or the status that refuses it, and static words. */
int request_read(const struct head *head, struct request *ret,
    const char **ret_words);

/* Whether the path is one that every server reads alike: of letters that mean
 * themselves, and nothing that leads upward. */
bool request_is_plain_path(struct text path);

/* The new head, at most REQUEST_HEAD_MAX bytes; its size, or 0 where it has no
 * room. */
size_t request_make(const struct head *head, const struct request *request,
    const struct request_terms *terms, char *ret);
