#include "bench/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
count(const struct buf *item, const char *text)
{
	const char *p = buf_text(item);
	size_t n = 0;

	while ((p = strstr(p, text)) != NULL) {
		p += strlen(text);
		n++;
	}
	return n;
}

void
outcome_check(struct outcome *out, const struct feed *f, const struct buf *items)
{
	size_t u, src, show, expected;
	char text[32];
	bool good;

	for (u = 0; u < f->users; u++) {
		if (items[u].len == 0) {
			out->unpublished++;
			continue;
		}
		good = true;
		for (show = 0; show < FEED_SHOWS; show++) {
			if (feed_show(show) == NULL)
				continue;
			for (src = 0, expected = 0; src < FEED_SOURCES; src++)
				expected += feed_has(u, src) && f->shows[u * FEED_SOURCES + src] == show;
			snprintf(text, sizeof(text), "<show>%s</show>", feed_show(show));
			if (count(&items[u], text) != expected)
				good = false;
		}
		out->wrong += !good;
	}
}

void
outcome_memory(struct outcome *out, pid_t pid)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			out->rss_kib = strtol(line + 6, NULL, 10);
		else if (strncmp(line, "VmHWM:", 6) == 0)
			out->peak_kib = strtol(line + 6, NULL, 10);
	}
	fclose(f);
}
