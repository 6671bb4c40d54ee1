#include "tarn/services.h"

#ifdef HAVE_rds
#include "rds/rds.h"
#endif
#ifdef HAVE_kafka
#include "kafka/kafka.h"
#endif
#ifdef HAVE_s3
#include "s3/s3.h"
#endif
#ifdef HAVE_kinesis
#include "kinesis/kinesis.h"
#endif
#ifdef HAVE_rest
#include "rest/rest.h"
#endif
#ifdef HAVE_connect
#include "connect/connect.h"
#endif
#ifdef HAVE_apigateway
#include "apigateway/apigateway.h"
#endif
#ifdef HAVE_lake
#include "lake/lake.h"
#endif
#ifdef HAVE_airflow
#include "airflow/airflow.h"
#endif

const struct service *const services[] = {
#ifdef HAVE_rds
	&rds_service,
#endif
#ifdef HAVE_kafka
	&kafka_service,
#endif
#ifdef HAVE_s3
	&s3_service,
#endif
#ifdef HAVE_kinesis
	&kinesis_service,
#endif
#ifdef HAVE_rest
	&rest_service,
#endif
#ifdef HAVE_connect
	&connect_service,
#endif
#ifdef HAVE_apigateway
	&apigateway_service,
#endif
#ifdef HAVE_lake
	&lake_service,
#endif
#ifdef HAVE_airflow
	&airflow_service,
#endif
	NULL,
};
