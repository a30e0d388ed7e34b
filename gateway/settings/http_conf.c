// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/http_conf.h"

#define FIELD(name) offsetof(struct http_conf, name)

const struct conf_key http_conf_keys[] = {
    {"http", "jail_user", CONF_STRING, FIELD(jail_user), "sandgate-net", 0, 0,
	"", "whom gateway-http runs as"},
    {"http", "max_connections", CONF_U64, FIELD(max_connections), "2048", 1,
	4096, "connections", "most at once, on each listener"},
    {"http", "max_connections_per_address", CONF_U64,
	FIELD(max_connections_per_address), "512", 1, 4096, "connections",
	"most at once from one IPv4 address or IPv6 /64"},
    {"http", "max_requests_per_second", CONF_U64,
	FIELD(max_requests_per_second), "5000", 0, 1000000, "requests",
	"most of one token, and as many at once; 0 = no limit"},
    {"http", "request_max_bytes", CONF_SIZE, FIELD(request_max_bytes), "1M",
	1024, 16 << 20, "bytes", "the largest request body"},
    {"http", "idle_timeout", CONF_SECONDS, FIELD(idle_timeout_s), "60s", 1,
	3600, "seconds", "a silent connection is closed after this"},
    {"http", "stall_timeout", CONF_SECONDS, FIELD(stall_timeout_s), "1h", 1,
	86400, "seconds", "a stream of which nobody reads is cut after this"},
    {"http", "request_timeout", CONF_SECONDS, FIELD(request_timeout_s), "30s",
	1, 3600, "seconds", "a request must have arrived within this"},
    {"http", "call_timeout", CONF_SECONDS, FIELD(call_timeout_s), "60s", 1,
	3600, "seconds", "longest wait for gateway-broker or sandboxd"},
    {"http", "aliases_zwrm", CONF_STRING, FIELD(aliases_zwrm), "", 0, 0, "",
	"NAME=TEMPLATE, comma separated: templates by zwrm's clients' names"},
    {"http", "aliases_sandbase", CONF_STRING, FIELD(aliases_sandbase), "", 0,
	0, "", "the same of Sandbase's clients"},
    {"http", "aliases_e2b", CONF_STRING, FIELD(aliases_e2b),
	"code-interpreter-v1=code_interpreter", 0, 0, "",
	"the same of E2B's clients"},
    {"http", "aliases_sandbox0", CONF_STRING, FIELD(aliases_sandbox0),
	"default=base", 0, 0, "", "the same of Sandbox0's clients"},
    {"http", "mcp_origins", CONF_STRING, FIELD(mcp_origins), "", 0, 0, "",
	"origins, comma separated, whose pages may talk to /mcp"},
};
const size_t n_http_conf_keys =
    sizeof http_conf_keys / sizeof *http_conf_keys;
