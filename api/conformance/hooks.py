"""What schemathesis cannot know of this API: what JSON Schema has no words for. Each exception stands here with its reason."""

import json
from urllib.parse import urlencode

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData

# A valid request may be refused all the same, with these problems …
REFUSED_BY_ID = {
    # ETags and cursors are opaque: what the schema allows is seldom one that the server made. Links bring real ones.
    "precondition_failed",
    "cursor_invalid",
    # A key is bound to the first request that came with it.
    "idempotency_conflict",
}
# … or these words in the detail.
REFUSED_BY_DETAIL = (
    # Of three parameters one may be given; OpenAPI has no alternatives among parameters.
    "are three ways to ask; give one of them",
    "give one of `value`, `prefix` and `domain`",
    # What lookups are sorted by depends on whether they are those of one submission.
    "sorted by `",
    # Whether a text is a domain name, or any indicator, takes the public suffix list and more.
    "`domain` is no domain name",
    "`value` is no indicator",
    "; the source takes ",
    "values is an entry, so nothing was replaced",
    # What a text/… body has to look like inside, a schema of the text does not say.
    "send one JSON string or object a line",
    "the CSV has no column",
    "no column of the CSV looks like indicators",
    # What is named has to be there.
    "there is no playbook",
    "names no remote source",
    # To JSON Schema 47.0 is an integer; a strict reader of JSON takes it for what it is written as.
    "invalid type: floating point",
    # Whether a text is a regular expression, and what it matches, no schema says; nor which kinds there are.
    "`pattern` ",
    "`examples` ",
    "`counter_examples` ",
    "there is no kind",
    # What a setting takes depends on its key.
    "` takes: expected ",
    # As above, where several types are tried: 47.0 is none of them.
    "a setting's value is a whole number",
    # Objects that differ in one field are different to JSON Schema; two limits of one window are not.
    "is the same in two limits",
    # What an address is, is told by the parser of URLs, and what a definition of a feed is, by that of TOML.
    "must be an http: or https: address",
    "`definition",
)

# Any body is a valid text, whatever it was meant to be; schemathesis knows this of text/plain alone.
TEXTS = {"text/html", "text/csv", "text/tab-separated-values", "application/x-ndjson"}

# A request's head larger than 64 KiB is none: actix refuses it before the API sees it, as the document says. Eight thousand
# characters of four bytes are more than that in percent-encoding.
LONGEST_QUERY = 60_000


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, RejectedPositiveData):
        problem = json.loads(response.content)
        return problem["id"] not in REFUSED_BY_ID and not any(text in problem["detail"] for text in REFUSED_BY_DETAIL)
    # An empty list in a header is an empty header, and that is none.
    if isinstance(failure, AcceptedNegativeData) and not (case.headers or {}).get("Last-Event-ID", "absent"):
        return False
    if isinstance(failure, AcceptedNegativeData) and case.media_type in TEXTS:
        negative = [place for place, part in case.meta.components.items() if part.mode.is_negative]
        return negative != [ParameterLocation.BODY]
    return True


@schemathesis.hook
def filter_case(context, case):
    # Keys are learnt from answers, and what limits submissions would have valid ones refused from then on.
    key = str((case.path_parameters or {}).get("key", ""))
    if case.method == "PUT" and key.startswith("intake."):
        return False
    return len(urlencode(case.query or {}, doseq=True)) < LONGEST_QUERY


@schemathesis.hook
def map_query(context, query):
    """Lets requests come further than a made-up cursor and alternatives would: those alone would be nearly all there is."""
    query = dict(query or {})
    if not is_cursor(query.get("cursor")):
        query.pop("cursor", None)
    ways = [name for name in ("value", "prefix", "domain") if name in query]
    if len(ways) == 3 or "prefix" in ways and len(ways) > 1:
        for name in ways[1:]:
            query.pop(name)
    # Nothing is learnt by waiting for a minute.
    if isinstance(query.get("wait"), int) and 1 < query["wait"] <= 60:
        query["wait"] = 1
    return query


def is_cursor(text):
    return isinstance(text, str) and len(text) > 16 and all(digit in "0123456789abcdef" for digit in text)


@schemathesis.serializer("application/x-ndjson")
def ndjson(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
