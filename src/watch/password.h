/*
 * The password: from a file, a descriptor or a prompt, never from the command
 * line or the environment.
 */
#ifndef PP_WATCH_PASSWORD_H
#define PP_WATCH_PASSWORD_H

#include <stddef.h>

#define PASSWORD_MAX 1024 /* bytes, with the NUL */

/*
 * Read the first line into OUT.  Each returns NULL, or why it failed, in words,
 * and then OUT is wiped.  The caller wipes OUT after use.
 *
 * password_file: *OPEN is set if others than the owner can read the file.
 * password_fd closes FD.  password_prompt asks on the terminal, without echo.
 */
const char *password_file(char out[PASSWORD_MAX], const char *path, int *open_to_others);
const char *password_fd(char out[PASSWORD_MAX], int fd);
const char *password_prompt(char out[PASSWORD_MAX], const char *prompt);

#endif
