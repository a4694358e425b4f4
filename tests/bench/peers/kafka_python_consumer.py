"""kafka_python_consumer.py BROKER TOPIC COUNT - the obvious consumer: the loop
that the feed had before it was written in C."""
import sys

from kafka import KafkaConsumer

broker, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
consumer = KafkaConsumer(topic, bootstrap_servers=broker,
                         auto_offset_reset="earliest")
for n, message in enumerate(consumer, 1):
    print(message.value.decode("utf-8"))
    if n == count:
        break
