"""kafka_python_producer.py BROKER TOPIC COUNT - the obvious producer: the loop
that the feed had before it was written in C."""
import json
import random
import sys
from collections import OrderedDict

from kafka import KafkaProducer

broker, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
producer = KafkaProducer(bootstrap_servers=broker)
for _ in range(count):
    price = OrderedDict()
    price["match"] = random.randint(100, 999)
    price["price"] = round(random.uniform(1, 10), 2)
    producer.send(topic, json.dumps(price).encode("utf-8"))
producer.flush()
