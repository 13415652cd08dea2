/* What we need of libcrypto: the handshake's digest and random bytes. */
#ifndef PP_SYS_CRYPTO_H
#define PP_SYS_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#define CRYPTO_SHA1_HEX 41 /* with the NUL */

/*
 * XEP-0114, section 3: lower-case hex of SHA-1 over ID followed by the secret.
 * Returns 0, ERR_NOMEM or ERR_IO (libcrypto refuses SHA-1); then HEX is "".  HEX is as
 * good as the secret to who sees the stream: never log it.
 */
int crypto_handshake(const char *id, const char *secret, size_t secretlen, char hex[CRYPTO_SHA1_HEX]);

/* Fill OUT with LEN random bytes fit for keys.  Returns 0 or ERR_IO. */
int crypto_random(void *out, size_t len);

#endif
