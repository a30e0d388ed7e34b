// SPDX-License-Identifier: Apache-2.0
#include "cli/api_many.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "cli/api_of.h"
#include "common/fd.h"
#include "common/json_load.h"

#define VALUE_SIZE 256
#define TURN_MS	   60000
#define ANSWER_MAX (64u << 20) /* of what is not told yet */

struct post {
	LIST_ENTRY(post) link;
	struct api_many *many;
	struct api_answer answer;
	struct api_held held;
	json_t *tag; /* owned */
};

struct api_many {
	const struct cli *cli;
	const char *path, *header;
	char value[VALUE_SIZE]; /* of that header; "" = none came */
	api_many_told *told;
	api_many_done *done;
	void *arg;
	CURLM *multi;
	LIST_HEAD(, post) posts;
	size_t n_posts;
};

struct api_many *
api_many_new(const struct cli *cli, const char *path, const char *header,
    api_many_told *told, api_many_done *done, void *arg)
{
	struct api_many *many = calloc(1, sizeof *many);

	if (many == NULL)
		return NULL;
	*many = (struct api_many){.cli = cli,
	    .path = path,
	    .header = header,
	    .told = told,
	    .done = done,
	    .arg = arg,
	    .multi = curl_multi_init()};
	LIST_INIT(&many->posts);
	if (many->multi != NULL)
		return many;
	free(many);
	return NULL;
}

static void
post_free(struct post *post)
{
	if (post->held.curl != NULL)
		(void)curl_multi_remove_handle(
		    post->many->multi, post->held.curl);
	LIST_REMOVE(post, link);
	post->many->n_posts--;
	api_held_fini(&post->held);
	free(post->answer.text);
	json_decref(post->tag);
	free(post);
}

void
api_many_free(struct api_many *many)
{
	struct post *post;

	if (many == NULL)
		return;
	while ((post = LIST_FIRST(&many->posts)) != NULL)
		post_free(post);
	curl_multi_cleanup(many->multi);
	free(many);
}

static size_t
on_header(char *data, size_t one, size_t size, void *user)
{
	struct api_many *many = user;
	const size_t n = strlen(many->header);

	(void)one;
	if (size > n && strncasecmp(data, many->header, n) == 0 &&
	    data[n] == ':') {
		snprintf(many->value, sizeof many->value, "%.*s",
		    (int)(size - n - 1), data + n + 1);
		many->value[strcspn(many->value, "\r\n")] = '\0';
		memmove(many->value, many->value + strspn(many->value, " "),
		    strlen(many->value + strspn(many->value, " ")) + 1);
	}
	return size;
}

static bool
is_of_events(const struct post *post)
{
	static const char events[] = "text/event-stream";
	char *type = NULL;

	return curl_easy_getinfo(post->held.curl, CURLINFO_CONTENT_TYPE,
		   &type) == CURLE_OK &&
	       type != NULL &&
	       strncasecmp(type, events, sizeof events - 1) == 0;
}

/* Lines that are whole: the API has the data of an event in one. */
static void
tell_events(struct post *post)
{
	static const char name[] = "data: ";
	struct api_answer *answer = &post->answer;
	char *line = answer->text, *end;
	size_t left = answer->size;

	while (left > 0 && (end = memchr(line, '\n', left)) != NULL) {
		const size_t n = (size_t)(end - line);

		if (n >= sizeof name - 1 &&
		    memcmp(line, name, sizeof name - 1) == 0)
			post->many->told(post->many->arg,
			    line + sizeof name - 1, n - (sizeof name - 1));
		left -= n + 1;
		line = end + 1;
	}
	memmove(answer->text, line, left);
	answer->size = left;
}

static size_t
on_data(char *data, size_t one, size_t size, void *user)
{
	struct post *post = user;
	struct api_answer *answer = &post->answer;
	char *grown;

	(void)one;
	if (answer->size + size > ANSWER_MAX)
		return 0;
	grown = realloc(answer->text, answer->size + size + 1);
	if (grown == NULL)
		return 0;
	answer->text = grown;
	memcpy(grown + answer->size, data, size);
	answer->size += size;
	if (is_of_events(post))
		tell_events(post);
	return size;
}

static int
add_header(struct api_held *held, const char *line, struct err *err)
{
	struct curl_slist *grown = curl_slist_append(held->headers, line);

	if (grown == NULL)
		return err_set(err, ENOMEM, "out of memory");
	held->headers = grown;
	curl_easy_setopt(held->curl, CURLOPT_HTTPHEADER, grown);
	return 0;
}

static int
add_kept(const struct api_many *many, struct api_held *held, struct err *err)
{
	char line[2 * VALUE_SIZE];

	if (many->value[0] == '\0')
		return 0;
	snprintf(line, sizeof line, "%s: %s", many->header, many->value);
	return add_header(held, line, err);
}

int
api_many_post(
    struct api_many *many, const json_t *body, json_t *tag, struct err *err)
{
	const struct api_request request = {
	    .method = "POST", .path = many->path, .body = body};
	struct post *post = calloc(1, sizeof *post);
	int r;

	if (post == NULL) {
		json_decref(tag);
		return err_set(err, ENOMEM, "out of memory");
	}
	post->many = many;
	post->tag = tag;
	LIST_INSERT_HEAD(&many->posts, post, link);
	many->n_posts++;
	r = api_prepare(many->cli, &request, &post->answer, &post->held, err);
	if (r == 0)
		r = add_header(&post->held,
		    "Accept: application/json, text/event-stream", err);
	if (r == 0)
		r = add_kept(many, &post->held, err);
	if (r == 0) {
		CURL *curl = post->held.curl;

		curl_easy_setopt(curl, CURLOPT_TIMEOUT, 0L);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, post);
		curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
		curl_easy_setopt(curl, CURLOPT_HEADERDATA, many);
		curl_easy_setopt(curl, CURLOPT_PRIVATE, post);
		if (curl_multi_add_handle(many->multi, curl) != CURLM_OK)
			r = err_set(err, ENOMEM, "out of memory");
	}
	if (r < 0)
		post_free(post);
	return r;
}

size_t
api_many_count(const struct api_many *many)
{
	return many->n_posts;
}

static void
end(struct post *post, CURLcode code)
{
	struct api_many *many = post->many;
	struct err err = {0};
	long status = 0;

	curl_easy_getinfo(post->held.curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK) {
		api_transport_error(many->cli, code, post->held.words, &err);
	} else if (status >= 400) {
		auto_json json_t *object =
		    post->answer.size > 0 ? json_load_whole(post->answer.text,
						post->answer.size, 0, NULL)
					  : NULL;

		api_refusal(status, object, &err);
	}
	many->done(many->arg, post->tag, post->answer.text, post->answer.size,
	    err.code != 0 ? &err : NULL);
	post_free(post);
}

int
api_many_turn(
    struct api_many *many, int fd, bool *ret_is_readable, struct err *err)
{
	struct curl_waitfd wait = {.fd = fd, .events = CURL_WAIT_POLLIN};
	CURLMsg *message;
	int n;

	if (curl_multi_perform(many->multi, &n) != CURLM_OK)
		return err_set(err, EIO, "libcurl failed");
	if ((size_t)n == many->n_posts &&
	    curl_multi_poll(many->multi, fd >= 0 ? &wait : NULL,
		fd >= 0 ? 1 : 0, TURN_MS, NULL) != CURLM_OK)
		return err_set(err, EIO, "libcurl failed");
	if (curl_multi_perform(many->multi, &n) != CURLM_OK)
		return err_set(err, EIO, "libcurl failed");
	while ((message = curl_multi_info_read(many->multi, &n)) != NULL) {
		struct post *post = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, (char **)&post);
		end(post, message->data.result);
	}
	*ret_is_readable = fd >= 0 && wait.revents != 0;
	return 0;
}
