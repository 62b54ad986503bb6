"""The document that the handlers were written for.

`python -m contract_tests.suites.mock.written_for` writes it anew, once they fit another one.
"""

WRITTEN_FOR = "aba0d754dcf9a4dd"
