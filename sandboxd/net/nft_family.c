// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_family.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"

#define ANSWER_SIZE (32 * 1024)

/* How often it is asked: each time all tables of a namespace may change, by
 * whomever. */
#define DUMPS_MAX 64

#define IPV4_DESTINATION 16
#define IPV6_DESTINATION 24

uint32_t
nft_address_size(sa_family_t family)
{
	return family == AF_INET ? 4 : 16;
}

uint32_t
nft_destination_offset(sa_family_t family)
{
	return family == AF_INET ? IPV4_DESTINATION : IPV6_DESTINATION;
}

void
nft_family_name(const char *name, sa_family_t family,
    char ret[NFT_SET_NAME_SIZE])
{
	(void)snprintf(ret, NFT_SET_NAME_SIZE, "%s%c", name,
	    family == AF_INET ? '4' : '6');
}

struct nftnl_set *
nft_family_set(const char *table, const char *name, sa_family_t family)
{
	struct nftnl_set *set = nftnl_set_alloc();
	char full[NFT_SET_NAME_SIZE];

	nft_family_name(name, family, full);
	if (set && (nftnl_set_set_str(set, NFTNL_SET_TABLE, table) < 0 ||
	    nftnl_set_set_str(set, NFTNL_SET_NAME, full) < 0)) {
		nftnl_set_free(set);
		return NULL;
	}
	return set;
}

void
nft_family_make(struct nft *nft, const char *name, sa_family_t family,
    const struct nft_family_form *form)
{
	struct nftnl_set *set = nft_family_set(nft->table, name, family);

	if (!set) {
		nft_fail(nft, ENOMEM);
		return;
	}
	/* Rules of the same transaction find it by its name; the number has
	 * only to be one that no other set of it has. */
	nftnl_set_set_u32(set, NFTNL_SET_ID,
	    (uint32_t)nft->netlink.n_messages);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, form->flags);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, form->key_type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, form->key_size);
	nftnl_set_set_u32(set, NFTNL_SET_DESC_SIZE, form->size);
	if (form->timeout_ms != 0)
		nftnl_set_set_u64(set, NFTNL_SET_TIMEOUT, form->timeout_ms);
	nftnl_set_nlmsg_build_payload(nft_add(nft, form->what,
	    NFT_MSG_NEWSET, NLM_F_CREATE), set);
	nftnl_set_free(set);
}

/* All that the kernel answers, one message after the other. */
struct answer {
	char *data; /* owned */
	size_t size, room;
	bool is_torn; /* what was listed changed meanwhile */
};

static void
answer_fini(struct answer *answer)
{
	free(answer->data);
}

static int
make_room(struct answer *answer)
{
	char *data;

	if (answer->room - answer->size >= ANSWER_SIZE)
		return 0;
	data = realloc(answer->data, 2 * answer->room + ANSWER_SIZE);
	if (data == NULL)
		return -ENOMEM;
	answer->data = data;
	answer->room = 2 * answer->room + ANSWER_SIZE;
	return 0;
}

/* One datagram: 1: the answer ends with it; 0: it goes on; or -errno. */
static int
look_through(struct answer *answer, int size)
{
	const struct nlmsghdr *message =
	    (const void *)(answer->data + answer->size);

	for (; mnl_nlmsg_ok(message, size);
	    message = mnl_nlmsg_next(message, &size)) {
		const int *code = mnl_nlmsg_get_payload(message);
		bool is_end = message->nlmsg_type == NLMSG_ERROR ||
		    message->nlmsg_type == NLMSG_DONE;

		if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
			answer->is_torn = true;
		if (is_end && mnl_nlmsg_get_payload_len(message) >=
		    sizeof *code && *code < 0)
			return *code;
		if (is_end)
			return 1;
	}
	return 0;
}

/* To its end, torn or not, so that nothing of it is left in the socket. */
static int
read_answer(struct nft *nft, struct answer *answer)
{
	int r = 0;

	answer->size = 0;
	answer->is_torn = false;
	while (r == 0) {
		ssize_t n;

		if ((r = make_room(answer)) < 0)
			return r;
		n = mnl_socket_recvfrom(nft->netlink.socket,
		    answer->data + answer->size, ANSWER_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = look_through(answer, (int)n);
		answer->size += MNL_ALIGN((size_t)n);
	}
	return r < 0 ? r : 0;
}

int
nft_dump(struct nft *nft, mnl_cb_t take, void *data, const char *what,
    struct err *err)
{
	__attribute__((cleanup(answer_fini))) struct answer answer = {0};
	int r = netlink_commit(&nft->netlink, err);

	if (r < 0)
		return r;
	r = read_answer(nft, &answer);
	for (size_t i = 1; r == 0 && answer.is_torn && i < DUMPS_MAX; i++) {
		if ((r = netlink_repeat(&nft->netlink, err)) < 0)
			return r;
		r = read_answer(nft, &answer);
	}
	if (r == -ENOENT)
		return 0;
	if (r == 0 && answer.is_torn)
		r = -EINTR;
	if (r == 0 && mnl_cb_run(answer.data, answer.size, 0, 0, take, data) <
	    0)
		r = -errno;
	return r < 0 ? err_set(err, -r, "%s: %s", what, strerror(-r)) : 0;
}

/* Who sees the elements of a message. */
struct taking {
	int (*take)(struct nftnl_set_elem *element, void *data);
	void *data;
};

static int
take_message(const struct nlmsghdr *message, void *data)
{
	const struct taking *taking = data;
	struct nftnl_set *set = nftnl_set_alloc();

	if (!set)
		return MNL_CB_ERROR;
	if (nftnl_set_elems_nlmsg_parse(message, set) == 0)
		(void)nftnl_set_elem_foreach(set, taking->take, taking->data);
	nftnl_set_free(set);
	return MNL_CB_OK;
}

int
nft_family_list(const char *table, const char *name, sa_family_t family,
    int (*take)(struct nftnl_set_elem *element, void *data), void *data,
    struct err *err)
{
	static const char what[] = "cannot list a set";
	struct nft nft = {.table = table};
	struct taking taking = {take, data};
	struct nftnl_set *set = nft_family_set(table, name, family);
	int r = netlink_open(NETLINK_NETFILTER, &nft.netlink, err);

	if (r == 0 && !set)
		r = err_set(err, ENOMEM, "no memory for a set");
	if (r == 0) {
		nftnl_set_elems_nlmsg_build_payload(nft_add(&nft, what,
		    NFT_MSG_GETSETELEM, NLM_F_DUMP), set);
		r = nft_dump(&nft, take_message, &taking, what, err);
	}
	if (set)
		nftnl_set_free(set);
	nft_close(&nft);
	return r;
}
