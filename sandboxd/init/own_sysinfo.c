// SPDX-License-Identifier: Apache-2.0
/*
 * sysinfo(3) of init itself, in place of the C library's: that one would have
 * init wait for its own answer (answers.h), and the library calls it from
 * functions that do not say so (qsort, by way of sysconf).
 */
#include "common/sysinfo_plain.h"

int own_sysinfo(struct sysinfo *ret) __asm__("__sysinfo");
int own_sysinfo_too(struct sysinfo *ret) __asm__("sysinfo");

int
own_sysinfo(struct sysinfo *ret)
{
	return sysinfo_plain(ret);
}

int
own_sysinfo_too(struct sysinfo *ret)
{
	return sysinfo_plain(ret);
}
