// SPDX-License-Identifier: Apache-2.0
#include "gateway/proxy/target.h"

#include <ctype.h>
#include <errno.h>

/* "sb-..." or "sb_...". */
static int
read_id(struct text text, char ret[SANDBOX_ID_SIZE])
{
	if (!text_copy(text, ret, SANDBOX_ID_SIZE) || text.size < 3)
		return -ENOENT;
	for (char *c = ret; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	if (ret[2] == '-')
		ret[2] = '_';
	return sandbox_id_is_valid(ret) ? 0 : -ENOENT;
}

/* A port's number or a service's name. */
static int
read_which(struct text text, struct target *ret)
{
	char digits[8];
	uint64_t port;

	if (text.size == 0)
		return -ENOENT;
	if (!isdigit((unsigned char)*text.data))
		return text_copy(text, ret->service, sizeof ret->service) ?
		    0 : -ENOENT;
	if (!text_copy(text, digits, sizeof digits) ||
	    parse_u64(digits, &port) < 0 || port < 1 || port > UINT16_MAX)
		return -ENOENT;
	ret->port = (uint32_t)port;
	return 0;
}

/* Without ":PORT", and without the last dot of a whole name. */
static struct text
host_name(struct text host)
{
	const char *colon = memchr(host.data, ':', host.size);

	if (colon != NULL)
		host.size = (size_t)(colon - host.data);
	if (host.size > 0 && host.data[host.size - 1] == '.')
		host.size--;
	return host;
}

static int
find_by_host(struct text host, const char *domain, struct target *ret)
{
	const size_t n = strlen(domain);
	char label[64];
	char *id;
	int r;

	host = host_name(host);
	if (n == 0 || host.size <= n + 1 ||
	    strncasecmp(host.data + host.size - n, domain, n) != 0 ||
	    host.data[host.size - n - 1] != '.')
		return -ENOENT;
	host.size -= n + 1;
	if (memchr(host.data, '.', host.size) != NULL ||
	    !text_copy(host, label, sizeof label))
		return -ENOENT;
	for (char *c = label; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	/* NAME--ID, or PORT-ID. */
	id = isdigit((unsigned char)*label) ? strchr(label, '-') :
	    strstr(label, "--");
	if (id == NULL)
		return -ENOENT;
	host = (struct text){label, (size_t)(id - label)};
	id += *label >= '0' && *label <= '9' ? 1 : 2;
	r = read_id((struct text){id, strlen(id)}, ret->sandbox_id);
	return r < 0 ? r : read_which(host, ret);
}

static int
find_by_path(struct text path, struct target *ret)
{
	struct text rest, one, whole = path;
	const char *end;
	int r;

	if (!text_begins(path, "/p/"))
		return -ENOENT;
	/* What comes after ? is no part of it. */
	end = memchr(path.data, '?', path.size);
	if (end != NULL)
		path.size = (size_t)(end - path.data);
	rest = (struct text){path.data + 3, path.size - 3};
	if (!text_next(&rest, '/', &one) || rest.data == NULL)
		return -ENOENT;
	r = read_id(one, ret->sandbox_id);
	if (r < 0 || !text_next(&rest, '/', &one))
		return -ENOENT;
	r = read_which(one, ret);
	if (r < 0)
		return r;
	ret->prefix = (struct text){whole.data,
	    (size_t)(one.data + one.size - whole.data)};
	ret->path = (struct text){one.data + one.size,
	    whole.size - ret->prefix.size};
	return 0;
}

int
target_find(struct text host, struct text path, const char *domain,
    struct target *ret)
{
	*ret = (struct target){.prefix = {"", 0}, .path = path};
	if (find_by_host(host, domain, ret) == 0)
		return 0;
	*ret = (struct target){.prefix = {"", 0}, .path = path};
	return find_by_path(path, ret);
}
