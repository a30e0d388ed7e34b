// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/signed_data.h"

#include <libssh/libssh.h>
#include <string.h>

/* The most a claim carries; see gateway/protocol/broker.def. */
#define SIGNED_DATA_MAX_BYTES 16384
#define SIGNATURE_MAX_BYTES   4096

/* Inside libssh.a, and in none of its headers. */
struct ssh_signature_struct;
int ssh_pki_export_signature_blob(const struct ssh_signature_struct *signature,
    ssh_string *ret_blob);
int __real_ssh_pki_signature_verify(ssh_session session,
    struct ssh_signature_struct *signature, const ssh_key key,
    const unsigned char *input, size_t input_size);
int __wrap_ssh_pki_signature_verify(ssh_session session,
    struct ssh_signature_struct *signature, const ssh_key key,
    const unsigned char *input, size_t input_size);

/* One connection a process, so one of each. */
static uint8_t signed_data[SIGNED_DATA_MAX_BYTES];
static uint8_t signature_blob[SIGNATURE_MAX_BYTES];
static uint32_t signed_data_size, signature_size;

static void
keep(const struct ssh_signature_struct *signature, const unsigned char *input,
    size_t input_size)
{
	ssh_string blob = NULL;

	signed_data_size = signature_size = 0;
	if (input_size > sizeof signed_data ||
	    ssh_pki_export_signature_blob(signature, &blob) != SSH_OK)
		return;
	if (ssh_string_len(blob) <= sizeof signature_blob) {
		signature_size = (uint32_t)ssh_string_len(blob);
		memcpy(signature_blob, ssh_string_data(blob), signature_size);
		signed_data_size = (uint32_t)input_size;
		memcpy(signed_data, input, input_size);
	}
	ssh_string_free(blob);
}

int
__wrap_ssh_pki_signature_verify(ssh_session session,
    struct ssh_signature_struct *signature, const ssh_key key,
    const unsigned char *input, size_t input_size)
{
	int r = __real_ssh_pki_signature_verify(session, signature, key, input,
	    input_size);

	if (r == SSH_OK)
		keep(signature, input, input_size);
	return r;
}

void
signed_data_get(struct rpc_bytes *ret_signed_data,
    struct rpc_bytes *ret_signature)
{
	*ret_signed_data = (struct rpc_bytes){signed_data, signed_data_size};
	*ret_signature = (struct rpc_bytes){signature_blob, signature_size};
}
