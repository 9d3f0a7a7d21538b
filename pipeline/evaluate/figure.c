#include "pipeline/evaluate/figure.h"

#include <stddef.h>

const char *figure_reason_name(enum figure_reason reason)
{
	switch (reason) {
	case FIGURE_VALUE:
		return NULL;
	case FIGURE_NO_DATA:
		return "no_data";
	case FIGURE_ZERO_DENOMINATOR:
		return "zero_denominator";
	case FIGURE_BASE:
		return "base";
	case FIGURE_SAMPLE:
		return "sample";
	case FIGURE_OVERFLOW:
		return "overflow";
	case FIGURE_MATURING:
		return "maturing";
	}
	return NULL;
}
