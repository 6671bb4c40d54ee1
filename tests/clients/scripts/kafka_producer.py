"""On the client machine: straight to the brokers, in plain text."""
import json
import random

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

BROKERS = ["b-1.pinterestmskcluster.w8g8jt.c12.kafka.us-east-1.amazonaws.com:9092",
           "b-2.pinterestmskcluster.w8g8jt.c12.kafka.us-east-1.amazonaws.com:9092",
           "b-3.pinterestmskcluster.w8g8jt.c12.kafka.us-east-1.amazonaws.com:9092"]
TOPIC = "0a60b9a8a831.pin"
random.seed(100)
producer = KafkaProducer(bootstrap_servers=BROKERS, value_serializer=lambda v: json.dumps(v).encode("ascii"), acks="all")
sent = [producer.send(TOPIC, {"index": random.randint(0, 11000)}).get(timeout=30).offset for _ in range(10)]
producer.flush()
print("offsets", sent[0], "to", sent[-1])
consumer = KafkaConsumer(bootstrap_servers=BROKERS, auto_offset_reset="earliest", consumer_timeout_ms=20000,
                         value_deserializer=json.loads, max_poll_records=100)
consumer.assign([TopicPartition(TOPIC, 0)])
consumer.seek(TopicPartition(TOPIC, 0), sent[0])
for message in consumer:
    print(message.topic, message.offset, message.value)
    if message.offset == sent[-1]:
        break
else:
    raise SystemExit("not all came back")
consumer.close()
