"""confluent_consumer.py BROKER TOPIC COUNT - the same loop on librdkafka."""
import sys

from confluent_kafka import Consumer

broker, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
consumer = Consumer({"bootstrap.servers": broker, "group.id": "confluent",
                     "auto.offset.reset": "earliest"})
consumer.subscribe([topic])
n = 0
while n < count:
    message = consumer.poll(1)
    if message and not message.error():
        print(message.value().decode("utf-8"))
        n += 1
consumer.close()
