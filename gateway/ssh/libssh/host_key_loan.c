// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/host_key_loan.h"

#include <stdbool.h>

ssh_key __real_ssh_key_dup(const ssh_key key);
ssh_key __wrap_ssh_key_dup(const ssh_key key);

static bool is_lending;

ssh_key
__wrap_ssh_key_dup(const ssh_key key)
{
	return is_lending ? key : __real_ssh_key_dup(key);
}

int
host_key_loan_accept(ssh_bind bind, ssh_session ssh, int fd)
{
	int r;

	is_lending = true;
	r = ssh_bind_accept_fd(bind, ssh, fd);
	is_lending = false;
	return r;
}
