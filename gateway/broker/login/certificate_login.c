// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/certificate_login.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rpc_calls.h"

int
certificate_login_find(struct store *store, const struct rpc_bytes *key,
    const struct certificate_use *use, struct certificate **ret_certificate,
    struct identities *ret, struct err *err)
{
	struct certificate *certificate = calloc(1, sizeof *certificate);
	int r;

	if (certificate == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*ret_certificate = certificate;
	r = verify_certificate(store, key->data, key->size, use, certificate,
	    ret, err);
	if (r != -EACCES)
		return r;
	log_info("certificate refused: from=%s id=\"%s\" serial=%" PRIu64
	    ": %s", use->address, certificate->key_id, certificate->serial,
	    err->text);
	return 0;
}

bool
certificate_login_permits(const struct certificate *certificate,
    const struct username *name)
{
	/* Keys and tokens made there would be good from everywhere. */
	if (name->kind == USERNAME_LOBBY &&
	    (certificate->has_source_addresses ||
	    certificate->requires_verification))
		return false;
	return certificate->forced_command[0] == '\0' ||
	    (name->kind == USERNAME_SANDBOX && name->terminal[0] == '\0');
}

int
certificate_login_restrict(const struct certificate *certificate, int cap_fd)
{
	const struct rpc_cap_restrict_event event = {.rights = UINT32_MAX,
	    .forced_command = certificate->forced_command};

	if (certificate->forced_command[0] == '\0')
		return 0;
	return rpc_send_request(cap_fd, &rpc_call_cap_restrict, 0, &event,
	    NULL, 0, MSG_DONTWAIT);
}

void
certificate_login_describe(const struct certificate *certificate,
    char ret[CERTIFICATE_LOGIN_TEXT_SIZE])
{
	*ret = '\0';
	if (certificate != NULL)
		snprintf(ret, CERTIFICATE_LOGIN_TEXT_SIZE,
		    "serial %" PRIu64 " id %s", certificate->serial,
		    certificate->key_id);
}

int
certificate_login_enrol(struct store *store,
    const struct certificate *certificate, struct identity *who)
{
	struct err err = {0};
	int r = certificate == NULL ? 0 : verify_certificate_enrol(store, who,
	    clock_unix_ms(), &err);

	if (r < 0)
		log_error("user of a certificate: %s", err.text);
	return r;
}
