// SPDX-License-Identifier: Apache-2.0
#include "gateway/webhook/dial.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "common/fd.h"
#include "gateway/webhook/public.h"

#define ADDRESSES_MAX	16
#define ANSWER_SIZE	4096
#define CONNECT_WAIT_MS 3000 /* for each address */
#define QUERY_WAIT_S	2
#define QUERY_TRIES	2

static struct __res_state resolver;

struct addresses {
	struct prefix list[ADDRESSES_MAX];
	size_t n;
};

int
dial_init(struct err *err)
{
	if (res_ninit(&resolver) != 0)
		return err_set(err, EIO, "resolv.conf cannot be read");
	resolver.retrans = QUERY_WAIT_S;
	resolver.retry = QUERY_TRIES;
	return 0;
}

static void
add(struct addresses *found, sa_family_t family, const unsigned char *data)
{
	struct prefix *address = &found->list[found->n];

	if (found->n == ADDRESSES_MAX)
		return;
	*address = (struct prefix){.family = family,
	    .length = family == AF_INET ? 32 : 128};
	memcpy(address->address, data, address->length / 8);
	found->n++;
}

/* Records of that type, whatever aliases lead to them: the server has followed
 * those, and where they end is looked at like anything else. */
static void
ask(const char *host, ns_type type, struct addresses *found)
{
	static unsigned char answer[ANSWER_SIZE];
	const size_t size = type == ns_t_a ? 4 : 16;
	int n = res_nquery(&resolver, host, ns_c_in, type, answer,
	    sizeof answer);
	ns_msg message;
	ns_rr record;

	if (n <= 0 || n > (int)sizeof answer ||
	    ns_initparse(answer, n, &message) < 0)
		return;
	for (int i = 0; i < ns_msg_count(message, ns_s_an); i++)
		if (ns_parserr(&message, ns_s_an, i, &record) == 0 &&
		    ns_rr_type(record) == type && ns_rr_rdlen(record) == size)
			add(found, type == ns_t_a ? AF_INET : AF_INET6,
			    ns_rr_rdata(record));
}

static void
find(const char *host, struct addresses *found)
{
	struct prefix address;

	if (prefix_parse(host, &address) == 0) {
		add(found, address.family, address.address);
		return;
	}
	ask(host, ns_t_aaaa, found);
	ask(host, ns_t_a, found);
}

static int
wait_connected(int fd)
{
	struct pollfd polled = {.fd = fd, .events = POLLOUT};
	int number = 0;
	socklen_t size = sizeof number;
	int n = poll(&polled, 1, CONNECT_WAIT_MS);

	if (n == 0)
		return -ETIMEDOUT;
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0)
		return -errno;
	return -number;
}

static int
connect_to(const struct prefix *to, uint16_t port)
{
	union address address = {0};
	socklen_t size;
	auto_close int fd = -1;
	int r = 0;

	if (to->family == AF_INET) {
		address.in.sin_family = AF_INET;
		address.in.sin_port = htons(port);
		memcpy(&address.in.sin_addr, to->address, 4);
		size = sizeof address.in;
	} else {
		address.in6.sin6_family = AF_INET6;
		address.in6.sin6_port = htons(port);
		memcpy(&address.in6.sin6_addr, to->address, 16);
		size = sizeof address.in6;
	}
	fd = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &address.any, size) < 0)
		r = errno == EINPROGRESS ? wait_connected(fd) : -errno;
	return r < 0 ? r : take_fd(&fd);
}

int
dial(const struct webhook_url *url, const struct webhook_conf *conf,
    struct err *err)
{
	struct addresses found = {.n = 0};
	int fd = -EACCES;

	find(url->host, &found);
	if (found.n == 0)
		return err_set(err, ENOENT, "%.80s has no address", url->host);
	for (size_t i = 0; fd < 0 && i < found.n; i++)
		if (public_is_allowed(&found.list[i], conf->networks,
		    conf->n_networks))
			fd = connect_to(&found.list[i], url->port);
	if (fd == -EACCES)
		return err_set(err, EACCES, "%.80s is not a public address",
		    url->host);
	return fd >= 0 ? fd : err_set(err, -fd, "%.60s: %s", url->host,
	    strerror(-fd));
}
