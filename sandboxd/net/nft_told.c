// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/nft_told.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h> /* which libnftnl/expr.h needs */
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/expr.h>

#include "sandboxd/net/nft_family.h"

/* nft's number for the type of the key, for its listings only: an address,
 * inet_proto, inet_service, mark. */
#define TYPE_KEY(address) ((address) << 18 | 12 << 12 | 13 << 6 | 19)

/* Parts of a key begin at words of four bytes, which are registers. */
#define WORD		4
#define PARTS_BYTES	(3 * WORD) /* protocol, port, mark */

#define BELL_BYTES	4096 /* that wait to be heard */

static uint32_t
key_size(sa_family_t family)
{
	return nft_address_size(family) + PARTS_BYTES;
}

static void
make_set(struct nft *nft, const char *name, sa_family_t family, uint32_t size,
    uint64_t timeout_ms)
{
	const struct nft_family_form form = {
	    .flags = NFT_SET_TIMEOUT | NFT_SET_EVAL,
	    .key_type = TYPE_KEY(family == AF_INET ? NFT_TYPE_IPV4_ADDRESS :
	    NFT_TYPE_IPV6_ADDRESS), .key_size = key_size(family),
	    .size = size, .timeout_ms = timeout_ms,
	    .what = "cannot make a set of what is refused"};

	nft_family_make(nft, name, family, &form);
}

void
nft_told_sets(struct nft *nft, const char *name, uint32_t size,
    uint64_t timeout_ms)
{
	make_set(nft, name, AF_INET, size, timeout_ms);
	make_set(nft, name, AF_INET6, size, timeout_ms);
}

static void
load_payload(struct nft *nft, uint32_t base, uint32_t offset, uint32_t size,
    uint32_t to)
{
	struct nftnl_expr *e = nft_expression(nft, "payload");

	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, size);
	nft_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, to);
}

static void
load_meta(struct nft *nft, uint32_t key, uint32_t to)
{
	struct nftnl_expr *e = nft_expression(nft, "meta");

	nft_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nft_set_u32(e, NFTNL_EXPR_META_DREG, to);
}

static void
load_data(struct nft *nft, const void *data, uint32_t size, uint32_t to)
{
	struct nftnl_expr *e = nft_expression(nft, "immediate");

	nft_set_u32(e, NFTNL_EXPR_IMM_DREG, to);
	if (e && nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, data, size) < 0)
		nft_fail(nft, ENOMEM);
}

static void
load_key(struct nft *nft, sa_family_t family, bool has_port)
{
	static const uint16_t none;
	uint32_t at = NFT_REG32_00;

	load_payload(nft, NFT_PAYLOAD_NETWORK_HEADER,
	    nft_destination_offset(family), nft_address_size(family), at);
	at += nft_address_size(family) / WORD;
	load_meta(nft, NFT_META_L4PROTO, at++);
	if (has_port)
		load_payload(nft, NFT_PAYLOAD_TRANSPORT_HEADER, 2,
		    sizeof(uint16_t), at++);
	else
		load_data(nft, &none, sizeof none, at++);
	load_meta(nft, NFT_META_MARK, at);
}

static void
name_in(struct nft *nft, struct nftnl_expr *expression, uint16_t attribute,
    const char *name)
{
	if (expression && nftnl_expr_set_str(expression, attribute, name) < 0)
		nft_fail(nft, ENOMEM);
}

/* What is in the registers, once. */
static void
tell(struct nft *nft, const char *set, uint16_t group)
{
	struct nftnl_expr *e;

	e = nft_expression(nft, "lookup");
	nft_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG32_00);
	nft_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	name_in(nft, e, NFTNL_EXPR_LOOKUP_SET, set);
	e = nft_expression(nft, "dynset");
	nft_set_u32(e, NFTNL_EXPR_DYNSET_SREG_KEY, NFT_REG32_00);
	nft_set_u32(e, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_ADD);
	name_in(nft, e, NFTNL_EXPR_DYNSET_SET_NAME, set);
	e = nft_expression(nft, "log");
	if (e)
		nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_GROUP, group);
}

void
nft_tell(struct nft *nft, const char *name, sa_family_t family,
    bool has_port, uint16_t group)
{
	char set[NFT_SET_NAME_SIZE];

	nft_family_name(name, family, set);
	load_key(nft, family, has_port);
	tell(nft, set, group);
}

void
nft_tell_number(struct nft *nft, const char *name, uint32_t number,
    uint16_t group)
{
	static const uint8_t none[WORD];
	char set[NFT_SET_NAME_SIZE];

	nft_family_name(name, AF_INET, set);
	for (uint32_t i = 0; i < 3; i++)
		load_data(nft, none, sizeof none, NFT_REG32_00 + i);
	load_data(nft, &number, sizeof number, NFT_REG32_03);
	tell(nft, set, group);
}

void
nft_tell_link(struct nft *nft, const char *name, uint16_t number, bool is_out,
    uint16_t group)
{
	static const uint8_t none[WORD];
	const uint16_t port[2] = {htons(number)};
	char set[NFT_SET_NAME_SIZE];

	nft_family_name(name, AF_INET, set);
	load_data(nft, none, sizeof none, NFT_REG32_00);
	load_data(nft, none, sizeof none, NFT_REG32_01);
	load_data(nft, port, sizeof port, NFT_REG32_02);
	load_meta(nft, is_out ? NFT_META_OIF : NFT_META_IIF, NFT_REG32_03);
	tell(nft, set, group);
}

void
nft_set_packet_mark(struct nft *nft, uint32_t mark)
{
	struct nftnl_expr *e;

	load_data(nft, &mark, sizeof mark, NFT_REG_1);
	e = nft_expression(nft, "meta");
	nft_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nft_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

void
nft_match_echo(struct nft *nft, sa_family_t family)
{
	const uint8_t type = family == AF_INET ? ICMP_ECHO :
	    ICMP6_ECHO_REQUEST;
	struct nftnl_expr *e;

	nft_match_protocol(nft, family == AF_INET ? IPPROTO_ICMP :
	    IPPROTO_ICMPV6);
	load_payload(nft, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof type,
	    NFT_REG_1);
	e = nft_expression(nft, "cmp");
	nft_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nft_set_u32(e, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	if (e && nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, &type,
	    sizeof type) < 0)
		nft_fail(nft, ENOMEM);
}

struct listing {
	sa_family_t family;
	struct nft_told *ret;
	size_t max, n;
};

static int
take_element(struct nftnl_set_elem *element, void *data)
{
	struct listing *listing = data;
	struct nft_told *one = &listing->ret[listing->n];
	const uint32_t skip = nft_address_size(listing->family);
	const uint8_t *key;
	uint16_t port;
	uint32_t size;

	key = nftnl_set_elem_get(element, NFTNL_SET_ELEM_KEY, &size);
	if (listing->n == listing->max || !key ||
	    size != key_size(listing->family) ||
	    !nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_EXPIRATION))
		return 0;
	memset(one, 0, sizeof *one);
	one->family = listing->family;
	memcpy(one->address, key, skip);
	one->protocol = key[skip];
	memcpy(&port, key + skip + WORD, sizeof port);
	one->port = ntohs(port);
	memcpy(&one->mark, key + skip + 2 * WORD, sizeof one->mark);
	one->left_ms = nftnl_set_elem_get_u64(element,
	    NFTNL_SET_ELEM_EXPIRATION);
	listing->n += one->left_ms > 0;
	return 0;
}

int
nft_told_list(const char *table, const char *name, sa_family_t family,
    struct nft_told *ret, size_t max, size_t *ret_n, struct err *err)
{
	struct listing listing = {family, ret, max, 0};
	int r = nft_family_list(table, name, family, take_element, &listing,
	    err);

	*ret_n = listing.n;
	return r;
}

static struct nlmsghdr *
configure(struct netlink *netlink, uint16_t group)
{
	struct nlmsghdr *message = netlink_add(netlink,
	    "cannot listen for what is refused", (uint16_t)(
	    NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG), NLM_F_ACK);
	struct nfgenmsg *header =
	    mnl_nlmsg_put_extra_header(message, sizeof *header);

	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	header->res_id = htons(group);
	return message;
}

/* No byte of a packet is copied, and each is told at once. */
static int
bind_group(struct netlink *netlink, uint16_t group, struct err *err)
{
	static const struct nfulnl_msg_config_cmd bind_to = {
	    NFULNL_CFG_CMD_BIND};
	static const struct nfulnl_msg_config_mode nothing = {
	    .copy_mode = NFULNL_COPY_NONE};
	struct nlmsghdr *message = configure(netlink, group);
	int r;

	mnl_attr_put(message, NFULA_CFG_CMD, sizeof bind_to, &bind_to);
	r = netlink_commit(netlink, err);
	if (r < 0)
		return r;
	message = configure(netlink, group);
	mnl_attr_put(message, NFULA_CFG_MODE, sizeof nothing, &nothing);
	mnl_attr_put_u32(message, NFULA_CFG_QTHRESH, htonl(1));
	return netlink_commit(netlink, err);
}

int
nft_told_bell(uint16_t group, int *ret_fd, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	static const int bytes = BELL_BYTES;
	int r = netlink_open(NETLINK_NETFILTER, &netlink, err);

	if (r < 0 || (r = bind_group(&netlink, group, err)) < 0)
		return r;
	if (setsockopt(mnl_socket_get_fd(netlink.socket), SOL_SOCKET,
	    SO_RCVBUF, &bytes, sizeof bytes) < 0 ||
	    (*ret_fd = fcntl(mnl_socket_get_fd(netlink.socket),
	    F_DUPFD_CLOEXEC, 0)) < 0)
		return err_errno(err, "cannot keep a bell");
	return 0;
}
