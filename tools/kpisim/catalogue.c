#include "tools/kpisim/catalogue.h"

const char *const stage_names[STAGE_COUNT] = {"new", "contacted", "qualified", "demo", "negotiation"};
const char *const product_names[PRODUCT_COUNT] = {"basic", "pro", "enterprise", "Größe XL"};
const char *const campaign_names[CAMPAIGN_COUNT] = {
	"webinar", "trade-fair", "search-ads", "Frühjahrsaktion", "partners"};
const char *const segment_names[SEGMENT_COUNT] = {"smb", "mid", "enterprise", "public"};
const char *const competitor_names[COMPETITOR_COUNT] = {"acme", "globex", "Müller & Söhne"};
const char *const deal_type_names[4] = {"new", "upsell", "cross_sell", "renewal"};
const char *const lead_source_names[5] = {"web", "referral", "fair", "cold_call", "partner"};
const char *const lead_end_reasons[5] = {"no budget", "no answer", "competitor", "timing", "not a fit"};

int64_t catalogue_price(uint8_t product, uint8_t segment)
{
	static const int64_t prices[PRODUCT_COUNT] = {4900000, 14900000, 59000000, 99000000};
	static const int64_t factors[SEGMENT_COUNT] = {2, 5, 14, 9};

	return prices[product] * factors[segment];
}
