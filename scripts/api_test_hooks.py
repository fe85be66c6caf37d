"""What schemathesis is told beside the API's description: which answers came, and which page a browser would speak for."""

import atexit
import json
import os
import threading
from collections import Counter, defaultdict

import schemathesis

answers = defaultdict(Counter)
lock = threading.Lock()


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        answers[case.operation.label][str(response.status_code)] += 1


@schemathesis.hook
def map_body(context, body):
    """A page speaks for its own site alone, which no description can know."""
    if isinstance(body, dict) and body.get("url") == "/":
        return {**body, "url": f"{os.environ.get('API_TEST_ADDRESS', '')}/"}
    return body


@atexit.register
def tell():
    path = os.environ.get("API_TEST_STATUSES")
    if path:
        with open(path, "w") as file:
            json.dump(answers, file)
