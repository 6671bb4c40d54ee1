/* consumer.override.*: what a connector says of its tasks' consumers (connector.client.config.override.policy=All). */
#ifndef TARN_CONNECT_OVERRIDE_H
#define TARN_CONNECT_OVERRIDE_H

#include "connect/props.h"

/* One of them by its consumer's name; dflt where it isn't given or empty. */
const char *con_override(const struct con_config *c, const char *key, const char *dflt);
/* ConsumerConfig's own validation. Errors: INVALID, the exception of KafkaConsumer's constructor. */
int con_overrides_check(const struct con_config *c, struct error *err) WARN_UNUSED;

#endif
