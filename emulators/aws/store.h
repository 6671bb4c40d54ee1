/* The queries of aws.db: those of its documents, then those of each subject with rows of its own. */
#ifndef TARN_AWS_STORE_H
#define TARN_AWS_STORE_H

#include "aws/store_logs.h"
#include "aws/store_metrics.h"
#include "aws/store_trail.h"
#include "core/docs.h"

enum { AWS_Q_LOGS = DOCS_Q, AWS_Q_METRICS = AWS_Q_LOGS + LOGS_Q_COUNT,
       AWS_Q_TRAIL = AWS_Q_METRICS + METRICS_Q_COUNT, AWS_Q = AWS_Q_TRAIL + TRAIL_Q_COUNT };

#endif
