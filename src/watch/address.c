#include "watch/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

bool
address_is_loopback(const char *numeric)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, numeric, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, numeric, &six) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return six.s6_addr[12] == 127;
	return IN6_IS_ADDR_LOOPBACK(&six);
}

const char *
address_resolve(struct addresses *a, const char *host)
{
	struct addrinfo hints, *list, *at;
	int status;

	memset(a, 0, sizeof(*a));
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	status = getaddrinfo(host, NULL, &hints, &list);
	if (status != 0)
		return gai_strerror(status);
	a->loopback = true;
	for (at = list; at != NULL && a->n < ADDRESS_MAX; at = at->ai_next) {
		if (getnameinfo(at->ai_addr, at->ai_addrlen, a->text[a->n], ADDRESS_SIZE, NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		if (!address_is_loopback(a->text[a->n]))
			a->loopback = false;
		a->n++;
	}
	freeaddrinfo(list);
	return a->n > 0 ? NULL : "no address";
}
