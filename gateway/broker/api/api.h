// SPDX-License-Identifier: Apache-2.0
/* Answers gateway-http: identities, SSH keys, tokens, access, status. */
#pragma once

struct broker;

/* Serves *fd, which it takes, as gateway-http's, in place of the last one's.
 * 0 or -errno. */
int broker_api_connect(struct broker *broker, int *fd);

/* Ends it; what is still being found out is answered to nobody. */
void broker_api_disconnect(struct broker *broker);
