from json import dumps
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

bootstrap = "b-2.democluster.abc123.c3.kafka.us-east-1.amazonaws.com:9094,b-1.democluster.abc123.c3.kafka.us-east-1.amazonaws.com:9094"
admin = KafkaAdminClient(bootstrap_servers=bootstrap, security_protocol="SSL")
if "0c7ca7b7a6a9.user" not in admin.list_topics():
    admin.create_topics([NewTopic("0c7ca7b7a6a9.user", num_partitions=1, replication_factor=1)])
producer = KafkaProducer(bootstrap_servers=bootstrap, security_protocol="SSL", value_serializer=lambda m: dumps(m).encode())
for i in range(5):
    print(producer.send("0c7ca7b7a6a9.user", {"ind": i}).get(timeout=30).offset)
admin.close()
producer.close()
