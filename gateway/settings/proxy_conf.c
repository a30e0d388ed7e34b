// SPDX-License-Identifier: Apache-2.0
#include "gateway/settings/proxy_conf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "gateway/settings/certificate.h"

#define FIELD(name) offsetof(struct proxy_conf, name)

const struct conf_key proxy_conf_keys[] = {
    {"proxy", "listen", CONF_STRING, FIELD(listen), "", 0, 0, "",
	"address:port to serve sandboxes' services on; empty: none are served"},
    {"proxy", "cert", CONF_STRING, FIELD(cert), "", 0, 0, "",
	"PEM file of a certificate and its chain, with which listen speaks "
	"TLS; empty: it does not"},
    {"proxy", "key", CONF_STRING, FIELD(key), "", 0, 0, "",
	"PEM file of its key"},
    {"proxy", "url", CONF_STRING, FIELD(url), "", 0, 0, "",
	"how those outside reach it, such as https://example.com:8443; empty: "
	"http:// and listen, https:// where there is cert"},
    {"proxy", "domain", CONF_STRING, FIELD(domain), "", 0, 0, "",
	"a domain all of whose names lead to it; each service then has a name "
	"of its own in it; empty: a path of url"},
    {"proxy", "jail_user", CONF_STRING, FIELD(jail_user), "sandgate-net", 0, 0,
	"", "whom gateway-proxy runs as"},
    {"proxy", "max_connections", CONF_U64, FIELD(max_connections), "1024", 1,
	65536, "connections", "of clients, most at once"},
    {"proxy", "max_connections_per_address", CONF_U64,
	FIELD(max_connections_per_address), "256", 1, 65536, "connections",
	"most at once from one IPv4 address or IPv6 /64"},
    {"proxy", "max_connections_per_sandbox", CONF_U64,
	FIELD(max_connections_per_sandbox), "512", 1, 65536, "connections",
	"most at once that ask for one sandbox"},
    {"proxy", "request_timeout", CONF_SECONDS, FIELD(request_timeout_s), "30s",
	1, 3600, "seconds", "a request's head must have arrived within this"},
    {"proxy", "answer_timeout", CONF_SECONDS, FIELD(answer_timeout_s), "60s",
	1, 3600, "seconds",
	"an answer must begin within this, where the service says nothing"},
    {"proxy", "idle_timeout", CONF_SECONDS, FIELD(idle_timeout_s), "60s", 1,
	3600, "seconds", "a connection without a request is closed after this"},
    {"proxy", "stall_timeout", CONF_SECONDS, FIELD(stall_timeout_s), "10m", 1,
	86400, "seconds",
	"a body, or a WebSocket, of which nothing moves is cut after this"},
    {"proxy", "start_timeout", CONF_SECONDS, FIELD(start_timeout_s), "60s", 1,
	3600, "seconds", "longest wait for a sandbox that is to run again"},
};
const size_t n_proxy_conf_keys =
    sizeof proxy_conf_keys / sizeof *proxy_conf_keys;

/* "http://" or "https://", a host, maybe a port, and no path. */
static bool
is_url(const char *url)
{
	const char *host = strncmp(url, "http://", 7) == 0 ? url + 7 :
	    strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;

	return host != NULL && *host != '\0' &&
	    host[strspn(host, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]")] == '\0';
}

int
proxy_conf_read(const char *conf_path, struct proxy_conf *ret, struct err *err)
{
	int r = conf_read(proxy_conf_keys, n_proxy_conf_keys, conf_path, ret,
	    err);

	if (r == 0)
		r = certificate_rows_check("[proxy] cert", ret->cert,
		    "[proxy] key", ret->key, "[proxy] listen", ret->listen,
		    err);
	if (r < 0)
		return r;
	if (*ret->url != '\0' && !is_url(ret->url))
		return err_set(err, EINVAL, "[proxy] url: \"%s\" is not such "
		    "as https://example.com:8443", ret->url);
	if (ret->domain[strspn(ret->domain, "abcdefghijklmnopqrstuvwxyz"
	    "0123456789.-")] != '\0' || *ret->domain == '.')
		return err_set(err, EINVAL, "[proxy] domain: \"%s\" is not a "
		    "domain of a-z, 0-9, . and -", ret->domain);
	if (*ret->url == '\0' && *ret->listen != '\0' &&
	    snprintf(ret->url, sizeof ret->url, "http%s://%s",
	    *ret->cert != '\0' ? "s" : "", ret->listen) >=
	    (int)sizeof ret->url)
		return err_set(err, EINVAL, "[proxy] listen: too long");
	return 0;
}

/* What comes after the host of a url: ":8443", or "". */
static const char *
port_of(const char *url)
{
	const char *host = strstr(url, "//") + 2;
	const char *colon = strrchr(host, ':');

	return colon == NULL || strchr(colon, ']') != NULL ? "" : colon;
}

void
proxy_conf_url(const struct proxy_conf *conf, const char *service,
    const char *sandbox_id, char *ret, size_t size)
{
	const char *url = conf->url;
	const int scheme = (int)(strstr(url, "//") != NULL ?
	    strstr(url, "//") + 2 - url : 0);
	const bool is_port = *service >= '0' && *service <= '9';

	*ret = '\0';
	if (*conf->listen == '\0' || scheme == 0)
		return;
	/* `_` is no letter of a host name. */
	if (*conf->domain != '\0')
		(void)snprintf(ret, size, "%.*s%s%ssb-%s.%s%s/", scheme, url,
		    service, is_port ? "-" : "--", sandbox_id + 3,
		    conf->domain, port_of(url));
	else
		(void)snprintf(ret, size, "%s/p/sb-%s/%s/", url,
		    sandbox_id + 3, service);
}
