#!/usr/bin/env python3
"""Asks the running program whatever its own /openapi.json allows, and what it does not: `scripts/api_test.py BINARY`.

schemathesis makes the requests and judges the answers. Beyond that every operation has to reach a 2xx. An operation is one test; the
figures go to target/api-test.json, for scripts/test."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOOKS = ROOT / "scripts" / "api_test_hooks.py"
SEED = "20261122"
# As many as fit into about three minutes on two cores.
EXAMPLES = os.environ.get("API_TEST_EXAMPLES", "40")
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
]
# No operation and none of these checks is left out anywhere. The other checks of schemathesis are: most of them ask whether what the
# description allows is accepted, and rules of several parameters (`from` needs `to`, cities have no spend) cannot be said there.


def main(binary):
    with tempfile.TemporaryDirectory(prefix="dispatcher-api-") as folder:
        server, address, tokens = start(Path(binary).resolve(), Path(folder))
        try:
            told = json.load(urllib.request.urlopen(f"{address}/openapi.json"))
            operations = {f"{method.upper()} {path}" for path, item in told["paths"].items() for method in item}
            put_order(address, tokens["write"])
            failed, statuses = judge(Path(folder), address, tokens)
        finally:
            server.terminate()
            server.wait(15)
    for name in sorted(operations):
        answers = statuses.get(name, {})
        if not any(status.startswith("2") for status in answers):
            failed.setdefault(name, []).append(f"no answer of it was a 2xx: {answers or 'it was not asked'}")
    for name, reasons in sorted(failed.items()):
        print(f"\nFAILED {name}", *reasons, sep="\n  ")
    asked = sum(sum(answers.values()) for answers in statuses.values())
    figures = {"passed": len(operations - failed.keys()), "failed": len(failed), "requests": asked}
    (ROOT / "target").mkdir(exist_ok=True)
    (ROOT / "target" / "api-test.json").write_text(json.dumps(figures))
    print(f"\n{figures['passed']} operations as they say, {figures['failed']} not, {asked} requests")
    return 1 if failed else 0


def start(binary, folder):
    """A server with demo data on a port of its own, and a token for each scope."""
    (folder / "Leptos.toml").write_text('[spool]\nfile = "spool"\nsize = 4194304\n')
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:{folder / 'shop.db'}", "RUST_LOG": "error"}

    def run(*words):
        done = subprocess.run([binary, *words], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip().splitlines()

    (folder / "visitor.jsonl").write_text(json.dumps(visit()))
    run("demo", "--sessions", "1500", "--days", "40", "--seed", "1")
    run("import", "visitor.jsonl")
    tokens = {scope: run("token", "add", scope, "--scope", scope)[-1] for scope in ("read", "write")}
    words = [binary, "serve", "--addr", "127.0.0.1:0", "--site-root", ROOT / "target" / "site"]
    server = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    line = server.stdout.readline()
    if not line:
        sys.exit("the server did not start: see above")
    return server, line.split()[-1], tokens


def visit():
    """The visit of the visitor whom the description's examples name, a little before what they tell of."""
    at = "2025-11-20T07:10:00Z"
    return {"type": "session", "id": "s-1", "visitor": "0123456789abcdef0123456789abcdef", "started_at": at, "last_seen": at,
            "url": "https://shop.example/"}


def put_order(address, token):
    """An order that can be looked at."""
    order = {"created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "total": "1499.00", "payment_status": "paid"}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/v1/orders/A-1", json.dumps(order).encode(), headers, method="PUT")
    assert urllib.request.urlopen(request).status == 200


def judge(folder, address, tokens):
    """What failed of which operation, and how often each was answered with which status."""
    (folder / "schemathesis.toml").write_text(
        f'hooks = "{HOOKS}"\n'
        f'[auth.openapi.read_token]\nbearer = "{tokens["read"]}"\n'
        f'[auth.openapi.write_token]\nbearer = "{tokens["write"]}"\n'
        # Who asks on this machine needs no token for them: a proxy's header makes the asker a stranger.
        '[[operations]]\ninclude-name = "GET /metrics"\nheaders = { X-Forwarded-For = "203.0.113.7" }\n'
    )
    report, statuses = folder / "junit.xml", folder / "statuses.json"
    command = [
        *[Path(sys.executable).parent / "schemathesis", "--config-file", folder / "schemathesis.toml", "run"],
        *[f"{address}/openapi.json", "--url", address, "--checks", ",".join(CHECKS), "--seed", SEED],
        # One worker: two threads in Python's parser at once can end in "AST constructor recursion depth mismatch" (CPython issue 106905).
        *["--max-examples", EXAMPLES, "--workers", "1", "--continue-on-failure", "--request-timeout", "20"],
        *["--suppress-health-check", "all", "--warnings", "off", "--no-color", "--report", "junit"],
        *["--report-junit-path", report],
    ]
    environment = {**os.environ, "API_TEST_STATUSES": str(statuses), "API_TEST_ADDRESS": address}
    done = subprocess.run(command, cwd=folder, env=environment)
    failed = {}
    for case in xml.parse(report).getroot().iter("testcase"):
        reasons = [(it.get("message") or it.text or "").strip() for kind in ("failure", "error") for it in case.iter(kind)]
        if reasons:
            failed.setdefault(case.get("name"), []).extend(reasons)
    if done.returncode != 0 and not failed:
        failed["schemathesis itself"] = [f"it ended with {done.returncode}: see above"]
    return failed, json.loads(statuses.read_text())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "dispatcher"))
