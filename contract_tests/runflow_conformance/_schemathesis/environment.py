"""The names by which schemathesis' process and ours understand each other."""

from typing import Final

RECORD_VARIABLE: Final = "RUNFLOW_CONFORMANCE_RECORD"
DOCUMENT_VARIABLE: Final = "RUNFLOW_CONFORMANCE_DOCUMENT"
REALISTIC_VARIABLE: Final = "RUNFLOW_CONFORMANCE_REALISTIC"
NO_RESPONSE_HEADER: Final = "x-runflow-conformance-no-response"
"""What stands between fuzzer and server says with it that the server did not answer."""
OWN_CHECK_CODE: Final = "ST901"
"""schemathesis' code for every check that is not its own."""
