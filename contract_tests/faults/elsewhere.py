"""The modules of tests that the faults are not tried on, each with the reason."""

from typing import Final

_SUITES: Final = "contract_tests/suites"

ELSEWHERE: Final = {
    f"{_SUITES}/docs/": "the pages, their blocks and the built site",
    f"{_SUITES}/bulk/": "kills processes at random moments; what is not in a list checks try",
    f"{_SUITES}/cluster/": "needs Ray or Prefect; make test-ray and make test-prefect run it",
    f"{_SUITES}/conformance/test_outside_the_document.py": "holds what a correction adds against "
    "the page that describes it",
    f"{_SUITES}/cli/": "drives the command in a terminal; what is not in a list checks try",
    f"{_SUITES}/conformance/test_vectors.py": "holds the vectors against the document, not a "
    "client",
    f"{_SUITES}/conformance/test_figures.py": "holds the figures of a run against the run",
    f"{_SUITES}/examples/": "each example is a process, too slow for every fault",
    f"{_SUITES}/faults/": "tries this",
    f"{_SUITES}/project/": "reads sources, and would notice any change",
    f"{_SUITES}/laws/test_broken_laws.py": "proves that each law is seen; laws are checks",
    f"{_SUITES}/live/": "rehearses the live profiles; their parts are tried in checks",
    f"{_SUITES}/mock/": "pages, TLS, the command and third parties: processes, browsers, sockets",
    f"{_SUITES}/server/": "runs the command, minutes for each fault; its parts are tried in checks",
    f"{_SUITES}/callbacks/test_processes.py": "takes minutes for each fault: processes are "
    "killed at every step",
    f"{_SUITES}/callbacks/test_examples.py": "runs an example in a process of its own",
}
"""Modules of tests that are no check, by the beginning of their path, and why."""
