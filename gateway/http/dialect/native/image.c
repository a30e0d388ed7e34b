// SPDX-License-Identifier: Apache-2.0
/*
 * A template of an OCI image, which is unpacked in a sandbox, by what
 * runner/image.py does there: nobody outside reads more of the image than its
 * settings, which are checked as any client's.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_load.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/start.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/runner/runner.h"
#include "gateway/http/service/exec.h"

#define SOURCE_MAX  1023
#define TERMS_MAX   (1 << 20) /* of what the image says */
#define WORDS_MAX   200	      /* the last ones of what went wrong */
#define TIME_MAX_MS ((uint64_t)30 * 60 * 1000)

struct wish {
	const char *name, *source;
	uint32_t shared;
};

static const struct field wish_fields[] = {
    {"name", FIELD_NAME, offsetof(struct wish, name), 1, 63,
	"what creates call it", "\"alpine\""},
    {"source", FIELD_STRING, offsetof(struct wish, source), 1, SOURCE_MAX,
	"docker://NAME of a registry, or in the sandbox oci-archive:FILE, "
	"docker-archive:FILE or oci:FOLDER[:TAG]",
	"\"docker-archive:/tmp/image.tar\""},
    {"shared", FIELD_BOOLEAN, offsetof(struct wish, shared), .text =
	"for every organisation; the operator's alone to say"},
};
FIELD_TABLE(native_image_wish, struct wish, wish_fields);

struct importing {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_start_req request;
	char *words_sent; /* that the request points into */
	struct outbox terms;
	char words[WORDS_MAX + 1];
	size_t n_words;
	bool is_too_long;
};

/* Keeps the last ones. */
static void
add_words(struct importing *importing, const char *data, size_t size)
{
	size_t kept;

	if (size > WORDS_MAX) {
		data += size - WORDS_MAX;
		size = WORDS_MAX;
	}
	kept = WORDS_MAX - size < importing->n_words ? WORDS_MAX - size :
	    importing->n_words;
	memmove(importing->words, importing->words + importing->n_words - kept,
	    kept);
	memcpy(importing->words + kept, data, size);
	importing->n_words = kept + size;
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct importing *importing = arg;

	(void)position;
	if (is_error)
		add_words(importing, data, size);
	else if (size > TERMS_MAX - outbox_size(&importing->terms) ||
	    outbox_add(&importing->terms, data, size) < 0)
		importing->is_too_long = true;
}

static void
on_started(void *arg, uint32_t id, uint32_t pid)
{
	(void)arg;
	(void)id;
	(void)pid;
}

/* What is lost of its settings, they are not whole without. */
static void
on_lost(void *arg, uint64_t n_bytes)
{
	(void)arg;
	(void)n_bytes;
}

static void
fail(struct importing *importing, const char *what)
{
	char *words = text_make(importing->words, importing->n_words);
	struct err err = {0};

	err_set(&err, EINVAL, "image: %s: %s", what,
	    words != NULL ? words : "");
	free(words);
	exchange_fail_err(importing->exchange, &err);
}

/* Of what was said in the sandbox these alone: the rest is the caller's. */
static int
take_terms(json_t *object, json_t *said)
{
	static const char *const names[] = {"user", "workdir", "env",
	    "entrypoint"};
	int r = object != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < sizeof names / sizeof *names; i++) {
		json_t *value = json_object_get(said, names[i]);

		if (value != NULL && json_object_set(object, names[i],
		    value) < 0)
			r = -ENOMEM;
	}
	return r;
}

static void
publish(struct importing *importing)
{
	const struct wish *wish = exchange_input(importing->exchange);
	json_t *said = json_load_whole(importing->terms.data +
	    importing->terms.start, outbox_size(&importing->terms), 0, NULL);
	json_t *object = json_pack("{s:s, s:s, s:b}", "name", wish->name,
	    "sandbox", exchange_param(importing->exchange, "id"), "shared",
	    wish->shared == FIELD_TRUE);

	if (!json_is_object(said) || take_terms(object, said) < 0)
		fail(importing, "its settings are no JSON");
	else
		native_publish_object(importing->exchange, object);
	json_decref(object);
	json_decref(said);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct importing *importing = arg;

	if (exit == NULL)
		exchange_fail_err(importing->exchange, err);
	else if (exit->is_timed_out)
		fail(importing, "not unpacked within 30 minutes");
	else if (exit->is_signal || exit->code != 0)
		fail(importing, exit->is_oom ?
		    "the sandbox has too little memory" : "not unpacked");
	else if (importing->is_too_long)
		fail(importing, "its settings are longer than 1 MiB");
	else
		publish(importing);
}

static void
on_gone(void *arg)
{
	struct importing *importing = arg;

	exec_close(importing->exec);
	outbox_fini(&importing->terms);
	free(importing->words_sent);
}

/* Its program as process_start has it; 0 or -ENOMEM. */
static int
make_words(const char *source, struct field_variables *ret)
{
	const char *const words[] = {"python3", "-c", runner_image, source};
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		size += strlen(words[i]) + 1;
	if ((at = malloc(size)) == NULL)
		return -ENOMEM;
	*ret = (struct field_variables){at, (uint32_t)size,
	    sizeof words / sizeof *words};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		at = stpcpy(at, words[i]) + 1;
	return 0;
}

static void
begin(struct importing *importing, struct field_variables words)
{
	const struct start_wish start = {.argv = words, .user = "root",
	    .cwd = "/", .timeout_ms = TIME_MAX_MS};
	const struct exec_client client = {.started = on_started,
	    .output = on_output, .lost = on_lost,
	    .ended = on_ended, .arg = importing};
	struct err err = {0};

	importing->words_sent = words.data;
	start_request(&start, &importing->request);
	importing->request.attaches = INIT_ATTACH_PACED;
	if (exec_open(exchange_who(importing->exchange),
	    exchange_param(importing->exchange, "id"), &importing->request,
	    &client, &importing->exec, &err) < 0)
		exchange_fail_err(importing->exchange, &err);
}

void
native_import_image(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct importing *importing = exchange_memory(exchange,
	    sizeof *importing);
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = importing};
	const struct err err = {ENOMEM, "out of memory"};
	struct field_variables words;

	if (importing == NULL || make_words(wish->source, &words) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	importing->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	begin(importing, words);
}
