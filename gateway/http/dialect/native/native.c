// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/native.h"

static json_t *
failure_to_json(const struct failure *failure)
{
	json_t *error = json_pack("{s:s, s:s}", "code", failure->code,
	    "message", failure->message);

	if (error == NULL)
		return NULL;
	if (failure->field[0] != '\0')
		(void)json_object_set_new(error, "field",
		    json_string(failure->field));
	if (failure->hint != NULL)
		(void)json_object_set_new(error, "hint",
		    json_string(failure->hint));
	return json_pack("{s:o}", "error", error);
}

static const struct route routes[] = {
    {"POST", "/v1/sandboxes", native_create_sandbox, .body = ROUTE_BODY_JSON,
	.input = &native_sandbox_wish, .text = "Creates a sandbox",
	.replies = {{201, "the sandbox, running", &native_sandbox}}},
    {"GET", "/v1/sandboxes", native_list_sandboxes,
	.text = "All of the organisation, in order of id",
	.queries = {{"destroyed", "1: those that were, instead"}},
	.replies = {{200, "them", &native_sandbox, "sandboxes"}}},
    {"GET", "/v1/sandboxes/{id}", native_get_sandbox, .text = "One sandbox",
	.replies = {{200, "it", &native_sandbox}}},
    {"DELETE", "/v1/sandboxes/{id}", native_destroy_sandbox,
	.text = "Destroys one",
	.replies = {{204, "nothing of it is left"}}},
    {"POST", "/v1/sandboxes/{id}/kill", native_kill_sandbox,
	.text = "Ends every process in it; it goes on",
	.replies = {{204, "each has been sent SIGKILL"}}},
    {"POST", "/v1/sandboxes/{id}/ssh-access", native_grant_ssh,
	.body = ROUTE_BODY_JSON, .input = &native_access_wish,
	.text = "Lets somebody into one for a time",
	.replies = {{200, "all that a client needs to connect",
	    &native_access}}},
    {"GET", "/v1/ssh-keys", native_list_records, .about = &native_keys,
	.text = "SSH keys of the user",
	.replies = {{200, "them", &native_key, "ssh_keys"}}},
    {"POST", "/v1/ssh-keys", native_add_key, .body = ROUTE_BODY_JSON,
	.input = &native_key_wish, .text = "Adds one",
	.replies = {{201, "the key", &native_key}}},
    {"DELETE", "/v1/ssh-keys/{id}", native_remove_record, .about = &native_keys,
	.text = "Removes one",
	.replies = {{204, "it is removed"}}},
    {"GET", "/v1/tokens", native_list_records, .about = &native_tokens,
	.text = "Tokens of the user",
	.replies = {{200, "them", &native_token, "tokens"}}},
    {"POST", "/v1/tokens", native_create_token, .body = ROUTE_BODY_JSON,
	.input = &native_token_wish, .text = "Makes one",
	.replies = {{201, "the token, with its secret as token",
	    &native_token}}},
    {"DELETE", "/v1/tokens/{id}", native_remove_record, .about = &native_tokens,
	.text = "Revokes one",
	.replies = {{204, "it is revoked"}}},
    {"GET", "/v1/ssh-cas", native_list_records, .about = &native_cas,
	.text = "Certificate authorities of the organisation",
	.replies = {{200, "them", &native_ca, "ssh_cas"}}},
    {"POST", "/v1/ssh-cas", native_add_ca, .body = ROUTE_BODY_JSON,
	.input = &native_key_wish, .text = "Adds one",
	.replies = {{201, "the authority", &native_ca}}},
    {"DELETE", "/v1/ssh-cas/{id}", native_remove_record, .about = &native_cas,
	.text = "Removes one",
	.replies = {{204, "it is removed"}}},
    {"GET", "/v1/ssh-revocations", native_list_records,
	.about = &native_revocations,
	.text = "What the organisation has revoked",
	.replies = {{200, "it", &native_revocation, "ssh_revocations"}}},
    {"POST", "/v1/ssh-revocations", native_add_revocation,
	.body = ROUTE_BODY_JSON, .input = &native_revocation_wish,
	.text = "Revokes a serial, a key id or a key",
	.replies = {{201, "the revocation", &native_revocation}}},
    {"DELETE", "/v1/ssh-revocations/{id}", native_remove_record,
	.about = &native_revocations, .text = "Takes it back",
	.replies = {{204, "it is taken back"}}},
    {"GET", "/v1/ssh", native_find_ssh,
	.text = "Where SSH is served, and how to know it",
	.replies = {{200, "host, port, known_hosts and", &native_host_key,
	    "host_keys"}}},
    {"GET", "/v1/organisation", native_get_org, .text = "The caller's",
	.replies = {{200, "it", &native_org}}},
    {"PATCH", "/v1/organisation", native_set_org, .body = ROUTE_BODY_JSON,
	.input = &native_org_wish, .text = "Changes what is given",
	.replies = {{200, "as it is now", &native_org}}},
    {"GET", "/v1/recordings", native_list_recordings,
	.text = "The newest first",
	.queries = {{"before", "the next of an earlier answer"}},
	.replies = {{200, "them, and next", &native_recording, "recordings"}}},
    {"GET", "/v1/recordings/{id}", native_read_recording,
	.text = "One, as far as it was written",
	.replies = {{200, "the file, or application/x-ndjson", NULL, NULL,
	    "application/x-asciicast"}}},
    {"GET", "/v1/templates", native_list_templates,
	.text = "What a sandbox may be made from",
	.replies = {{200, "their names", &native_templates}}},
    {"GET", "/v1/status", native_get_status,
	.text = "Facts about the service, and who is asking",
	.replies = {{200, "identity {org, user}, gateway, and sandboxd "
	    "with the host's resources"}}},
    {"GET", "/healthz", native_get_health, .is_public = true,
	.text = "Whether this process answers",
	.replies = {{200, "it does", &native_health}}},
};

const struct dialect native = {.name = "native",
    .prefix = "/v1/",
    .routes = routes,
    .n_routes = sizeof routes / sizeof *routes,
    .failure_to_json = failure_to_json};
