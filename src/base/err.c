#include "base/err.h"

const char *
err_text(int status)
{
	switch (status) {
	case 0:
		return "no error";
	case ERR_NOMEM:
		return "out of memory";
	case ERR_LIMIT:
		return "limit reached";
	case ERR_INVALID:
		return "malformed input";
	case ERR_NOTFOUND:
		return "not found";
	case ERR_EXISTS:
		return "exists already";
	case ERR_IO:
		return "input/output error";
	case ERR_CORRUPT:
		return "damaged data";
	case ERR_VERSION:
		return "written by a newer version";
	case ERR_DENIED:
		return "permission denied";
	case ERR_PROTOCOL:
		return "stream unusable";
	}
	return "unknown error";
}
