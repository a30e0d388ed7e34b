// SPDX-License-Identifier: Apache-2.0
/* What is written of a denial is read back, whatever rules are called. */
#include "common/denial.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *text;
	struct denial denial;
} good[] = {
    {"tcp 192.0.2.1:443 by rule \"default\"",
	{"tcp", "192.0.2.1", 443, "", "default", ""}},
    {"udp [2001:db8::1]:53 (a.example) by rule \"1\"",
	{"udp", "2001:db8::1", 53, "a.example", "1", ""}},
    {"icmp 10.0.0.1 by rule \"always\": private",
	{"icmp", "10.0.0.1", 0, "", "always", "private"}},
    {"icmp [fe80::1] by rule \"always\": link-local",
	{"icmp", "fe80::1", 0, "", "always", "link-local"}},
    {"name x.example by rule \"default\"",
	{"name", "", 0, "x.example", "default", ""}},
    {"tcp 192.0.2.1:1 by rule \"a (b) by rule \"c\": d\"",
	{"tcp", "192.0.2.1", 1, "", "a (b) by rule \"c\": d", ""}},
};

static const char *const bad[] = {"", "tcp", "tcp 192.0.2.1:443",
    " by rule \"x\"", "tcp 192.0.2.1:443 by rule \"x",
    "tcp 192.0.2.1:70000 by rule \"x\"", "tcp [::1 by rule \"x\"",
    "tcp 192.0.2.1:1 (x by rule \"x\"", "tcp 192.0.2.1:1 by rule \"x\"y",
    "protocols 192.0.2.1:1 by rule \"x\""};

int
main(void)
{
	char text[EVENT_CAUSE_SIZE];
	struct denial got;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		denial_format(&good[i].denial, text);
		assert(strcmp(text, good[i].text) == 0);
		assert(denial_parse(text, &got) == 0);
		assert(memcmp(&got, &good[i].denial, sizeof got) == 0);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(denial_parse(bad[i], &got) == -EINVAL);
	return 0;
}
