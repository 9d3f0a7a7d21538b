/* Names that the organisation uses: stages, products, campaigns and so on. */
#ifndef KPISIM_CATALOGUE_H
#define KPISIM_CATALOGUE_H

#include <stdint.h>

#define STAGE_COUNT 5
#define PRODUCT_COUNT 4
#define CAMPAIGN_COUNT 5
#define SEGMENT_COUNT 4
#define COMPETITOR_COUNT 3

enum stage { STAGE_NEW, STAGE_CONTACTED, STAGE_QUALIFIED, STAGE_DEMO, STAGE_NEGOTIATION };
enum deal_type { DEAL_NEW, DEAL_UPSELL, DEAL_CROSS_SELL, DEAL_RENEWAL };

extern const char *const stage_names[STAGE_COUNT];
extern const char *const product_names[PRODUCT_COUNT];
extern const char *const campaign_names[CAMPAIGN_COUNT];
extern const char *const segment_names[SEGMENT_COUNT];
extern const char *const competitor_names[COMPETITOR_COUNT];
extern const char *const deal_type_names[4];
extern const char *const lead_source_names[5];
extern const char *const lead_end_reasons[5];

/* What a product costs in one segment, in 10000ths. */
int64_t catalogue_price(uint8_t product, uint8_t segment);

#endif
