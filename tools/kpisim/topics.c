#include "tools/kpisim/topics.h"

const char *topics_name(struct buf *buf, const char *prefix, int index)
{
	static const char *const written[] = {TOPIC_DEAD_LETTERS, TOPIC_LATE};

	buf_clear(buf);
	buf_put_text(buf, prefix);
	buf_put_text(buf, index < TOPIC_COUNT ? topic_name((enum topic)index) : written[index - TOPIC_COUNT]);
	return buf->data;
}
