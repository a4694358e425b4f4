#!/usr/bin/python3
"""openapi.py - compare what pf-web answers with web/openapi.json.

    tests/it/openapi.py BASE [STATUS:]PATH...    such as 404:/api/v1/topics/none
    tests/it/openapi.py --all BASE [STATUS:]PATH...

Gets each PATH of the server at BASE. Its status must be STATUS (200), and its
type and content as the file says for that: a member that the file does not have
is a mistake, as is one that the answer does not have. Of a stream of events one
of each name is awaited. With --all each path of the file must be among those
that were asked for. Prints what is wrong, and ends with 1 then.

It is run by Debian's python3, which has Debian's jsonschema.
"""
import json
import os
import re
import sys
import urllib.error
import urllib.request

import jsonschema

AWAIT_S = 20  # an answer, or an event

FILE = os.path.join(os.path.dirname(__file__), "../../web/openapi.json")
with open(FILE, encoding="utf-8") as file:
    API = json.load(file)


def resolved(part):
    """What a reference within the file refers to."""
    while "$ref" in part:
        at = API
        for name in part["$ref"].removeprefix("#/").split("/"):
            at = at[name]
        part = at
    return part


def mistakes(schema, value):
    """What is wrong with a value, if anything is."""
    whole = {**schema, "components": API["components"]}
    validator = jsonschema.Draft202012Validator(whole)
    for error in validator.iter_errors(value):
        best = jsonschema.exceptions.best_match([error])
        place = "/".join(map(str, best.absolute_path))
        yield f"{place or 'the answer'}: {best.message[:300]}"


def template(path):
    """The path of the file that this one is of."""
    path = path.split("?")[0]
    if path in API["paths"]:
        return path
    for one in API["paths"]:
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(one)), path):
            return one
    sys.exit(f"{path} is not in {FILE}")


def events(answer, schemas):
    """Compare one event of each name."""
    left = dict(schemas)
    name = None
    for line in answer:
        line = line.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
            if name not in schemas:
                yield f"there is an event {name}"
        elif line.startswith("data: "):
            data = json.loads(line.removeprefix("data: "))
            yield from mistakes(schemas.get(name, {}), data)
            left.pop(name, None)
        elif line and not line.startswith(":"):
            yield f"'{line[:80]}' is not a line of an event"
        if not left:
            return
    yield f"it has ended without {', '.join(left)}"


def compare(base, path, status):
    """Ask for a path; what is wrong with the answer."""
    try:
        answer = urllib.request.urlopen(base + path, timeout=AWAIT_S)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        if answer.status != status:
            yield f"{answer.status}: {answer.read(1000)}"
            return
        responses = API["paths"][template(path)]["get"]["responses"]
        response = resolved(responses.get(str(status), responses["default"]))
        kind = answer.headers.get_content_type()
        if kind not in response["content"]:
            yield f"{kind} is not one of {', '.join(response['content'])}"
            return
        content = response["content"][kind]
        if "x-events" in content:
            yield from events(answer, content["x-events"])
        elif kind == "application/json":
            yield from mistakes(content["schema"], json.load(answer))


def main():
    words = sys.argv[1:]
    wants_all = words[0] == "--all"
    base = words[wants_all]
    left = set(API["paths"]) if wants_all else set()
    wrong = []
    for schema in API["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for word in words[wants_all + 1:]:
        status, colon, path = word.partition(":") if word[0] != "/" else (
            "200", ":", word)
        if not colon or not status.isdecimal():
            sys.exit(f"{word} is not STATUS:PATH; a path begins with /")
        left.discard(template(path))
        wrong += [f"{word}: {one}" for one in compare(base, path, int(status))]
    wrong += [f"{one} was not asked for" for one in sorted(left)]
    print("\n".join(wrong) or "all answers are as the file says")
    sys.exit(1 if wrong else 0)


main()
