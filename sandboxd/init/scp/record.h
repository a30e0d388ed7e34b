// SPDX-License-Identifier: Apache-2.0
/* The control lines of the rcp protocol, which `scp -O` speaks. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Longest line, terminator included; as OpenSSH's. */
#define SCP_LINE_SIZE 2048

enum scp_record_type {
	SCP_FILE,      /* C0644 123 name */
	SCP_DIRECTORY, /* D0755 0 name */
	SCP_TIMES,     /* T1700000000 0 1700000000 0: modified, accessed */
	SCP_END,       /* E: of a directory */
	SCP_WARNING,   /* \1words: the peer could not, and goes on */
	SCP_FATAL,     /* \2words: the peer could not, and ends */
};

struct scp_record {
	enum scp_record_type type;
	mode_t mode;
	uint64_t size;
	int64_t modified_s, accessed_s;
	const char *name; /* in the line that was parsed; or the words */
};

/*
 * Parses a line without its '\n'. A name is never empty, "." or "..", and has
 * no '/'. Returns NULL, or what is wrong with it in words for the peer.
 */
const char *scp_record_parse(const char *line, struct scp_record *ret);
