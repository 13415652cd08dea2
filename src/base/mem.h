/*
 * The allocation seam: every allocation of our own code goes through here, so
 * that a test can make the n-th one fail.
 */
#ifndef PP_BASE_MEM_H
#define PP_BASE_MEM_H

#include <stddef.h>

/* SIZE bytes, zeroed; NULL when there is no memory.  Free with mem_free(). */
void *mem_alloc(size_t size);

/* N * SIZE bytes, zeroed; NULL also when the product overflows. */
void *mem_array(size_t n, size_t size);

/* As realloc(3); P may be NULL.  What is beyond the old size is not zeroed. */
void *mem_realloc(void *p, size_t size);

/* Accepts NULL. */
void mem_free(void *p);

/* A copy of S, or of its first LEN bytes, NUL-terminated; NULL for a NULL S. */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);

/* Overwrite LEN bytes in a way that the compiler keeps, for secrets. */
void mem_wipe(void *p, size_t len);

/*
 * For tests: let the N-th allocation from now fail, once (1 is the next one);
 * 0 ends it.  Returns how many allocations were counted since the last call.
 */
unsigned long mem_fail_at(unsigned long n);

#endif
