"""confluent_producer.py BROKER TOPIC COUNT - the same loop on librdkafka."""
import json
import random
import sys
from collections import OrderedDict

from confluent_kafka import Producer

broker, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
producer = Producer({"bootstrap.servers": broker})
for _ in range(count):
    price = OrderedDict()
    price["match"] = random.randint(100, 999)
    price["price"] = round(random.uniform(1, 10), 2)
    value = json.dumps(price).encode("utf-8")
    while True:
        try:
            producer.produce(topic, value)
            break
        except BufferError:
            producer.poll(0.1)
producer.flush()
