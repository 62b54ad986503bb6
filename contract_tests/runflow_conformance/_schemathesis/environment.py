"""Names that our process and that of schemathesis share: variables, a header, a check code."""

from typing import Final

RECORD_VARIABLE: Final = "RUNFLOW_CONFORMANCE_RECORD"
DOCUMENT_VARIABLE: Final = "RUNFLOW_CONFORMANCE_DOCUMENT"
BUDGET_VARIABLE: Final = "RUNFLOW_CONFORMANCE_BUDGET"
REALISTIC_VARIABLE: Final = "RUNFLOW_CONFORMANCE_REALISTIC"
NO_RESPONSE_HEADER: Final = "x-runflow-conformance-no-response"
"""Set by the live gateway on a response that is not the server's: there was none."""
OWN_CHECK_CODE: Final = "ST901"
"""The code that schemathesis gives to every custom check."""
