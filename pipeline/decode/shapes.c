/* What is known is a tree for each family. A step is the bytes up to the next value, and that value; what follows one of them are those that have
 * followed it before. A shape stands at the last step, which has no value. */
#include "pipeline/decode/shapes.h"

#include "base/arena.h"
#include "base/mem.h"
#include "pipeline/decode/json_scalar.h"

/* Bytes of a step that are compared at once, and in all; steps that may follow one. */
enum { HEAD = 16, FRAME_MAX = 1024, FOLLOWING_MAX = 32 };
/* Longer documents are not learned; all of them together take about so much, which the processor has still at hand. */
enum { TEXT_MAX = 4096, BYTES_MAX = 256 << 10 };
/* Of so many documents that were like none it is known what they looked like, about; who came so often is learned. */
enum { STRANGERS = 4096, TIMES = 3 };
/* When no more can be learned, and so many more were not found than were, what is known is of no use any more. */
enum { MISSED_MAX = 10000 };

enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_NONE };

struct shape {
	struct json_document document;
	struct json_node *nodes; /* those of the document */
	uint32_t *listed;        /* the nodes of the values that are listed, in their order */
	uint32_t listed_count;
	const void *note;
	struct arena *arena;
};

struct step {
	uint64_t head[HEAD / sizeof(uint64_t)], mask[HEAD / sizeof(uint64_t)];
	const char *bytes;
	uint32_t length;
	uint32_t hits;
	enum value_kind kind;
	bool listed;
	struct step *following; /* the first step that may come behind this one */
	struct step *other;     /* what else may come in its place */
	struct shape *shape;    /* VALUE_NONE */
};

struct stranger {
	uint32_t hash;
	uint32_t times;
};

struct shapes {
	struct arena arena;
	struct step **families; /* of each, the first step that its documents may begin with */
	uint32_t family_count;
	struct stranger strangers[STRANGERS]; /* in a place that their hash chooses */
	int32_t missed;                       /* more than were found */
	struct str texts[SHAPE_VALUES_MAX];   /* of what is being compared, those that are listed */
};

struct shapes *shapes_new(void)
{
	struct shapes *shapes = NEW(struct shapes);
	arena_init(&shapes->arena);
	return shapes;
}

/* ---- finding ---- */

/* Few frames are longer than their head. */
__attribute__((noinline)) static bool has_rest(const struct step *step, const char *at, const char *end)
{
	return step->length <= (size_t)(end - at) && memcmp(at + HEAD, step->bytes + HEAD, step->length - HEAD) == 0;
}

static inline bool has_frame(const struct step *step, const char *at, const char *end)
{
	uint64_t words[HEAD / sizeof(uint64_t)];
	memcpy(words, at, sizeof words);
	if (((words[0] ^ step->head[0]) & step->mask[0]) | ((words[1] ^ step->head[1]) & step->mask[1]))
		return false;
	return step->length <= HEAD || has_rest(step, at, end);
}

/* Behind a text that is not as it is written; NULL: it is none. */
__attribute__((noinline)) static char *pass_escapes(char *at, char *end, struct str *ret_text, bool *changed)
{
	if (*end != '\\')
		return NULL;
	*changed = true;
	end = json_resolve(at, end, ret_text);
	return end ? end - 1 : NULL;
}

/* Behind the value, or NULL; the quote behind a text belongs to the next step. */
static inline char *pass_value(enum value_kind kind, char *at, struct str *ret_text, bool *changed)
{
	char *end = kind == VALUE_TEXT ? json_text_end(at) : (char *)json_number_end(at);
	if (kind == VALUE_TEXT && *end != '"')
		return pass_escapes(at, end, ret_text, changed);
	*ret_text = (struct str){at, end ? (size_t)(end - at) : 0};
	return end;
}

/* What comes often stands in front. */
static void move_on(struct step **before, struct step **link)
{
	struct step *step = *link, *previous = *before;
	*before = step;
	previous->other = step->other;
	step->other = previous;
}

/* The step among these that the text goes on with, its value passed; NULL: none. Where a text begins, it does in all of them, unless few texts may
 * stand there (places.h): so when one was changed in vain, no other step is compared with that. */
static inline struct step *follow(struct step **link, char **at, const char *end, struct str *ret_text, bool *changed)
{
	struct step **before = NULL, *step;
	for (; (step = *link); before = link, link = &step->other) {
		if (!has_frame(step, *at, end))
			continue;
		char *behind = *at + step->length;
		if (step->kind == VALUE_NONE ? behind != end
					     : !(behind = pass_value(step->kind, behind, ret_text, changed)))
			continue;
		*at = behind;
		step->hits++;
		if (before && step->hits > (*before)->hits)
			move_on(before, link);
		return step;
	}
	return NULL;
}

static void put_texts(const struct shapes *shapes, const struct shape *shape)
{
	for (uint32_t i = 0; i < shape->listed_count; i++)
		shape->nodes[shape->listed[i]].text = shapes->texts[i];
}

bool shapes_find(
	struct shapes *shapes, uint32_t family, struct str text, struct json_document *ret_document, bool *ret_changed)
{
	char *at = (char *)text.data, *end = at + text.length;
	uint32_t listed = 0;
	*ret_changed = false;
	if (family >= shapes->family_count)
		return false;
	struct step **next = &shapes->families[family];
	for (;;) {
		struct step *step = follow(next, &at, end, &shapes->texts[listed], ret_changed);
		if (!step)
			return false;
		if (step->kind == VALUE_NONE) {
			put_texts(shapes, step->shape);
			*ret_document = step->shape->document;
			shapes->missed -= shapes->missed > 0;
			return true;
		}
		listed += step->listed;
		next = &step->following;
	}
}

/* ---- learning ---- */

static void forget_all(struct shapes *shapes)
{
	arena_release(&shapes->arena);
	arena_init(&shapes->arena);
	for (uint32_t i = 0; i < shapes->family_count; i++)
		shapes->families[i] = NULL;
	shapes->missed = 0;
}

static struct step **family_of(struct shapes *shapes, uint32_t family)
{
	if (family >= shapes->family_count) {
		shapes->families = mem_extend(
			shapes->families, shapes->family_count, family + (size_t)1, sizeof *shapes->families);
		shapes->family_count = family + 1;
	}
	return &shapes->families[family];
}

static bool is_like(const struct step *step, struct str frame, enum value_kind kind, bool listed)
{
	return step->kind == kind && step->listed == listed && step->length == frame.length &&
		memcmp(step->bytes, frame.data, frame.length) == 0;
}

/* The bytes are borrowed. */
static struct step *step_new(struct arena *arena, struct str frame, enum value_kind kind, bool listed)
{
	struct step *step = ARENA_NEW(arena, struct step);
	size_t length = frame.length < HEAD ? frame.length : HEAD;
	char ones[HEAD];
	memset(ones, 0xff, sizeof ones);
	memcpy(step->head, frame.data, length);
	memcpy(step->mask, ones, length);
	step->bytes = frame.data;
	step->length = (uint32_t)frame.length;
	step->kind = kind;
	step->listed = listed;
	return step;
}

/* That step among those that may come here, added at the end where it is not there; NULL: there are too many. */
static struct step *step_to(
	struct shapes *shapes, struct step **link, struct str frame, enum value_kind kind, bool listed)
{
	unsigned count = 0;
	for (; *link; link = &(*link)->other, count++)
		if (is_like(*link, frame, kind, listed))
			return *link;
	if (count < FOLLOWING_MAX)
		*link = step_new(&shapes->arena, frame, kind, listed);
	return *link;
}

/* The same bytes in the copy. What is not of the text is constant. */
static struct str moved(struct str bytes, struct str text, struct str copy)
{
	bool within = bytes.length && bytes.data >= text.data && bytes.data < text.data + text.length;
	return within ? (struct str){copy.data + (bytes.data - text.data), bytes.length} : (struct str){"", 0};
}

static struct shape *shape_new(struct arena *arena, const struct shape_sample *sample, struct str copy)
{
	struct shape *shape = ARENA_NEW(arena, struct shape);
	shape->nodes = ARENA_ARRAY(arena, struct json_node, sample->node_count);
	for (uint32_t i = 0; i < sample->node_count; i++) {
		shape->nodes[i] = sample->document.nodes[i];
		shape->nodes[i].name = moved(shape->nodes[i].name, sample->text, copy);
		shape->nodes[i].text = moved(shape->nodes[i].text, sample->text, copy);
	}
	uint32_t *found = ARENA_ARRAY(arena, uint32_t, sample->place_count);
	memcpy(found, sample->document.found, sample->place_count * sizeof *found);
	shape->document = (struct json_document){shape->nodes, found, shape};
	shape->arena = arena;
	shape->listed = ARENA_ARRAY(arena, uint32_t, sample->value_count);
	for (uint32_t i = 0; i < sample->value_count; i++)
		if (sample->values[i].node)
			shape->listed[shape->listed_count++] = sample->values[i].node;
	return shape;
}

static bool is_of_use(const struct shape_sample *sample)
{
	uint32_t from = 0;
	for (uint32_t i = 0; i < sample->value_count; from = sample->values[i++].end)
		if (sample->values[i].start - from > FRAME_MAX)
			return false;
	return sample->text.length <= TEXT_MAX && sample->text.length - from <= FRAME_MAX;
}

static void learn(struct shapes *shapes, struct step **next, const struct shape_sample *sample)
{
	const char *text = arena_text(&shapes->arena, sample->text);
	uint32_t from = 0;
	for (uint32_t i = 0; i < sample->value_count; i++) {
		const struct shape_value *value = &sample->values[i];
		struct str frame = {text + from, value->start - from};
		enum value_kind kind = text[value->start - 1] == '"' ? VALUE_TEXT : VALUE_NUMBER;
		struct step *step = step_to(shapes, next, frame, kind, value->node);
		if (!step)
			return;
		next = &step->following;
		from = value->end;
	}
	struct str rest = {text + from, sample->text.length - from};
	struct step *last = step_to(shapes, next, rest, VALUE_NONE, false);
	if (last && !last->shape)
		last->shape = shape_new(&shapes->arena, sample, (struct str){text, sample->text.length});
}

static uint64_t mix(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i += sizeof hash) {
		uint64_t word = 0;
		memcpy(&word, bytes + i, length - i < sizeof word ? length - i : sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

static uint32_t hash_of(const struct shape_sample *sample, uint32_t family)
{
	uint64_t hash = family;
	uint32_t from = 0;
	for (uint32_t i = 0; i < sample->value_count; from = sample->values[i++].end)
		hash = mix(hash, sample->text.data + from, sample->values[i].start - from);
	return (uint32_t)mix(hash, sample->text.data + from, sample->text.length - from);
}

/* Each has two places, so that two of them do not keep each other away for ever. */
static bool comes_often(struct shapes *shapes, const struct shape_sample *sample, uint32_t family)
{
	uint32_t hash = hash_of(sample, family);
	struct stranger *stranger = &shapes->strangers[hash % STRANGERS];
	struct stranger *other = &shapes->strangers[(hash ^ 1) % STRANGERS];
	if (other->hash == hash || (stranger->hash != hash && other->times < stranger->times))
		stranger = other;
	if (stranger->hash != hash)
		*stranger = (struct stranger){hash, 0};
	return ++stranger->times >= TIMES;
}

void shapes_learn(struct shapes *shapes, uint32_t family, const struct shape_sample *sample)
{
	bool full = shapes->arena.total > BYTES_MAX;
	if (full && ++shapes->missed <= MISSED_MAX)
		return;
	if (full)
		forget_all(shapes);
	if (!is_of_use(sample) || !comes_often(shapes, sample, family))
		return;
	learn(shapes, family_of(shapes, family), sample);
}

const void *shape_note(const struct shape *shape)
{
	return shape->note;
}

void shape_keep_note(struct shape *shape, const void *note, size_t size)
{
	shape->note = memcpy(arena_new(shape->arena, size), note, size);
}

void shapes_free(struct shapes *shapes)
{
	if (!shapes)
		return;
	arena_release(&shapes->arena);
	mem_free(shapes->families);
	mem_free(shapes);
}
