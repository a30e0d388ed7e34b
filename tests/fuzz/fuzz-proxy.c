// SPDX-License-Identifier: Apache-2.0
/*
 * Heads that gateway-proxy makes of heads: each is read by the strict reader as
 * what it was made of, with a body of the same framing, and shows nothing of
 * what opened the service.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/engine/framing.h"
#include "gateway/proxy/answer.h"
#include "gateway/proxy/request.h"
#include "gateway/proxy/target.h"

/* Headers of ours, for which our own reader has to have room. */
#define ADDED_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct head head, again;
static char made[ANSWER_MADE_MAX + 64];

static void
check(bool is_so)
{
	if (!is_so)
		abort();
}

static void
check_request(const char *data, size_t size)
{
	static const char id[] = "/p/sb-0123456789ab/web";
	struct framing framing = {0}, made_framing = {0};
	struct request request, made_request;
	struct target target;
	const char *words;
	size_t n;

	if (framing_take_one(&framing, data, size) != size ||
	    framing.n_requests != 1 || head_read(data, size, &head) != NULL ||
	    head.n > HEAD_FIELDS_MAX - ADDED_MAX ||
	    request_read(&head, &request, &words) != 0)
		return;
	if (target_find(request.host, request.path, "x.test", &target) < 0)
		check(target_find((struct text){"", 0},
		    (struct text){id, sizeof id - 1}, "", &target) == 0);
	n = request_make(&head, &request, &(struct request_terms){
	    .target = &target, .strip = {true, "X-Key"}, .peer = "::1",
	    .scheme = "https"}, made);
	if (n == 0)
		return;
	check(framing_take_one(&made_framing, made, n) == n);
	check(made_framing.state == framing.state &&
	    made_framing.left == framing.left);
	check(head_read(made, n, &again) == NULL);
	check(request_read(&again, &made_request, &words) == 0);
	check(made_request.preview.size == 0 && made_request.bearer.size == 0);
	check(head_get(&again, "x-key") == NULL);
	check(made_request.is_upgrade == request.is_upgrade);
	check(text_is(*head_get(&again, "x-forwarded-for"), "::1"));
}

static void
check_answer(const char *data, size_t size)
{
	struct answer answer, made_answer;
	size_t looked = 0, n;

	check(head_find_end(data, size, &looked) <= size);
	if (head_read(data, size, &head) != NULL ||
	    head.n > HEAD_FIELDS_MAX - ADDED_MAX ||
	    answer_read(&head, &answer) != NULL)
		return;
	n = answer_make(&head, &answer, &(struct answer_terms){
	    .prefix = {"/p", 2}, .cookie = {"t", 1}, .is_closing = true},
	    made);
	if (n == 0)
		return;
	check(head_read(made, n, &again) == NULL);
	check(answer_read(&again, &made_answer) == NULL);
	check(made_answer.status == answer.status &&
	    made_answer.body == answer.body);
	check(answer.body != ANSWER_LENGTH ||
	    made_answer.length == answer.length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > ANSWER_HEAD_MAX)
		return 0;
	check_request((const char *)data, size);
	check_answer((const char *)data, size);
	return 0;
}
