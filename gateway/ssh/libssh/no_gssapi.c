// SPDX-License-Identifier: Apache-2.0
/*
 * Debian's libssh.a is built with GSSAPI. Sandgate does not offer it: the
 * packet watch answers gssapi-with-mic before libssh reads it, so nothing here
 * is ever called. Defining the functions keeps Kerberos out of the process
 * that faces the network. They abort: to be here is to be taken over.
 */
#include <stdint.h>
#include <stdlib.h>

#define NO_GSSAPI(name)                                                        \
	uint32_t name(void);                                                   \
	uint32_t name(void)                                                    \
	{                                                                      \
		abort();                                                       \
	}

NO_GSSAPI(gss_accept_sec_context)
NO_GSSAPI(gss_acquire_cred)
NO_GSSAPI(gss_add_oid_set_member)
NO_GSSAPI(gss_create_empty_oid_set)
NO_GSSAPI(gss_display_name)
NO_GSSAPI(gss_display_status)
NO_GSSAPI(gss_get_mic)
NO_GSSAPI(gss_import_name)
NO_GSSAPI(gss_indicate_mechs)
NO_GSSAPI(gss_init_sec_context)
NO_GSSAPI(gss_inquire_cred)
NO_GSSAPI(gss_inquire_cred_by_mech)
NO_GSSAPI(gss_release_buffer)
NO_GSSAPI(gss_release_cred)
NO_GSSAPI(gss_release_name)
NO_GSSAPI(gss_release_oid_set)
NO_GSSAPI(gss_test_oid_set_member)
NO_GSSAPI(gss_verify_mic)

extern const void *const GSS_C_NT_HOSTBASED_SERVICE, *const GSS_C_NT_USER_NAME;
const void *const GSS_C_NT_HOSTBASED_SERVICE = NULL;
const void *const GSS_C_NT_USER_NAME = NULL;
