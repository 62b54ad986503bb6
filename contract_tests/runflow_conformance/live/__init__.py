"""Checks Runflow's live API: read-only, rate-limited, recorded without secrets."""
