// SPDX-License-Identifier: Apache-2.0
/* One request to the API as libcurl has it: api.c's and api_many.c's alone. */
#pragma once

#include <curl/curl.h>

#include "cli/api.h"

struct api_answer {
	char *text; /* owned; so far */
	size_t size;
	CURL *curl;
	FILE *file;	/* what was asked for goes here; NULL: to text */
	api_line *line; /* or here, a line of JSON at a time */
	void *line_arg;
};

/* One request, but for its answer. */
struct api_request {
	const char *method, *path;
	const json_t *body;
	const void *bytes; /* in place of a body; NULL: none */
	size_t n_bytes;
	FILE *file; /* the same, as it is read; NULL: none */
};

/* What it takes while it is under way. Zeroed, nothing. */
struct api_held {
	CURL *curl;
	struct curl_slist *headers;
	char *body;
	char words[CURL_ERROR_SIZE];
};

/* Sets it up; answer and request->bytes live as long as held, which the caller
 * ends by api_held_fini, also after a failure. */
int api_prepare(const struct cli *cli, const struct api_request *request,
    struct api_answer *answer, struct api_held *held, struct err *err);
void api_held_fini(struct api_held *held);

/* Either sets err and returns its -errno: what went wrong before there was an
 * answer, and the API's own words for a status of 400 and above. */
int api_transport_error(
    const struct cli *cli, CURLcode code, const char *words, struct err *err);
int api_refusal(long status, const json_t *answer, struct err *err);
