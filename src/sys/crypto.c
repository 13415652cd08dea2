#include "sys/crypto.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/err.h"
#include "base/mem.h"

int
crypto_handshake(const char *id, const char *secret, size_t secretlen, char hex[CRYPTO_SHA1_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int len = 0, i;
	EVP_MD_CTX *ctx;
	int status = ERR_IO;

	hex[0] = '\0';
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return ERR_NOMEM;
	if (EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) != 1 || EVP_DigestUpdate(ctx, id, strlen(id)) != 1 ||
	    EVP_DigestUpdate(ctx, secret, secretlen) != 1 || EVP_DigestFinal_ex(ctx, md, &len) != 1 ||
	    len * 2 + 1 != CRYPTO_SHA1_HEX)
		goto out;
	for (i = 0; i < len; i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	hex[2 * len] = '\0';
	status = 0;
out:
	EVP_MD_CTX_free(ctx);
	mem_wipe(md, sizeof(md));
	return status;
}

int
crypto_random(void *out, size_t len)
{
	return len <= INT32_MAX && RAND_bytes(out, (int)len) == 1 ? 0 : ERR_IO;
}
