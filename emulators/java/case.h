/* Upper, lower and title case of java.lang.String and Character. */
#ifndef TARN_JAVA_CASE_H
#define TARN_JAVA_CASE_H

#include "java/text.h"

/* toUpperCase and toLowerCase of a text, which may grow: "ß" is "SS". */
void java_upper(struct buf *b, struct slice s);
void java_lower(struct buf *b, struct slice s);
/* Of a character alone. */
uint32_t java_upper_char(uint32_t c);
uint32_t java_lower_char(uint32_t c);
uint32_t java_title_char(uint32_t c);

#endif
