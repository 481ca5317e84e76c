"""Gives the server under test something to show: submissions of every format, with rejects, remote answers and dead letters, an
ignore list with entries, a custom kind, a playbook. Ends when all of it is there.

    python seed.py http://127.0.0.1:18400
"""

import json
import sys
import time
import urllib.request

BASE = sys.argv[1]
# Seconds within which everything is there; it takes two or three.
PATIENCE = 120


def ask(method, path, body=None, media_type="application/json"):
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    request = urllib.request.Request(BASE + path, method=method, data=body.encode() if body is not None else None)
    if body is not None:
        request.add_header("Content-Type", media_type)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def eventually(what, look):
    until = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > until:
            sys.exit(f"seed: {what} did not come about within {PATIENCE} s")
        time.sleep(0.1)


def submit(path, body, media_type="application/json"):
    made = ask("POST", f"/api/v1/submissions?{path}", body, media_type)
    eventually(f"the end of submission {made['id']}", lambda: ask("GET", f"/api/v1/submissions/{made['id']}")["state"] == "done")


def main():
    # Sources are listed once a worker has made them known.
    eventually("the list of sources", lambda: len(ask("GET", "/api/v1/sources")["sources"]) > 5)
    ask("POST", "/api/v1/ignore-lists", {"slug": "ours", "name": "Our own names", "action": "refuse"})
    ask("POST", "/api/v1/ignore-lists/ours/entries", "example.org\n198.51.100.0/24\n", "text/plain")
    ask("POST", "/api/v1/kinds", {"slug": "employee_id", "name": "Employee number", "pattern": "E-[0-9]{5}", "examples": ["E-12345"]})
    ask("POST", "/api/v1/playbooks", {"slug": "mail", "name": "Mail", "sources": {"choice": "these", "slugs": ["internetdb"]}})
    submit("wait=0", "hxxps://login[.]evil[.]example/a\n192.0.2.1\nhello\n192.0.2.1:8080\nE-12345\n", "text/plain")
    submit("text=prose", "Dropped by hxxps[:]//cdn[.]evil[.]example[.]co[.]uk/a.exe, C2 203.0.113[.]7:443", "text/plain")
    submit("column=ip", "ip,seen\n8.8.8.8,3\n,1\n", "text/csv")
    submit("field=value", '{"value": "8.8.4.4"}\n{"value": 1}\n', "application/x-ndjson")
    # One address is known, two CVEs become dead letters, and a rest of the quota is left for the run.
    submit("playbook=everything&sources=internetdb,epss,structure", "203.0.113.9\nCVE-2021-44228\nCVE-2014-0160\nhttp://a.example/x\n", "text/plain")
    letters = ask("GET", "/api/v1/dead-letters")["dead_letters"]
    if len(letters) != 2:
        sys.exit(f"seed: not two dead letters: {letters}")


main()
