#include "watch/system.h"

#include <sys/random.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t
system_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
system_id(char id[FETCH_ID_LEN + 1])
{
	unsigned char bits[FETCH_ID_LEN / 2];
	size_t i, got = 0;
	ssize_t n;

	while (got < sizeof(bits)) {
		n = getrandom(bits + got, sizeof(bits) - got, 0);
		if (n < 0 && errno != EINTR) {
			perror("polypresence-watch: getrandom");
			exit(1);
		}
		got += n > 0 ? (size_t)n : 0;
	}
	for (i = 0; i < sizeof(bits); i++)
		snprintf(id + 2 * i, 3, "%02x", bits[i]);
}
