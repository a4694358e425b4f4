"""logins_loop.py BROKER TOPIC COUNT OUTPUT - validate and enrich logins as
examples/logins/validate.jq does, in a loop as one would write it.

Refused ones go to OUTPUT-dead with the reason. At least once: what was read is
committed each second, after what was written has arrived.
"""
import json
import re
import sys
import time

DEVICES = ("android", "ios", "web")
MINIMUM = [2, 3, 0]
MEMBERS = ("user_id", "app_version", "device_type", "ip", "locale",
           "device_id", "timestamp")
COMMIT_S = 1
YEAR_10000 = 253402300800


class Refused(Exception):
    pass


def version(text):
    if not isinstance(text, str) or not re.fullmatch("[0-9]+([.][0-9]+)*",
                                                     text):
        raise Refused(f"app_version {json.dumps(text)} is not a version")
    return ([int(number) for number in text.split(".")] + [0, 0, 0])[:3]


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def enriched(value):
    """The login with two more members; Refused, with the reason."""
    try:
        login = json.loads(value)
    except ValueError as why:
        raise Refused(f"not JSON: {why}") from why
    if not isinstance(login, dict):
        raise Refused("it is not a login")
    missing = [name for name in MEMBERS if login.get(name) is None]
    if missing:
        raise Refused("no " + ", ".join(missing))
    if login["device_type"] not in DEVICES:
        raise Refused(f"device_type {login['device_type']} is not supported")
    if version(login["app_version"]) < MINIMUM:
        raise Refused(f"app_version {login['app_version']} is below 2.3.0")
    seconds = login["timestamp"]
    if not isinstance(seconds, (int, float)) or not 0 <= seconds < YEAR_10000:
        raise Refused(f"timestamp {seconds} is not in seconds since 1970")
    login["timestamp_utc"] = utc(seconds)
    login["processed_time"] = utc(time.time())
    return login


def send(producer, topic, value, **more):
    while True:
        try:
            return producer.produce(topic, value, partition=0, **more)
        except BufferError:
            producer.poll(0.1)


def process(message, producer, output):
    try:
        login = enriched(message.value())
    except Refused as why:
        send(producer, f"{output}-dead", message.value(), key=message.key(),
             headers={"reason": str(why)})
        return
    send(producer, output, json.dumps(login, separators=(",", ":")),
         key=login["device_type"], timestamp=int(login["timestamp"] * 1000))


def main():
    from confluent_kafka import Consumer, Producer

    broker, topic, count, output = sys.argv[1:]
    consumer = Consumer({"bootstrap.servers": broker, "group.id": output,
                         "auto.offset.reset": "earliest",
                         "enable.auto.commit": False})
    producer = Producer({"bootstrap.servers": broker, "linger.ms": 50})
    consumer.subscribe([topic])
    n, committed = 0, time.monotonic()
    while n < int(count):
        message = consumer.poll(1)
        if message and not message.error():
            process(message, producer, output)
            n += 1
        producer.poll(0)
        if time.monotonic() - committed >= COMMIT_S or n == int(count):
            producer.flush()
            if n:
                consumer.commit(asynchronous=False)
            committed = time.monotonic()
    consumer.close()


if __name__ == "__main__":
    main()
