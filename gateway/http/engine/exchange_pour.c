// SPDX-License-Identifier: Apache-2.0
/* A reply's bytes that come by a socket. */
#include <errno.h>
#include <microhttpd.h>
#include <unistd.h>

#include "gateway/http/engine/exchange_of.h"
#include "gateway/http/engine/outlet.h"

ssize_t
exchange_pour(struct exchange *exchange, int from_fd, void *data, size_t size)
{
	const union MHD_ConnectionInfo *info;
	ssize_t n;

	if (exchange->outlet == NULL && !exchange->is_copying) {
		info = MHD_get_connection_info(exchange->connection,
		    MHD_CONNECTION_INFO_CONNECTION_FD);
		exchange->outlet = outlet_new(info->connect_fd);
		exchange->is_copying = exchange->outlet == NULL;
	}
	if (!exchange->is_copying)
		return outlet_fill(exchange->outlet, from_fd, size);
	do
		n = read(from_fd, data, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
