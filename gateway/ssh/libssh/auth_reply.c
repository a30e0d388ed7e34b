// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/auth_reply.h"

/* libssh.a has it; the shared library does not export it. */
int ssh_auth_reply_default(ssh_session session, int partial);

void
auth_reply_refuse(ssh_session ssh)
{
	(void)ssh_auth_reply_default(ssh, 0);
}
