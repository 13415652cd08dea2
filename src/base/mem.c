#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static unsigned long fail_at;
static unsigned long counted;

static int
fails(void)
{
	counted++;
	return fail_at != 0 && counted == fail_at;
}

void *
mem_alloc(size_t size)
{
	return fails() ? NULL : calloc(1, size > 0 ? size : 1);
}

void *
mem_array(size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	return mem_alloc(n * size);
}

void *
mem_realloc(void *p, size_t size)
{
	return fails() ? NULL : realloc(p, size > 0 ? size : 1);
}

void
mem_free(void *p)
{
	free(p);
}

char *
mem_strndup(const char *s, size_t len)
{
	char *copy;

	if (s == NULL)
		return NULL;
	copy = mem_alloc(len + 1);
	if (copy != NULL)
		memcpy(copy, s, len);
	return copy;
}

char *
mem_strdup(const char *s)
{
	return s != NULL ? mem_strndup(s, strlen(s)) : NULL;
}

void
mem_wipe(void *p, size_t len)
{
	if (p != NULL)
		explicit_bzero(p, len);
}

unsigned long
mem_fail_at(unsigned long n)
{
	unsigned long seen = counted;

	counted = 0;
	fail_at = n;
	return seen;
}
