// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbase/turn.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/fd.h"
#include "common/json_load.h"
#include "common/parse.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/engine/field.h"

#define N_WORDS 9

/* A number, or 0 for "-". */
static bool
read_number(const char *word, uint64_t *ret)
{
	*ret = 0;
	return strcmp(word, "-") == 0 || parse_u64(word, ret) == 0;
}

static bool
read_turn(char *line, struct turn *ret)
{
	char *words[N_WORDS] = {NULL}, *rest = line;
	uint64_t code;
	size_t n = 0;

	while (n < N_WORDS && (words[n] = strsep(&rest, " ")) != NULL)
		n++;
	if (n < N_WORDS || rest != NULL || strcmp(words[0], "turn") != 0 ||
	    !read_number(words[1], &ret->number) ||
	    !read_number(words[2], &ret->said_s) ||
	    !read_number(words[3], &ret->answered_s) ||
	    !read_number(words[4], &code) || code > UINT32_MAX ||
	    !read_number(words[5], &ret->answer_bytes))
		return false;
	ret->is_over = strcmp(words[4], "-") != 0;
	ret->exit_code = (uint32_t)code;
	ret->said = words[6];
	ret->answer = words[7];
	ret->complaint = words[8];
	return true;
}

int
turn_next(char **at, struct turn *ret, bool *ret_has_more)
{
	char *line = strsep(at, "\n");

	*ret_has_more = line != NULL && strcmp(line, "more") == 0;
	if (line == NULL || *line == '\0' || *ret_has_more)
		return 0;
	return read_turn(line, ret) ? 1 : -EBADMSG;
}

/* What base64 stands for, in UTF-8 and with a terminator; NULL and -errno. */
static char *
decode(const char *word, int *ret)
{
	const size_t n = strlen(word);
	auto_free char *bytes = malloc(n + 1);
	char *text = NULL;
	size_t size = 0;

	*ret = -ENOMEM;
	if (bytes == NULL)
		return NULL;
	if (strcmp(word, "-") != 0 && sodium_base642bin((unsigned char *)bytes,
	    n, word, n, NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) < 0)
		*ret = -EBADMSG;
	else
		text = text_make(bytes, size);
	return text;
}

struct adding {
	const struct turn *turn;
	const char *session_id;
	json_t *list;
	unsigned n; /* of this turn, so far */
};

/* Adds an event, which it takes over. */
static int
add(struct adding *adding, uint64_t at_s, json_t *event)
{
	char id[48];

	snprintf(id, sizeof id, "%llu.%u",
	    (unsigned long long)adding->turn->number, adding->n++);
	if (event == NULL || json_object_set_new(event, "id",
	    json_string(id)) < 0 || json_object_set_new(event, "session_id",
	    json_string(adding->session_id)) < 0 || json_object_set_new(event,
	    "created_at", field_time(at_s * 1000)) < 0) {
		json_decref(event);
		return -ENOMEM;
	}
	return json_array_append_new(adding->list, event) < 0 ? -ENOMEM : 0;
}

static json_t *
message_of(const char *role, const char *content)
{
	return json_pack("{s:s, s:s, s:s}", "type", "message", "role", role,
	    "content", content);
}

static bool
is_event(const json_t *value)
{
	return json_is_string(json_object_get(value, "type"));
}

/* A list of the objects that its lines are; NULL where one is none. */
static json_t *
objects_of(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0') {
		const size_t n = strcspn(text, "\n");
		json_t *value = n == 0 ? NULL : json_load_whole(text, n, 0,
		    NULL);

		if (n > 0 && (!is_event(value) ||
		    json_array_append(list, value) < 0)) {
			json_decref(value);
			json_decref(list);
			return NULL;
		}
		json_decref(value);
		text += text[n] == '\n' ? n + 1 : n;
	}
	return list;
}

static int
add_answer(struct adding *adding, char *text)
{
	const uint64_t at_s = adding->turn->answered_s;
	json_t *objects = objects_of(text);
	size_t n = strlen(text), i;
	json_t *value;
	int r = 0;

	json_array_foreach(objects, i, value)
		if (r == 0)
			r = add(adding, at_s, json_incref(value));
	if (objects == NULL) {
		while (n > 0 && text[n - 1] == '\n')
			text[--n] = '\0';
		r = add(adding, at_s, message_of("assistant", text));
	}
	json_decref(objects);
	return r;
}

static int
add_failure(struct adding *adding)
{
	const struct turn *turn = adding->turn;
	int r;
	auto_free char *text = decode(turn->complaint, &r);

	return text == NULL ? r : add(adding, turn->answered_s, json_pack(
	    "{s:s, s:s, s:I}", "type", "error", "message", text, "exit_code",
	    (json_int_t)turn->exit_code));
}

int
turn_events(const struct turn *turn, const char *session_id, json_t *list)
{
	struct adding adding = {turn, session_id, list, 0};
	int r, r_answer;
	auto_free char *said = decode(turn->said, &r);
	auto_free char *answer = decode(turn->answer, &r_answer);

	if (said == NULL || answer == NULL)
		return said == NULL ? r : r_answer;
	r = add(&adding, turn->said_s, message_of("user", said));
	if (r == 0 && turn->is_over && *answer != '\0')
		r = add_answer(&adding, answer);
	if (r == 0 && turn->is_over && turn->exit_code != 0)
		r = add_failure(&adding);
	return r;
}
