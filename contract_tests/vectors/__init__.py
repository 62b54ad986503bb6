"""The frozen conformance vectors, what collects them, and what replays them. Not shipped."""
