"""What commands raise themselves. Nothing is imported here: `runflow --help` loads this module."""


class Refused(Exception):
    """Something that the user asked for and that cannot be right. Nothing was sent."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class KeyRefused(Exception):
    """The API does not take the key that came from the browser. It is not stored."""


class Interrupted(Exception):
    """Ctrl-C. What was begun continues, and `remedy` is the command that waits for it again."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class PipeClosed(Exception):
    """The reader of standard output went away."""


def continuation(kind: str, subject_id: str) -> str:
    """Return the command that waits for it again."""
    plural = {"run": "runs", "batch": "batches", "evaluation": "evaluations"}
    return f"runflow {plural.get(kind, 'runs')} wait {subject_id}"
