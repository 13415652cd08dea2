/* A directory of its own for each test, and files in it. */
#ifndef PP_TESTS_SYS_FIXTURE_H
#define PP_TESTS_SYS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Setup and teardown for cmocka. */
int dir_setup(void **state);
int dir_teardown(void **state);

/* For who makes thousands of files: from now on in memory, where that can be had. */
void dir_in_memory(void);

/*
 * For who tries thousands of failures: 1 with EVERY_FAILURE in the environment,
 * otherwise USUAL, and twenty times that under valgrind, which is so much slower.
 */
unsigned stride(unsigned usual);

/* PATH within the directory; one of a few buffers, each call takes the next. */
const char *in_dir(const char *name);

void put_file(const char *path, const void *data, size_t len, mode_t mode);
void put_text(const char *path, const char *text, mode_t mode);

/* A secret that nobody in this process knows, and whether it is anywhere in its memory. */
void put_unknown_secret(const char *path);
bool unknown_secret_is_known(void);

/* The whole file, NUL-terminated, to be freed with mem_free(); its length in *LEN if that is not NULL. */
char *get_file(const char *path, size_t *len);

#endif
