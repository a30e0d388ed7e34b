// SPDX-License-Identifier: Apache-2.0
#include "gateway/protocol/webhook_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_LETTERS                                                           \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"

static int
read_port(const char *text, size_t n, uint16_t *ret, struct err *err)
{
	unsigned long port = 0;

	for (size_t i = 0; i < n && i < 6; i++) {
		if (!isdigit((unsigned char)text[i]))
			port = UINT16_MAX + 1ul;
		else
			port = port * 10 + (unsigned long)(text[i] - '0');
	}
	if (n == 0 || n > 5 || port == 0 || port > UINT16_MAX)
		return err_set(err, EINVAL, "url: the port is from 1 to %d",
		    UINT16_MAX);
	*ret = (uint16_t)port;
	return 0;
}

/* What looks like an address is one, or nothing: others read 127.1 as one. */
static int
check_host(const char *host, bool is_bracketed, struct err *err)
{
	unsigned char address[16];
	const char *last = strrchr(host, '.');
	const char *end = last != NULL ? last + 1 : host;

	if (is_bracketed)
		return inet_pton(AF_INET6, host, address) == 1 ? 0 :
		    err_set(err, EINVAL, "url: [%.64s] is no IPv6 address",
		    host);
	if (*host == '\0' || *host == '.' || *host == '-' ||
	    host[strspn(host, NAME_LETTERS)] != '\0')
		return err_set(err, EINVAL, "url: \"%.64s\" is no host", host);
	if (isdigit((unsigned char)*end) &&
	    inet_pton(AF_INET, host, address) != 1)
		return err_set(err, EINVAL, "url: \"%.64s\" is no IPv4 "
		    "address, and no name ends like that", host);
	return 0;
}

static int
read_authority(const char *text, size_t n, struct webhook_url *ret,
    struct err *err)
{
	const bool is_bracketed = n > 0 && *text == '[';
	const char *end = is_bracketed ? memchr(text, ']', n) :
	    memchr(text, ':', n);
	const char *host = text + is_bracketed, *rest;

	if (is_bracketed && end == NULL)
		return err_set(err, EINVAL, "url: a [ has no ]");
	if (end == NULL)
		end = text + n;
	if ((size_t)(end - host) > WEBHOOK_HOST_MAX)
		return err_set(err, EINVAL, "url: a host has at most %d bytes",
		    WEBHOOK_HOST_MAX);
	snprintf(ret->host, sizeof ret->host, "%.*s", (int)(end - host), host);
	if (check_host(ret->host, is_bracketed, err) < 0)
		return -EINVAL;
	rest = end + is_bracketed;
	if (rest == text + n)
		return 0;
	if (*rest != ':')
		return err_set(err, EINVAL, "url: \"%.64s\" comes after the "
		    "host", rest);
	return read_port(rest + 1, (size_t)(text + n - rest - 1), &ret->port,
	    err);
}

int
webhook_url_parse(const char *text, struct webhook_url *ret, struct err *err)
{
	const size_t size = strlen(text);
	const char *authority;
	size_t n;

	*ret = (struct webhook_url){.is_tls = strncmp(text, "https://",
	    8) == 0};
	if (size > WEBHOOK_URL_MAX)
		return err_set(err, EINVAL, "url: at most %d bytes",
		    WEBHOOK_URL_MAX);
	if (!ret->is_tls && strncmp(text, "http://", 7) != 0)
		return err_set(err, EINVAL,
		    "url: must begin with https:// or http://");
	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("\\#\"<>^`{|}",
		    text[i]) != NULL)
			return err_set(err, EINVAL, "url: the byte %zu is to "
			    "be written as %%XX, or left out", i + 1);
	authority = text + (ret->is_tls ? 8 : 7);
	n = strcspn(authority, "/?");
	if (memchr(authority, '@', n) != NULL)
		return err_set(err, EINVAL, "url: no user and no password");
	ret->port = ret->is_tls ? 443 : 80;
	return read_authority(authority, n, ret, err);
}
