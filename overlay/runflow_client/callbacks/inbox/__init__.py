"""The inbox: events stored durably before they are acknowledged, then handled, in effect once.

    inbox = Inbox("postgresql://localhost/app")
    receiver = Receiver(secrets, inbox.put)
    with inbox.working(handle):
        serve()

It needs SQLAlchemy: the extra `runflow-client[inbox]`.
"""

from importlib.util import find_spec

if find_spec("sqlalchemy") is None:
    raise ModuleNotFoundError(
        'the inbox needs SQLAlchemy: pip install "runflow-client[inbox]"', name="sqlalchemy"
    )

from ._database import Database
from ._inbox import Counts, DeadLetter, Inbox
from ._lease import Lease, Outcome
from ._queue import HandlingPolicy

__all__ = ["Counts", "Database", "DeadLetter", "HandlingPolicy", "Inbox", "Lease", "Outcome"]


def __dir__() -> list[str]:
    return __all__
