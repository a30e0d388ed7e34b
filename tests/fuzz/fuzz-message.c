// SPDX-License-Identifier: Apache-2.0
/*
 * What gateway-resolver makes of messages: the input is a question's length (2
 * bytes), the question, and what an upstream answered. What is written fits,
 * and is never told of an address whose bit is not set.
 */
#include <ldns/ldns.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/resolver/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t written[MESSAGE_MAX];

static void
check_addresses(const struct question *question, size_t n)
{
	ldns_pkt *packet = NULL;

	if (n == 0 || ldns_wire2pkt(&packet, written, n) != LDNS_STATUS_OK)
		return;
	for (size_t i = 0; i < ldns_pkt_ancount(packet); i++) {
		const ldns_rr *record = ldns_rr_list_rr(
		    ldns_pkt_answer(packet), i);

		if ((question->type == LDNS_RR_TYPE_A ||
		    question->type == LDNS_RR_TYPE_AAAA) &&
		    ldns_rr_get_type(record) == question->type)
			abort();
	}
	ldns_pkt_free(packet);
}

static void
answer(const struct question *question, const uint8_t *data, size_t size)
{
	const uint16_t id = size >= 2 ? (uint16_t)(data[0] << 8 | data[1]) : 0;
	struct answer answer;

	if (message_read_answer(data, size, question, id, &answer) < 0)
		return;
	if (answer.n_addresses > MESSAGE_ADDRESSES_MAX)
		abort();
	if (message_write_answer(question, &answer, UINT64_MAX, written,
	    question->room) > question->room)
		abort();
	check_addresses(question, message_write_answer(question, &answer, 0,
	    written, sizeof written));
	answer_fini(&answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct question question;
	enum message_rcode rcode;
	size_t n;

	if (size < 2)
		return 0;
	n = (size_t)(data[0] << 8 | data[1]);
	data += 2;
	size -= 2;
	if (n > size)
		n = size;
	switch (message_read_question(data, n, &question, &rcode)) {
	case MESSAGE_IGNORED:
		return 0;
	case MESSAGE_REFUSED:
		if (message_write_refusal(&question, rcode, written,
		    MESSAGE_UDP_MIN) > MESSAGE_UDP_MIN)
			abort();
		return 0;
	case MESSAGE_GOOD:
		break;
	}
	if (strlen(question.name) >= sizeof question.name ||
	    question.room < MESSAGE_UDP_MIN ||
	    question.room > MESSAGE_UDP_MAX ||
	    message_write_question(&question, 1, written, MESSAGE_UDP_MIN) >
	    MESSAGE_UDP_MIN)
		abort();
	answer(&question, data + n, size - n);
	return 0;
}
