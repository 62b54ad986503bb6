"""The names by which schemathesis' process and ours understand each other."""

from typing import Final

RECORD_VARIABLE: Final = "RUNFLOW_CONFORMANCE_RECORD"
DOCUMENT_VARIABLE: Final = "RUNFLOW_CONFORMANCE_DOCUMENT"
SENSIBLE_VARIABLE: Final = "RUNFLOW_CONFORMANCE_SENSIBLE"
NO_ANSWER_HEADER: Final = "x-runflow-conformance-no-answer"
"""What stands between fuzzer and server says with it that the server did not answer."""
OWN_CHECK_CODE: Final = "ST901"
"""schemathesis' code for every check that is not its own."""
