"""Run a target from its first step to its last: fetch, generate, regenerate, check."""
