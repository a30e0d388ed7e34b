// SPDX-License-Identifier: Apache-2.0
#include "gateway/jail/orders.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"

static void
serve_one(const struct orders *orders, int fd, const int *fds)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)close(fd);
		signal(SIGCHLD, SIG_DFL);
		orders->become(orders, fds);
		_exit(1);
	}
	if (pid < 0) {
		log_error("fork: %s", strerror(errno));
		if (orders->fail != NULL)
			orders->fail(fds);
	}
}

int
orders_serve(const struct orders *orders, int fd, struct err *err)
{
	int fds[FD_PASS_MAX];
	size_t n_fds;
	ssize_t n;

	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		n = fd_receive(fd, orders->order, orders->order_size, fds,
		    &n_fds, 0);
		if (n == 0)
			return 0;
		if (n < 0 && n != -EMSGSIZE)
			return err_set(err, (int)-n, "orders: %s",
			    strerror((int)-n));
		if (n == (ssize_t)orders->order_size && n_fds == orders->n_fds)
			serve_one(orders, fd, fds);
		else
			log_error("an order of %zd bytes, %zu descriptors", n,
			    n_fds);
		for (size_t i = 0; i < n_fds; i++)
			fd_close(&fds[i]);
	}
}
