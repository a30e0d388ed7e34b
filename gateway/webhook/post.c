// SPDX-License-Identifier: Apache-2.0
#include "gateway/webhook/post.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What is said in answer is of no account; no more than this is read of it. */
#define REPLY_MAX_BYTES 65536

static struct curl_blob trusted = {.flags = CURL_BLOB_NOCOPY};

struct speaking {
	int fd;
	size_t n_read;
};

void
post_trust(void *pem, size_t size)
{
	trusted.data = pem;
	trusted.len = size;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct speaking *speaking = arg;
	int fd = speaking->fd;

	(void)purpose;
	(void)address;
	speaking->fd = CURL_SOCKET_BAD; /* there is one */
	return fd;
}

static int
on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static size_t
on_data(char *data, size_t one, size_t size, void *arg)
{
	struct speaking *speaking = arg;

	(void)data;
	(void)one;
	speaking->n_read += size;
	return speaking->n_read > REPLY_MAX_BYTES ? 0 : size;
}

static bool
add_header(struct curl_slist **list, const char *name, const char *value)
{
	char line[256];
	struct curl_slist *grown;

	if (*value == '\0')
		return true;
	snprintf(line, sizeof line, "%s: %s", name, value);
	grown = curl_slist_append(*list, line);
	if (grown != NULL)
		*list = grown;
	return grown != NULL;
}

static struct curl_slist *
make_headers(const struct handover_post *order)
{
	const struct {
		const char *name, *value;
	} rows[] = {{"Content-Type", "application/json"},
	    {"Sandgate-Event-Id", order->event_id},
	    {"Sandgate-Event-Type", order->event_type},
	    {"Sandgate-Signature", order->signature},
	    {"X-Sandbox0-Signature", order->signature},
	    {"X-Event-ID", order->event_id},
	    {"X-Signature", order->signature}};
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (list == NULL || !add_header(&list, rows[i].name,
		    rows[i].value)) {
			curl_slist_free_all(list);
			return NULL;
		}
	return list;
}

/* The path is for form's sake: it keeps libcurl from looking up the host. */
static void
set_options(CURL *curl, const struct handover_post *order,
    struct curl_slist *headers, struct speaking *speaking, char *words)
{
	curl_easy_setopt(curl, CURLOPT_URL, order->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, "receiver");
	curl_easy_setopt(curl, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, 1L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, speaking);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, order->body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, speaking);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
	curl_easy_setopt(curl, CURLOPT_USERAGENT,
	    "sandgate-webhook/" SANDGATE_VERSION);
	if (trusted.len > 0)
		curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &trusted);
}

void
post(const struct handover_post *order, int fd, struct handover_posted *ret)
{
	struct speaking speaking = {.fd = fd};
	struct curl_slist *headers = make_headers(order);
	char words[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (curl != NULL && headers != NULL) {
		set_options(curl, order, headers, &speaking, words);
		code = curl_easy_perform(curl);
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	}
	/* It has said what it thinks of it; the rest is left unread. */
	if (code == CURLE_WRITE_ERROR && status != 0)
		code = CURLE_OK;
	ret->status = code == CURLE_OK ? (uint32_t)status : 0;
	snprintf(ret->words, sizeof ret->words, "%.127s",
	    code == CURLE_OK ? "" : *words != '\0' ? words :
	    curl_easy_strerror(code));
}
