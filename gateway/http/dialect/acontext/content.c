// SPDX-License-Identifier: Apache-2.0
/* An artifact with its text in the answer, which is never there whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "gateway/http/dialect/acontext/acontext.h"

#define PIECE	   2048
#define ESCAPE_MAX 6 /* bytes of what stands for one */

enum stage { STAGE_HEAD, STAGE_TEXT, STAGE_TAIL, STAGE_END };

struct text {
	struct artifact_content content;
	enum stage stage;
	char *head;	     /* owned */
	const char *waiting; /* what is to go next, */
	size_t n_waiting;    /* so much of it */
	char piece[ESCAPE_MAX * PIECE];
};

/* As JSON has them (RFC 8259, 7); they are UTF-8, as the store has seen. */
static size_t
escape(char *ret, const uint8_t *bytes, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		const uint8_t c = bytes[i];

		if (c < 0x20)
			n += (size_t)snprintf(ret + n, ESCAPE_MAX + 1,
			    "\\u%04x", c);
		else if (c == '"' || c == '\\') {
			ret[n++] = '\\';
			ret[n++] = (char)c;
		} else {
			ret[n++] = (char)c;
		}
	}
	return n;
}

/* What is to go next; 0 or -errno. */
static int
fill(struct text *text)
{
	static const char tail[] = "\"}}}";
	uint8_t bytes[PIECE - 1];
	ssize_t n;

	switch (text->stage) {
	case STAGE_HEAD:
		text->waiting = text->head;
		text->n_waiting = strlen(text->head);
		text->stage = STAGE_TEXT;
		return 0;
	case STAGE_TEXT:
		n = artifact_content_read(&text->content, bytes,
		    sizeof bytes);
		if (n < 0)
			return (int)n;
		text->waiting = text->piece;
		text->n_waiting = escape(text->piece, bytes, (size_t)n);
		if (n == 0)
			text->stage = STAGE_TAIL;
		return 0;
	case STAGE_TAIL:
		text->waiting = tail;
		text->n_waiting = sizeof tail - 1;
		text->stage = STAGE_END;
		return 0;
	case STAGE_END:
		break;
	}
	return -ENODATA;
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct text *text = arg;
	size_t n;

	while (text->n_waiting == 0) {
		int r = fill(text);

		if (r < 0)
			return r;
	}
	n = size < text->n_waiting ? size : text->n_waiting;
	memcpy(data, text->waiting, n);
	text->waiting += n;
	text->n_waiting -= n;
	return (ssize_t)n;
}

static void
on_gone(void *arg)
{
	struct text *text = arg;

	artifact_content_fini(&text->content);
	free(text->head);
}

static char *
make_head(const struct rpc_artifact_info *artifact)
{
	json_t *object = acontext_artifact(artifact);
	char *dump = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	char *head = NULL;

	json_decref(object);
	if (dump != NULL && asprintf(&head, "{\"code\":0,\"msg\":\"\","
	    "\"data\":{\"artifact\":%s,\"public_url\":null,\"content\":"
	    "{\"type\":\"%s\",\"raw\":\"", dump,
	    artifact_kinds[artifact->kind]) < 0)
		head = NULL;
	free(dump);
	return head;
}

void
acontext_reply_text(struct exchange *exchange,
    const struct rpc_artifact_info *artifact, int fd)
{
	const struct err err = {ENOMEM, "out of memory"};
	struct exchange_stream stream = {.give = give, .gone = on_gone};
	struct text *text = NULL;

	if (artifact->kind == DEPOT_KIND_NONE ||
	    artifact->kind >= N_DEPOT_KIND) {
		fd_close(&fd);
		acontext_reply(exchange, 200, json_pack("{s:o, s:n, s:n}",
		    "artifact", acontext_artifact(artifact), "public_url",
		    "content"));
		return;
	}
	text = exchange_memory(exchange, sizeof *text);
	if (text == NULL || (text->head = make_head(artifact)) == NULL) {
		fd_close(&fd);
		exchange_fail_err(exchange, &err);
		return;
	}
	artifact_content_init(&text->content, artifact, fd);
	stream.arg = text;
	exchange_set_stream(exchange, &stream);
	exchange_reply_stream(exchange, 200, "application/json",
	    REPLY_UNKNOWN);
}
