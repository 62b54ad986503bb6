"""Scenarios: calls of one area of the server in every state that its resources can have.

`RUNFLOW_WRITE_SNAPSHOTS=1 pytest contract_tests/suites/mock/test_scenarios.py` writes the snapshots
anew. What changed in them is what programs that are tested with the server will see.
"""
