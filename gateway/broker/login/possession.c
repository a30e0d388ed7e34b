// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/possession.h"

#include <string.h>

#include "common/log.h"
#include "gateway/broker/broker.h"
#include "keys/signature.h"

bool
possession_is_proved(const struct connection *connection,
    const struct rpc_auth_publickey_req *request,
    const struct certificate *certificate)
{
	const struct range offered = {request->key.data, request->key.size};
	const struct range key = certificate == NULL ? offered :
	    (struct range){certificate->key, certificate->key_size};
	const struct signature_proof proof = {offered, key,
	    {request->signature.data, request->signature.size},
	    {request->signed_data.data, request->signed_data.size}};
	struct signature_claim signed_for;
	struct err err = {0};

	if (signature_verify_userauth(&proof, &signed_for, &err) < 0) {
		log_warn("signature refused: from=%s: %s",
		    connection->peer_address, err.text);
		return false;
	}
	if (signed_for.user_size != strlen(request->user) ||
	    memcmp(signed_for.user, request->user, signed_for.user_size) != 0 ||
	    !session_ids_is_new(&connection->broker->session_ids,
	    signed_for.session_id, signed_for.session_id_size)) {
		log_warn("signature refused: from=%s: for another user or used",
		    connection->peer_address);
		return false;
	}
	if (certificate != NULL && certificate->requires_verification &&
	    !signed_for.is_user_verified) {
		log_warn("signature refused: from=%s: the security key did "
		    "not verify its user", connection->peer_address);
		return false;
	}
	return true;
}
