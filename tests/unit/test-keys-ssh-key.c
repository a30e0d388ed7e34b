// SPDX-License-Identifier: Apache-2.0
/* Keys made by ssh-keygen; the fingerprints are what ssh-keygen -l printed. */
#include "keys/ssh_key.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ED25519 \
	"ssh-ed25519 " \
	"AAAAC3NzaC1lZDI1NTE5AAAAIHtpoAFXtUklhklihyF97OgL6iCZOWxxye" \
	"Ii/KaDMQM+"
#define ECDSA_256 \
	"ecdsa-sha2-nistp256 " \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMHkie" \
	"TyF3M8LFt2buJvDI/THo1u5KpD5AHz2JFur5uTN1IYNIbRlVZXW2S6/SO4" \
	"L1GBgQUny6O+QdzA3piDK1Y="
#define ECDSA_384 \
	"ecdsa-sha2-nistp384 " \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBBZp2H" \
	"AUsPUTkK874eekqNJVXLWywLu1/wc/XJtEqW6/7lz2gvdXXEoJAU72rNCw" \
	"gDCqSrzVXPqkP+yTbioyLfU6WtbMYJ+sRp9j+W9D8xIKbrw6JTi6E2SYjv" \
	"FPZ0+o1Q=="
#define ECDSA_521 \
	"ecdsa-sha2-nistp521 " \
	"AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHJhz" \
	"pg3D6piA/ApdefRg2rULtUvGi9TZA/yooTr8UF8/XMitc//cz4CdkTxWOI" \
	"V4odqB+odvl/6tZTM7tXaBZCnQC6QieQ7akjsTj4SexhSr7BD2xnnhSVSe" \
	"5NwjnkmHPyR8rfuLYDoGzDiAm25LJYdKgwoaLX6BWMxJYJax3Jw8v9qw=="
#define RSA_2048 \
	"ssh-rsa " \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQCnjMxWRAU30EckYCM8djZIDvkELS" \
	"u+AehFJc8XNDGIbd7l40klZuLAGnS397PNS6edFZ/HhPd2tUi9YQSTGhTQ" \
	"nIeFICgCxjR8BdstW6rhGkZo+unZcorKWSGwjhbYQa9p21EG0P4hvmKVdl" \
	"Z8Hy6buMZpxn0JJvvxnqMX6wMI2c+1me4TfRxjhnlFZ45+knAGM/NYQhx8" \
	"T2RcXNw46LOo3yzT2t7sat29Y5YSGyrWZ6mUaPPei8V56PL6sZZcUmU8DU" \
	"ZLeYRyRWT7k1uxuOg11tBNhskXtym7xxANajrdgIyWzDfPN5W32HLdDH4r" \
	"+8yxXT9hRrZYCF61ySOEAv9L"
#define RSA_1024 \
	"ssh-rsa " \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAgQDgZ8WSNbcemx/gsl3HvT6AGVrcQ8" \
	"OMxixtigxUPpxOb8lrF4K8g7zZDjYJ5KPIvLoaU9JWB2bb2GWewDseTKoa" \
	"l2SseU7WYJDpBZjQfhECAOaldASrtVJwKqh0UXYZPWMSg12dwK18E2rFyw" \
	"m6+wwHPIfhhD1Sm7eUB+V1GAdwRw=="
#define SK_ED25519 \
	"sk-ssh-ed25519@openssh.com " \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQYHCA" \
	"kKCwwNDg8QERITFBUWFxgZGhscHR4fAAAABHNzaDo="
#define SK_SHORT \
	"sk-ssh-ed25519@openssh.com " \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQYHCA" \
	"kKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define SK_ECDSA \
	"sk-ecdsa-sha2-nistp256@openssh.com " \
	"AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbm" \
	"lzdHAyNTYAAABBBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEc3NoOg=="
#define ED25519_LONG \
	"ssh-ed25519 " \
	"AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAeA=="

static struct ssh_key key;
static struct err err;

static void
test_accepted(void)
{
	static const struct {
		const char *line, *algorithm, *fingerprint;
	} rows[] = {
	    {ED25519, "ssh-ed25519",
		"SHA256:eifpJVCI0vO/7Qp7TuKFQZo7JErJ/+o8u5fMr6IfJZo"},
	    {ECDSA_256, "ecdsa-sha2-nistp256",
		"SHA256:zEGrPLdsj5gcGQHboVQ1CG27lGjMNTtV+fRYOzJLnwA"},
	    {ECDSA_384, "ecdsa-sha2-nistp384",
		"SHA256:63aSiobiuz6YAi2CgkHacYnIMoOaMUj7iu5lCE3YM1U"},
	    {ECDSA_521, "ecdsa-sha2-nistp521",
		"SHA256:ohLB+kYouNawbRtuSubiukKhm0d9Vef18A0kth7Eiok"},
	    {RSA_2048, "ssh-rsa",
		"SHA256:bwLcqGyVZE26NXepSqdh2wDzGnvK0/SzVMoOQT9PDnU"},
	    {SK_ED25519, "sk-ssh-ed25519@openssh.com", NULL},
	    {SK_ECDSA, "sk-ecdsa-sha2-nistp256@openssh.com", NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (ssh_key_parse(rows[i].line, &key, &err) < 0)
			printf("%s: %s\n", rows[i].algorithm, err.text);
		assert(ssh_key_parse(rows[i].line, &key, &err) == 0);
		assert(strcmp(key.algorithm, rows[i].algorithm) == 0);
		assert(rows[i].fingerprint == NULL ||
		    strcmp(key.fingerprint, rows[i].fingerprint) == 0);
		assert(key.comment[0] == '\0');
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
	    {"", "empty"},
	    {RSA_1024, "1024 bits"},
	    {"no-pty " ED25519, "options before"},
	    {"command=\"a b\" " ED25519, "options before"},
	    {"ssh-dss AAAAB3NzaC1kc3M=", "not an accepted algorithm"},
	    {"-----BEGIN OPENSSH PRIVATE KEY-----", "never the private"},
	    {"ssh-ed25519-cert-v01@openssh.com AAAA", "certificates"},
	    {"ssh-ed25519", "not base64"},
	    {"ssh-ed25519 AAAA!", "not base64"},
	    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHtpoAFXtUk",
		"not base64"},
	    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "not a valid"},
	    {"ssh-rsa AAAAC3NzaC1lZDI1NTE5", "not a valid"},
	    {ED25519_LONG, "not a valid"},
	    {SK_SHORT, "not a valid"},
	    {ED25519 "\n" ED25519, "more than one line"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert(ssh_key_parse(rows[i].line, &key, &err) == -EINVAL);
		if (strstr(err.text, rows[i].words) == NULL)
			printf("row %zu: %s\n", i, err.text);
		assert(strstr(err.text, rows[i].words) != NULL);
	}
}

int
main(void)
{
	test_accepted();
	test_refused();
	assert(ssh_key_parse("  " ED25519 "\t ana maria \r\n", &key, &err) ==
	    0);
	assert(strcmp(key.comment, "ana maria") == 0);
	return 0;
}
