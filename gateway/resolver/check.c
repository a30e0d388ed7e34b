// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/resolver/lookup.h"

#define N_QUESTIONS 2
#define ID	    1 /* nobody else sees them */

static const uint16_t types[N_QUESTIONS] = {MESSAGE_TYPE_A,
    MESSAGE_TYPE_AAAA};

struct check {
	struct question questions[N_QUESTIONS];
	unsigned n_open;
	struct check_result result;
	check_done *done;
	void *arg;
	uint32_t id;
};

static void
take(struct check *check, const struct answer *answer)
{
	struct check_result *result = &check->result;
	const bool is_ipv4 = answer->size == 4;
	uint8_t *to = is_ipv4 ? result->ipv4 : result->ipv6;
	uint32_t *size = is_ipv4 ? &result->ipv4_size : &result->ipv6_size;

	for (size_t i = 0; i < answer->n_addresses; i++) {
		memcpy(to + *size, answer->addresses[i], answer->size);
		*size += (uint32_t)answer->size;
	}
}

void
check_answer(struct check *check, unsigned which, const uint8_t *data,
    size_t size)
{
	struct answer answer;
	uint32_t rcode = MESSAGE_SERVER_FAILURE;

	if (size > 3)
		rcode = data[3] & 0x0f;
	if (data != NULL && message_read_answer(data, size,
	    &check->questions[which], ID, &answer) == 0) {
		take(check, &answer);
		answer_fini(&answer);
	}
	if (rcode != MESSAGE_OK)
		check->result.rcode = rcode;
	if (--check->n_open > 0)
		return;
	check->done(check->arg, check->id, &check->result);
	free(check);
}

int
check_begin(struct guest *guest, const char *name, check_done *done,
    void *arg, uint32_t id)
{
	struct check *check = calloc(1, sizeof *check);
	uint8_t data[N_QUESTIONS][MESSAGE_UDP_MIN];
	size_t sizes[N_QUESTIONS];

	if (check == NULL)
		return -ENOMEM;
	check->done = done;
	check->arg = arg;
	check->id = id;
	check->n_open = N_QUESTIONS;
	for (unsigned i = 0; i < N_QUESTIONS; i++) {
		sizes[i] = message_make_question(name, types[i],
		    &check->questions[i]) < 0 ? 0 : message_write_question(
		    &check->questions[i], ID, data[i], sizeof data[i]);
		if (sizes[i] == 0) {
			free(check);
			return -EINVAL;
		}
	}
	/* The last may be its end. */
	for (unsigned i = 0; i < N_QUESTIONS; i++) {
		const struct asker asker = {.check = check, .which = i};

		lookup_begin(guest, &asker, data[i], sizes[i]);
	}
	return 0;
}
