/* The clocks. Only daemon/ and tools/ read them; pure code gets the time as a parameter. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);   /* since 1970, may step */
int64_t clock_steady_us(void); /* never steps back; for durations and deadlines */
int64_t clock_thread_us(void); /* processor time of the calling thread */

#endif
