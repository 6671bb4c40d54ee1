#include "stack/services.h"

#include "rds/rds.h"
#include "kafka/kafka.h"
#include "s3/s3.h"
#include "kinesis/kinesis.h"
#include "rest/rest.h"
#include "connect/connect.h"
#include "apigateway/apigateway.h"
#include "aws/aws.h"
#include "lake/lake.h"
#include "databricks/databricks.h"
#include "streaming/streaming.h"
#include "airflow/airflow.h"

const struct service *const services[] = {
	&rds_service,
	&kafka_service,
	&s3_service,
	&kinesis_service,
	&rest_service,
	&connect_service,
	&apigateway_service,
	&aws_service,
	&lake_service,
	&databricks_service,
	&streaming_service,
	&airflow_service,
	NULL,
};
