// SPDX-License-Identifier: Apache-2.0
/* DNS messages: what a sandbox asks, and what it is told of an answer. */
#include "gateway/resolver/message.h"

#include <assert.h>
#include <errno.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <string.h>

#define ID 4711

static uint8_t wire[MESSAGE_MAX];

/* A query for a name, as a resolver library sends it. */
static size_t
make_query(const char *name, ldns_rr_type type)
{
	ldns_pkt *packet = ldns_pkt_query_new(ldns_dname_new_frm_str(name),
	    type, LDNS_RR_CLASS_IN, LDNS_RD);
	uint8_t *data;
	size_t n;

	ldns_pkt_set_id(packet, ID);
	assert(ldns_pkt2wire(&data, packet, &n) == LDNS_STATUS_OK);
	memcpy(wire, data, n);
	LDNS_FREE(data);
	ldns_pkt_free(packet);
	return n;
}

static struct question
ask(const char *name, ldns_rr_type type)
{
	const size_t n = make_query(name, type);
	struct question question;
	enum message_rcode rcode;

	assert(message_read_question(wire, n, &question, &rcode) ==
	    MESSAGE_GOOD);
	assert(question.id == ID && question.type == type);
	return question;
}

/* What an upstream says: records as in a zone file, by newlines. */
static size_t
make_answer(const struct question *question, const char *records)
{
	char copy[2048], *rest = copy, *line;
	ldns_pkt *packet;
	uint8_t *data;
	size_t n;

	n = message_write_question(question, ID, wire, sizeof wire);
	assert(n > 0 && ldns_wire2pkt(&packet, wire, n) == LDNS_STATUS_OK);
	assert(ldns_pkt_edns_udp_size(packet) == MESSAGE_UDP_MAX);
	ldns_pkt_set_qr(packet, true);
	snprintf(copy, sizeof copy, "%s", records);
	while ((line = strsep(&rest, "\n")) != NULL) {
		ldns_rr *record;

		if (*line == '\0')
			continue;
		assert(ldns_rr_new_frm_str(&record, line, 0, NULL, NULL) ==
		    LDNS_STATUS_OK);
		assert(ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, record));
	}
	assert(ldns_pkt2wire(&data, packet, &n) == LDNS_STATUS_OK);
	memcpy(wire, data, n);
	LDNS_FREE(data);
	ldns_pkt_free(packet);
	return n;
}

static void
receive(const struct question *question, const char *records,
    struct answer *ret)
{
	const size_t n = make_answer(question, records);

	assert(message_read_answer(wire, n, question, ID + 1, ret) ==
	    -EBADMSG);
	assert(message_read_answer(wire, n, question, ID, ret) == 0);
}

/* How many records of a type the sandbox is told. */
static size_t
told(const struct question *question, const struct answer *answer,
    uint64_t bits, ldns_rr_type type)
{
	size_t n = message_write_answer(question, answer, bits, wire,
	    sizeof wire), count = 0;
	ldns_pkt *packet;

	assert(n > 0 && ldns_wire2pkt(&packet, wire, n) == LDNS_STATUS_OK);
	assert(ldns_pkt_id(packet) == ID && ldns_pkt_qr(packet));
	for (size_t i = 0; i < ldns_pkt_ancount(packet); i++)
		count += ldns_rr_get_type(ldns_rr_list_rr(
		    ldns_pkt_answer(packet), i)) == type;
	ldns_pkt_free(packet);
	return count;
}

static void
test_names(void)
{
	char label[80] = "", name[200];

	assert(strcmp(ask("GitHub.COM.", LDNS_RR_TYPE_A).name,
	    "github.com") == 0);
	assert(strcmp(ask("a_b-c.xn--bcher-kva.example", LDNS_RR_TYPE_A).name,
	    "a_b-c.xn--bcher-kva.example") == 0);
	/* A dot that ends no label, a star, a byte that no host's name has. */
	assert(*ask("evil\\.github.com.", LDNS_RR_TYPE_A).name == '\0');
	assert(*ask("*.github.com.", LDNS_RR_TYPE_A).name == '\0');
	assert(*ask("a\\000.github.com.", LDNS_RR_TYPE_A).name == '\0');
	assert(*ask(".", LDNS_RR_TYPE_NS).name == '\0');
	memset(label, 'a', 63);
	snprintf(name, sizeof name, "%s.com.", label);
	assert(strlen(ask(name, LDNS_RR_TYPE_A).name) == 67);
}

static void
test_refused(void)
{
	struct question question;
	enum message_rcode rcode;
	size_t n = make_query("github.com.", LDNS_RR_TYPE_A);

	assert(message_read_question(wire, 11, &question, &rcode) ==
	    MESSAGE_IGNORED);
	assert(message_read_question(wire, n - 3, &question, &rcode) ==
	    MESSAGE_REFUSED && rcode == MESSAGE_FORMAT_ERROR);
	wire[2] |= 0x80; /* an answer */
	assert(message_read_question(wire, n, &question, &rcode) ==
	    MESSAGE_IGNORED);
	wire[2] = 0x10; /* a status query */
	assert(message_read_question(wire, n, &question, &rcode) ==
	    MESSAGE_REFUSED && rcode == MESSAGE_NOT_IMPLEMENTED);
	assert(message_write_refusal(&question, rcode, wire, 512) == 12);
	n = make_query("github.com.", LDNS_RR_TYPE_A);
	wire[n - 1] = 3; /* of class CH */
	assert(message_read_question(wire, n, &question, &rcode) ==
	    MESSAGE_REFUSED && rcode == MESSAGE_NOT_ALLOWED);
	assert(message_is_shortcut(65) && message_is_shortcut(64) &&
	    !message_is_shortcut(LDNS_RR_TYPE_TXT));
	assert(message_is_greedy(LDNS_RR_TYPE_ANY) &&
	    message_is_greedy(LDNS_RR_TYPE_AXFR) &&
	    !message_is_greedy(LDNS_RR_TYPE_AAAA));
}

static void
test_chain(void)
{
	const struct question question = ask("www.example.com.",
	    LDNS_RR_TYPE_A);
	struct answer answer;

	receive(&question, "WWW.example.com. 300 IN CNAME a.cdn.test.\n"
	    "a.cdn.test. 20 IN CNAME b.cdn.test.\n"
	    "b.cdn.test. 60 IN A 203.0.113.1\n"
	    "b.cdn.test. 60 IN A 203.0.113.2\n"
	    "b.cdn.test. 60 IN A 203.0.113.2\n"
	    "other.test. 5 IN A 203.0.113.9\n"
	    "b.cdn.test. 60 IN AAAA 2001:db8::1\n", &answer);
	assert(answer.n_addresses == 2 && answer.size == 4);
	assert(answer.ttl_s == 20 && !answer.is_truncated);
	assert(memcmp(answer.addresses[0], "\xcb\x00\x71\x01", 4) == 0);
	assert(told(&question, &answer, 3, LDNS_RR_TYPE_CNAME) == 2);
	assert(told(&question, &answer, 1, LDNS_RR_TYPE_A) == 1);
	assert(told(&question, &answer, 0, LDNS_RR_TYPE_A) == 0);
	assert(told(&question, &answer, 3, LDNS_RR_TYPE_AAAA) == 0);
	answer_fini(&answer);
	/* Aliases in a ring end. */
	receive(&question, "www.example.com. 300 IN CNAME a.test.\n"
	    "a.test. 300 IN CNAME www.example.com.\n", &answer);
	assert(answer.n_addresses == 0);
	answer_fini(&answer);
}

static void
test_other_question(void)
{
	struct question question = ask("www.example.com.", LDNS_RR_TYPE_A);
	const size_t n = make_answer(&question,
	    "www.example.com. 300 IN A 203.0.113.1\n");
	struct question other = question;
	struct answer answer;

	other.type = LDNS_RR_TYPE_AAAA;
	assert(message_read_answer(wire, n, &other, ID, &answer) == -EBADMSG);
	other = question;
	other.wire[1] = 'x';
	assert(message_read_answer(wire, n, &other, ID, &answer) == -EBADMSG);
	assert(message_read_answer(wire, n - 1, &question, ID, &answer) ==
	    -EBADMSG);
}

/* Larger than the asker has room for: it asks by TCP. */
static void
test_truncated(void)
{
	const struct question question = ask("many.example.com.",
	    LDNS_RR_TYPE_A);
	char records[2048] = "";
	struct answer answer;
	ldns_pkt *packet;
	size_t n;

	for (int i = 1; i <= 40; i++)
		snprintf(records + strlen(records), sizeof records -
		    strlen(records), "many.example.com. 300 IN A "
		    "203.0.113.%d\n", i);
	assert(question.room == MESSAGE_UDP_MIN && !question.has_edns);
	receive(&question, records, &answer);
	assert(answer.n_addresses == 40);
	n = message_write_answer(&question, &answer, UINT64_MAX, wire,
	    question.room);
	assert(n > 0 && n <= question.room);
	assert(ldns_wire2pkt(&packet, wire, n) == LDNS_STATUS_OK);
	assert(ldns_pkt_tc(packet) && ldns_pkt_ancount(packet) == 0);
	ldns_pkt_free(packet);
	answer_fini(&answer);
}

int
main(void)
{
	test_names();
	test_refused();
	test_chain();
	test_other_question();
	test_truncated();
	return 0;
}
