"""The exit codes of the command, told apart so that scripts can act on them."""

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What the command ends with. `runflow --help` lists them."""

    OK = 0
    OTHER = 1
    REFUSED = 2
    API_REFUSED = 3
    RUN_FAILED = 4
    TIME_UP = 5
    NO_ANSWER = 6
    OUTCOME_UNKNOWN = 7
    STOPPED = 8
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANINGS: Final[dict[ExitCode, str]] = {
    ExitCode.OK: "done",
    ExitCode.OTHER: "this machine failed: a full disk, a missing folder, a defect here",
    ExitCode.REFUSED: "refused by this program: nothing was sent and nothing paid",
    ExitCode.API_REFUSED: "refused by the API: a wrong key, no credit, an unknown id, bad input",
    ExitCode.RUN_FAILED: "the run, batch or evaluation failed or was canceled; an item did",
    ExitCode.TIME_UP: "time is up; the run continues",
    ExitCode.NO_ANSWER: "no answer from the API or its storage, or none that can be trusted",
    ExitCode.OUTCOME_UNKNOWN: "a create got no answer: a run may exist",
    ExitCode.STOPPED: "a bulk run stopped at --max-cost or --stop-after: start it again",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C; the run continues",
    ExitCode.PIPE_CLOSED: "the reader of the output went away",
}
