// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/message.h"

#include <errno.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"

#define HEADER_SIZE 12

/* Aliases that are followed in one answer. */
#define CHAIN_MAX 16

/* Types of questions, and of what is no record (RFC 6895 section 3.1). */
#define TYPE_META_FIRST 128
#define TYPE_META_LAST	255
#define TYPE_OPT	41

/* The name as text, where it is one of a host. */
static void
read_name(const uint8_t *wire, size_t size, char ret[EGRESS_DOMAIN_SIZE])
{
	char text[MESSAGE_NAME_MAX + 1]; /* with a dot at its end */
	size_t used = 0;

	ret[0] = '\0';
	for (size_t at = 0; at < size && wire[at] != 0; at += wire[at] + 1u) {
		const size_t n = wire[at];

		if (at + 1 + n > size || used + n + 1 >= sizeof text)
			return;
		for (size_t i = 0; i < n; i++)
			if (wire[at + 1 + i] == '.' || wire[at + 1 + i] == '*')
				return;
		memcpy(text + used, wire + at + 1, n);
		used += n;
		text[used++] = '.';
	}
	text[used] = '\0';
	if (memchr(text, '\0', used) != NULL ||
	    egress_domain_read(text, ret) != NULL)
		ret[0] = '\0';
}

static void
read_edns(const ldns_pkt *packet, struct question *ret)
{
	ret->room = MESSAGE_UDP_MIN;
	ret->has_edns = ldns_pkt_edns(packet);
	if (!ret->has_edns)
		return;
	ret->room = ldns_pkt_edns_udp_size(packet);
	if (ret->room < MESSAGE_UDP_MIN)
		ret->room = MESSAGE_UDP_MIN;
	if (ret->room > MESSAGE_UDP_MAX)
		ret->room = MESSAGE_UDP_MAX;
}

static bool
take_question(const ldns_pkt *packet, struct question *ret)
{
	const ldns_rr *record;
	const ldns_rdf *owner;

	if (ldns_pkt_qdcount(packet) != 1)
		return false;
	record = ldns_rr_list_rr(ldns_pkt_question(packet), 0);
	owner = record != NULL ? ldns_rr_owner(record) : NULL;
	if (owner == NULL || ldns_rdf_size(owner) > sizeof ret->wire)
		return false;
	ret->wire_size = ldns_rdf_size(owner);
	memcpy(ret->wire, ldns_rdf_data(owner), ret->wire_size);
	ret->type = (uint16_t)ldns_rr_get_type(record);
	ret->class = (uint16_t)ldns_rr_get_class(record);
	read_name(ret->wire, ret->wire_size, ret->name);
	return true;
}

enum message_verdict
message_read_question(const uint8_t *data, size_t size, struct question *ret,
    enum message_rcode *ret_rcode)
{
	ldns_pkt *packet = NULL;
	bool is_whole = false;

	*ret = (struct question){.room = MESSAGE_UDP_MIN};
	if (size < HEADER_SIZE || (data[2] & 0x80) != 0)
		return MESSAGE_IGNORED;
	ret->id = (uint16_t)(data[0] << 8 | data[1]);
	ret->is_recursive = (data[2] & 0x01) != 0;
	*ret_rcode = MESSAGE_NOT_IMPLEMENTED;
	if ((data[2] & 0x78) != 0)
		return MESSAGE_REFUSED;
	*ret_rcode = MESSAGE_FORMAT_ERROR;
	if (size > MESSAGE_QUESTION_MAX ||
	    ldns_wire2pkt(&packet, data, size) != LDNS_STATUS_OK)
		return MESSAGE_REFUSED;
	is_whole = take_question(packet, ret);
	read_edns(packet, ret);
	ldns_pkt_free(packet);
	if (!is_whole)
		return MESSAGE_REFUSED;
	*ret_rcode = MESSAGE_NOT_ALLOWED;
	return ret->class == LDNS_RR_CLASS_IN ? MESSAGE_GOOD :
	    MESSAGE_REFUSED;
}

int
message_make_question(const char *name, uint16_t type, struct question *ret)
{
	*ret = (struct question){.type = type, .class = LDNS_RR_CLASS_IN,
	    .is_recursive = true, .room = MESSAGE_UDP_MIN};
	if (strlen(name) >= sizeof ret->name)
		return -EINVAL;
	strcpy(ret->name, name);
	while (*name != '\0') {
		const size_t n = strcspn(name, ".");

		if (n == 0 || n > EGRESS_LABEL_MAX)
			return -EINVAL;
		ret->wire[ret->wire_size++] = (uint8_t)n;
		memcpy(ret->wire + ret->wire_size, name, n);
		ret->wire_size += n;
		name += n + (name[n] == '.');
	}
	ret->wire[ret->wire_size++] = 0;
	return 0;
}

bool
message_is_shortcut(uint16_t type)
{
	return type == LDNS_RR_TYPE_SVCB || type == LDNS_RR_TYPE_HTTPS;
}

bool
message_is_greedy(uint16_t type)
{
	return type == 0 || type == TYPE_OPT ||
	    (type >= TYPE_META_FIRST && type <= TYPE_META_LAST);
}

/* A packet that asks the question, or answers it; NULL: no memory. */
static ldns_pkt *
make_packet(const struct question *question)
{
	ldns_pkt *packet = ldns_pkt_new();
	ldns_rr *record = NULL;
	ldns_rdf *owner;

	if (packet == NULL || question->wire_size == 0)
		return packet;
	owner = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME,
	    question->wire_size, question->wire);
	if (owner != NULL && (record = ldns_rr_new()) == NULL)
		ldns_rdf_deep_free(owner);
	if (record == NULL) {
		ldns_pkt_free(packet);
		return NULL;
	}
	ldns_rr_set_owner(record, owner);
	ldns_rr_set_question(record, true);
	ldns_rr_set_type(record, question->type);
	ldns_rr_set_class(record, question->class);
	if (!ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION, record)) {
		ldns_rr_free(record);
		ldns_pkt_free(packet);
		return NULL;
	}
	return packet;
}

/* Frees the packet; the bytes it has, or 0 where those are too many. */
static size_t
finish(ldns_pkt *packet, uint8_t *buffer, size_t size)
{
	uint8_t *wire = NULL;
	size_t n = 0;

	if (ldns_pkt2wire(&wire, packet, &n) != LDNS_STATUS_OK || n > size)
		n = 0;
	else
		memcpy(buffer, wire, n);
	free(wire);
	ldns_pkt_free(packet);
	return n;
}

size_t
message_write_question(const struct question *question, uint16_t id,
    uint8_t *buffer, size_t size)
{
	ldns_pkt *packet = make_packet(question);

	if (packet == NULL)
		return 0;
	ldns_pkt_set_id(packet, id);
	ldns_pkt_set_rd(packet, true);
	ldns_pkt_set_edns_udp_size(packet, MESSAGE_UDP_MAX);
	return finish(packet, buffer, size);
}

/* The alias of a name in an answer, or NULL. */
static const ldns_rdf *
find_alias(const ldns_pkt *packet, const ldns_rdf *name, uint32_t *ttl_s)
{
	const ldns_rr_list *records = ldns_pkt_answer(packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (ldns_rr_get_type(record) != LDNS_RR_TYPE_CNAME ||
		    ldns_dname_compare(ldns_rr_owner(record), name) != 0)
			continue;
		if (ldns_rr_ttl(record) < *ttl_s)
			*ttl_s = ldns_rr_ttl(record);
		return ldns_rr_rdf(record, 0);
	}
	return NULL;
}

/* The names that the question's own leads to, itself the first. */
struct chain {
	const ldns_rdf *names[CHAIN_MAX + 1];
	size_t n;
	uint32_t ttl_s;
};

static void
follow(const ldns_pkt *packet, struct chain *chain)
{
	const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(packet),
	    0);
	const ldns_rdf *name = ldns_rr_owner(question);

	chain->n = 0;
	chain->ttl_s = UINT32_MAX;
	while (name != NULL && chain->n <= CHAIN_MAX) {
		chain->names[chain->n++] = name;
		name = find_alias(packet, name, &chain->ttl_s);
	}
}

static bool
is_of(const struct chain *chain, const ldns_rr *record)
{
	for (size_t i = 0; i < chain->n; i++)
		if (ldns_dname_compare(chain->names[i],
		    ldns_rr_owner(record)) == 0)
			return true;
	return false;
}

static size_t
address_size(uint16_t type)
{
	if (type == LDNS_RR_TYPE_A)
		return 4;
	return type == LDNS_RR_TYPE_AAAA ? 16 : 0;
}

/* Which of the answer's addresses a record is: its index, or -1. */
static int
find_address(const struct answer *answer, const ldns_rr *record)
{
	const ldns_rdf *address = ldns_rr_rdf(record, 0);

	if (address == NULL || ldns_rdf_size(address) != answer->size)
		return -1;
	for (size_t i = 0; i < answer->n_addresses; i++)
		if (memcmp(answer->addresses[i], ldns_rdf_data(address),
		    answer->size) == 0)
			return (int)i;
	return -1;
}

static void
take_address(struct answer *answer, const ldns_rr *record)
{
	const ldns_rdf *address = ldns_rr_rdf(record, 0);

	if (address == NULL || ldns_rdf_size(address) != answer->size ||
	    answer->n_addresses == MESSAGE_ADDRESSES_MAX ||
	    find_address(answer, record) >= 0)
		return;
	memcpy(answer->addresses[answer->n_addresses++],
	    ldns_rdf_data(address), answer->size);
	if (ldns_rr_ttl(record) < answer->ttl_s)
		answer->ttl_s = ldns_rr_ttl(record);
}

static void
take_addresses(struct answer *answer, const struct question *question)
{
	const ldns_rr_list *records = ldns_pkt_answer(answer->packet);
	struct chain chain;

	follow(answer->packet, &chain);
	answer->ttl_s = chain.ttl_s;
	answer->size = address_size(question->type);
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (answer->size != 0 &&
		    ldns_rr_get_type(record) == question->type &&
		    is_of(&chain, record))
			take_address(answer, record);
	}
}

static bool
is_answer_to(const ldns_pkt *packet, const struct question *question,
    uint16_t id)
{
	struct question said = {0};

	return ldns_pkt_qr(packet) && ldns_pkt_id(packet) == id &&
	    take_question(packet, &said) && said.type == question->type &&
	    said.class == question->class &&
	    said.wire_size == question->wire_size &&
	    memcmp(said.wire, question->wire, said.wire_size) == 0;
}

int
message_read_answer(const uint8_t *data, size_t size,
    const struct question *question, uint16_t id, struct answer *ret)
{
	ldns_pkt *packet = NULL;

	*ret = (struct answer){0};
	if (size < HEADER_SIZE || (data[0] << 8 | data[1]) != id ||
	    ldns_wire2pkt(&packet, data, size) != LDNS_STATUS_OK)
		return -EBADMSG;
	if (!is_answer_to(packet, question, id)) {
		ldns_pkt_free(packet);
		return -EBADMSG;
	}
	ret->packet = packet;
	ret->is_truncated = ldns_pkt_tc(packet);
	take_addresses(ret, question);
	return 0;
}

void
answer_fini(struct answer *answer)
{
	ldns_pkt_free(answer->packet);
	answer->packet = NULL;
}

/* Whether the sandbox is told of a record. */
static bool
is_told(const struct question *question, const struct answer *answer,
    const struct chain *chain, uint64_t told, const ldns_rr *record)
{
	const uint16_t type = (uint16_t)ldns_rr_get_type(record);
	int i;

	if (!is_of(chain, record))
		return false;
	if (type == LDNS_RR_TYPE_CNAME)
		return true;
	if (type != question->type)
		return false;
	if (answer->size == 0)
		return true;
	i = find_address(answer, record);
	return i >= 0 && (told >> i & 1) != 0;
}

static bool
copy_record(ldns_pkt *packet, ldns_pkt_section section, const ldns_rr *record)
{
	ldns_rr *copy = ldns_rr_clone(record);

	if (copy != NULL && ldns_pkt_push_rr(packet, section, copy))
		return true;
	ldns_rr_free(copy);
	return false;
}

static bool
copy_answers(ldns_pkt *packet, const struct question *question,
    const struct answer *answer, uint64_t told)
{
	const ldns_rr_list *records = ldns_pkt_answer(answer->packet);
	struct chain chain;

	follow(answer->packet, &chain);
	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (is_told(question, answer, &chain, told, record) &&
		    !copy_record(packet, LDNS_SECTION_ANSWER, record))
			return false;
	}
	return true;
}

/* Who says that there is nothing, so that it may be remembered (RFC 2308). */
static bool
copy_authority(ldns_pkt *packet, const struct answer *answer)
{
	const ldns_rr_list *records = ldns_pkt_authority(answer->packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
		const ldns_rr *record = ldns_rr_list_rr(records, i);

		if (ldns_rr_get_type(record) == LDNS_RR_TYPE_SOA &&
		    !copy_record(packet, LDNS_SECTION_AUTHORITY, record))
			return false;
	}
	return true;
}

static void
begin_reply(ldns_pkt *packet, const struct question *question)
{
	ldns_pkt_set_id(packet, question->id);
	ldns_pkt_set_qr(packet, true);
	ldns_pkt_set_ra(packet, true);
	ldns_pkt_set_rd(packet, question->is_recursive);
	if (question->has_edns)
		ldns_pkt_set_edns_udp_size(packet, MESSAGE_UDP_MAX);
}

static size_t
write_truncated(const struct question *question, uint8_t *buffer, size_t size)
{
	ldns_pkt *packet = make_packet(question);

	if (packet == NULL)
		return 0;
	begin_reply(packet, question);
	ldns_pkt_set_tc(packet, true);
	return finish(packet, buffer, size);
}

size_t
message_write_answer(const struct question *question,
    const struct answer *answer, uint64_t told, uint8_t *buffer, size_t size)
{
	ldns_pkt *packet = make_packet(question);
	size_t n;

	if (packet == NULL)
		return 0;
	begin_reply(packet, question);
	ldns_pkt_set_rcode(packet, ldns_pkt_get_rcode(answer->packet));
	if (!copy_answers(packet, question, answer, told) ||
	    !copy_authority(packet, answer)) {
		ldns_pkt_free(packet);
		return 0;
	}
	n = finish(packet, buffer, size);
	return n > 0 ? n : write_truncated(question, buffer, size);
}

size_t
message_write_refusal(const struct question *question,
    enum message_rcode rcode, uint8_t *buffer, size_t size)
{
	ldns_pkt *packet = make_packet(question);

	if (packet == NULL)
		return 0;
	begin_reply(packet, question);
	ldns_pkt_set_rcode(packet, (uint8_t)rcode);
	return finish(packet, buffer, size);
}
