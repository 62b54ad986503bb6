"""The checks that the faults are tried on: each a pytest selection, with what it alone can see."""

from typing import Final

from attrs import frozen

from .elsewhere import ELSEWHERE
from .fault import ROOT, Area, Fault

_SUITES: Final = "contract_tests/suites"
_STEPS: Final = "regenerate/tests"

TEMPLATES: Final = "regenerate/generate/templates/"
"""Where the templates are of which generated/ is made."""


@frozen(kw_only=True)
class Check:
    """One column of the table."""

    name: str
    areas: tuple[Area, ...]
    files: tuple[str, ...]
    options: tuple[str, ...] = ()
    """More for pytest: -k and the like."""
    rooms: tuple[str, ...] = ("",)
    """The folders whose faults it is run with."""
    sees: str
    """What no other kind of check looks at."""
    stays: str | None = None
    """Why it stays although it catches nothing that no other check does."""

    def concerns(self, fault: Fault) -> bool:
        """Tell whether the check is run with this fault."""
        return fault.area in self.areas and any(file.startswith(self.rooms) for file in fault.files)


def _in(suite: str, *modules: str) -> tuple[str, ...]:
    return tuple(f"{_SUITES}/{suite}/test_{module}.py" for module in modules)


GENERATION: Final = Check(
    name="generation",
    areas=("client",),
    files=(),
    rooms=(TEMPLATES,),
    sees="that the templates still make a client which the gates of `make generate` let through",
)
"""No pytest selection: what cannot be generated cannot be tested either."""

_CHECKS: Final = (
    Check(
        name="requests",
        areas=("client",),
        files=_in("conformance", "requests"),
        options=("-k", "not edge"),
        sees="what schemathesis drew for each operation, bound to the typed arguments, as it "
        "must be on the wire",
    ),
    Check(
        name="request edges",
        areas=("client",),
        files=_in("conformance", "requests"),
        options=("-k", "edge"),
        sees="requests written by hand: slashes and dots in a path, unicode, null against unset, "
        "offsets, big integers",
        stays="frozen and in no language, as the requests are: the traps that real clients fell "
        "into, one by one",
    ),
    Check(
        name="responses",
        areas=("client",),
        files=_in("conformance", "responses"),
        options=("-k", "not edge and not broken and not undocumented"),
        sees="documented bodies drawn by the mirror description: typed, complete, and the same "
        "when written back",
        stays="frozen and in no language: every documented answer of every operation, also those "
        "that nothing else reads",
    ),
    Check(
        name="response edges",
        areas=("client",),
        files=_in("conformance", "responses"),
        options=("-k", "edge or broken or undocumented"),
        sees="answers written by hand: unknown fields and values, nulls, bodies that break the "
        "schema, other statuses",
    ),
    Check(
        name="callback vectors",
        areas=("client",),
        files=_in("conformance", "callbacks"),
        sees="signed callbacks, sound, changed and signed wrongly, as any SDK must judge and "
        "read them",
        stays="can be given to any SDK; this client's own suites find the same faults",
    ),
    Check(
        name="shared modules",
        areas=("client",),
        files=_in(
            "conformance",
            "readers",
            "writers",
            "every_value",
            "generated_client",
            "shared_values",
            "shared_edges",
            "open_enums",
            "every_model",
        ),
        sees="what all operations share, function by function, also what our document does not "
        "use; models by constructor",
    ),
    Check(
        name="laws",
        areas=("client", "server"),
        files=_in("laws", "laws"),
        options=("-k", "test_the_laws_hold and not lost and not trouble"),
        sees="whole lives in any order: created is found, terminal stays, pages lose nothing, "
        "nothing is billed twice",
        stays="looks for orders of calls that no test lists, on any server; each law that it "
        "knows is tried alone, too",
    ),
    Check(
        name="laws in trouble",
        areas=("client",),
        files=_in("laws", "laws"),
        options=("-k", "lost or trouble"),
        sees="the same laws while answers are lost, cut or refused",
        stays="plays the whole client on a broken network in drawn orders; what it once found "
        "became a test of its own",
    ),
    Check(
        name="laws of resources",
        areas=("client", "server"),
        files=_in("laws", "law_checks"),
        sees="one law after another: organizations, assets, secrets, batches, money, callbacks, "
        "what is deleted stays so",
    ),
    Check(
        name="creating",
        areas=("client",),
        files=(*_in("client/creating", "creation"), *_in("client/waiting", "concurrency")),
        sees="that a run is paid for once whatever the network does, and found again by the "
        "create that it belongs to",
        stays="draws sequences of troubles and counts what was billed; what it once found became "
        "a test of its own",
    ),
    Check(
        name="waiting",
        areas=("client",),
        files=(
            *_in("client/waiting", "waiting", "shared_polling"),
            *_in("client", "run_options"),
            *_in("mock", "no_real_time"),
        ),
        sees="deadlines, poll schedules, endings, and many waits at once, on a stepped clock",
    ),
    Check(
        name="one request",
        areas=("client",),
        files=(*_in("client", "client"), *_in("client/network", "bodies", "connections")),
        sees="what becomes of one request: retries, Retry-After, redirects, errors, bodies "
        "without end",
    ),
    Check(
        name="resources",
        areas=("client",),
        files=_in("client", "resources"),
        sees="lists in both directions, batches, evaluations, logs and balance through the "
        "public methods",
    ),
    Check(
        name="settings and secrecy",
        areas=("client",),
        files=(*_in("client/arguments", "settings"), *_in("client", "secrecy", "imports")),
        sees="what is refused before anything is sent, and that no key, secret or signed URL is "
        "ever shown",
    ),
    Check(
        name="verification",
        areas=("client",),
        files=(
            *_in(
                "callbacks",
                "callback_verification",
                "receiving",
                "adapters",
                "bare_bodies",
                "bodies_read_before",
                "secret_values",
            ),
        ),
        sees="signature, headers and limits of a callback through every framework's own server",
    ),
    Check(
        name="inbox",
        areas=("client",),
        files=_in("callbacks", "inbox", "workers", "leases", "databases"),
        sees="that an event is kept before it is answered, handled once, and tried again",
    ),
    Check(
        name="rotation, waking, outages",
        areas=("client",),
        files=_in("callbacks", "secrets", "rotation", "waking", "outage"),
        options=("-k", "not five_hundred"),  # half a minute for each fault; the rest plays it small
        sees="secrets replaced without a gap, waits that end with the callback, events that came "
        "before anything listened",
    ),
    Check(
        name="uploads",
        areas=("client",),
        files=_in("files", "uploads"),
        sees="the three steps of an upload, and what the storage host is told and not told",
    ),
    Check(
        name="downloads",
        areas=("client",),
        files=_in(
            "files",
            "downloads",
            "encoded_bodies",
            "saving",
            "bad_files",
            "outputs",
            "addresses",
            "resolved_addresses",
            "resolving",
        ),
        sees="files that are whole or not there, named safely, from addresses that are allowed",
    ),
    Check(
        name="inputs and prices",
        areas=("client",),
        files=(
            *_in("inputs", "checks", "classes", "dicts", "client_estimates", "estimates"),
            *_in("files", "media_types"),
        ),
        sees="typed inputs checked before money is spent, and what a run will cost",
    ),
    Check(
        name="lists",
        areas=("client",),
        files=(
            *_in("client", "calls", "constants", "errors", "troubles"),
            *_in("client/tables", "tables"),
            *_in("callbacks", "answers_of_receivers", "inbox_lives"),
            *_in("inputs", "field_checks"),
            *_in("bulk", "bulk_stories", "every_moment", "exports", "journal_steps", "pace"),
            *_in("files", "transfers"),
            *_in("cli", "browser", "commands", "creates", "endings", "listen", "listen_in_trouble"),
            *_in("cli", "login", "pictures", "pieces", "streams", "transfers", "upstream"),
            *_in("cli", "waiting", "whole_file"),
        ),
        sees="what the client sends, returns, says and keeps, written down to the last word; bulk "
        "runs and the command, too",
    ),
    Check(
        name="other documents",
        areas=("client",),
        files=tuple(
            f"regenerate/tests/{package}/test_{module}.py"
            for package, module in (
                ("generate", "client"),
                ("generate", "responses"),
                ("generate", "types"),
                ("correct", "unions"),
                ("generate", "values"),
                ("generate", "wire"),
            )
        ),
        rooms=(TEMPLATES,),
        sees="what our document does not use: forms, files, cookies, unions, clients made of "
        "other documents",
        stays="it alone shows that what our document does not use is made at all, where the "
        "shared modules are only read",
    ),
    Check(
        name="schemathesis",
        areas=("server",),
        files=_in("mock", "fuzz"),
        sees="every operation against the document: drawn requests, answers validated, invalid "
        "requests refused",
    ),
    Check(
        name="scenarios",
        areas=("server",),
        files=_in("mock", "scenarios", "stories", "restarts_change_nothing", "views"),
        rooms=("contract_tests/runflow_mock/",),
        sees="each service of the mock server to the last field, header, callback and amount",
    ),
    Check(
        name="single rules",
        areas=("server",),
        files=_in(
            "mock",
            *("account", "asgi", "assets", "batches", "body_faults", "callbacks", "catalog"),
            *("constants", "contract", "control", "derived_fields", "differences", "drawn_text"),
            *("empty_values", "evaluations", "fault_tables", "faults", "filters", "idle_clock"),
            *("kept_state", "lists", "money", "nested", "options", "organizations", "outputs"),
            *("page", "passing_time", "persistence", "plans", "public_names", "requests"),
            *("restart", "routing", "runs", "scopes", "sender", "settings", "simulation_tables"),
            *("spelling", "state_tables", "storage", "tables", "webhooks"),
        ),
        rooms=("contract_tests/runflow_mock/",),
        sees="one rule of the mock server alone, also with documents that are not ours",
    ),
    Check(
        name="differences",
        areas=("server",),
        files=(
            *_in("server", "constants", "every_difference", "options", "proxies", "schemathesis"),
            *_in("server", "tap", "threads"),
            *_in("laws", "law_functions", "law_checks", "law_requests"),
            *_in("live", "guard", "parts", "proposals", "reports", "spending"),
        ),
        rooms=("contract_tests/runflow_conformance/",),
        sees="what the conformance tool finds in bent requests and answers, its reports and "
        "options, what each law asks, and which bends of each answer it sees; the live profile",
    ),
)

_SUITES_OF_THE_CLIENT: Final = ("client", "callbacks", "files", "inputs")


def _rest() -> tuple[str, ...]:
    """Give the modules of tests of the client that neither a check above nor ELSEWHERE names."""
    named = {file for check in _CHECKS for file in check.files}
    found = (
        path
        for suite in _SUITES_OF_THE_CLIENT
        for path in sorted((ROOT / _SUITES / suite).rglob("test_*.py"))
    )
    files = (path.relative_to(ROOT).as_posix() for path in found)
    return tuple(
        file for file in files if file not in named and not file.startswith(tuple(ELSEWHERE))
    )


def _of_the_pipeline(name: str, steps: tuple[str, ...], sees: str) -> Check:
    """Give the check of these steps of the pipeline: their own tests, run with faults in them."""
    found = (path for step in steps for path in (ROOT / _STEPS / step).glob("test_*.py"))
    return Check(
        name=name,
        areas=("pipeline",),
        files=tuple(sorted(path.relative_to(ROOT).as_posix() for path in found)),
        rooms=tuple(f"regenerate/{step}/" for step in steps),
        sees=sees,
    )


CHECKS: Final = (
    GENERATION,
    *_CHECKS,
    Check(
        name="flows",
        areas=("client",),
        files=_rest(),
        sees="one flow or one rule alone, on scripted answers and a stepped clock, to the last "
        "request and word",
    ),
    _of_the_pipeline(
        "taking a document",
        ("fetch", "project", "targets"),
        sees="what is taken and what is refused, all or nothing, and what is said of it",
    ),
    _of_the_pipeline(
        "correcting",
        ("correct", "document", "naming"),
        sees="that documents which say the same become the same bytes, with our names, and that "
        "corrections follow them",
    ),
    _of_the_pipeline(
        "findings",
        ("lint",),
        sees="what the generator would drop or break, with the place and the remedy",
    ),
    _of_the_pipeline(
        "typed inputs",
        ("inputs",),
        sees="the catalog read and written back, and the classes that are made of it",
    ),
    _of_the_pipeline(
        "comparing",
        ("changes",),
        sees="two documents: what breaks for programs, and which feature of the overlay is hit",
    ),
)
"""In the order of the table's columns."""
