"""Drawn tests have no limit of time but that of every test: a slow machine is no failure.

Hypothesis takes a fifth of a second for one example, and slow drawing, for a fault of the test.
Environments whose tests draw nothing, such as that of Ray, do without it.
"""

from contextlib import suppress

with suppress(ModuleNotFoundError):
    from hypothesis import HealthCheck, settings

    settings.register_profile("suites", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("suites")
