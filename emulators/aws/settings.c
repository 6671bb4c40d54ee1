/* What of stack.conf the control planes read. */
#include "aws/aws.h"

const struct setting aws_settings[] = {
	{ "keypairs", "*", "rsa", "a key pair of EC2 by that name, made of the seed when it is first asked for; its private half is /ec2/keypair/ID in "
	  "Parameter Store", SETTING_TEXT, "rsa|ed25519" },
	{ "parameters", "*", NULL, "a parameter of Parameter Store by that name: its value, or \"keypair NAME\" for the private half of one of [keypairs]",
	  SETTING_TEXT },
	{ "ec2", "*", NULL, "a machine of EC2 by that name, kept as a document: host=ec2-1-2-3-4.compute-1.amazonaws.com key=NAME of [keypairs] "
	  "type=t2.micro role=NAME", SETTING_TEXT },
	{ "roles", "*", NULL, "a role of IAM by that name: trust=SERVICE,ACCOUNT,ARN or trust=FILE.json policies=NAME,ARN policy=FILE.json "
	  "instance_profile=yes", SETTING_TEXT },
	{ "rds", "instance", "tarn", "the DBInstanceIdentifier of the stack's database; with nothing there is none" },
	{ "rds", "host", NULL, "the name that it is told to have; without it INSTANCE.HASH.REGION.rds.amazonaws.com" },
	{ "msk", "cluster", "tarn-msk-cluster", "the name of the stack's MSK cluster; with nothing there is none" },
	{ "msk", "version", "2.8.1", "the version of Kafka that it tells of" },
	{ "msk", "instance", "kafka.m5.large", "the machines that it tells of" },
	{ "msk", "brokers", "3", "how many brokers it tells of; where it is said, Kafka has as many, else one answers to all their names", SETTING_INT, NULL, 3, 15 },
	{ "msk", "connect", NULL, "http://HOST:PORT of the Connect worker in which MSK Connect's connectors run; without it this process's" },
	{ NULL },
};
