"""The inbox: events kept durably before they are acknowledged, then handled, in effect once.

    inbox = Inbox("postgresql://localhost/app")
    receiver = Receiver(secrets, inbox.put)
    with inbox.working(handle):
        serve()

It needs SQLAlchemy: the extra `runflow-client[inbox]`.
"""

from importlib.util import find_spec

if find_spec("sqlalchemy") is None:
    raise ModuleNotFoundError(
        "the inbox needs SQLAlchemy: pip install 'runflow-client[inbox]'", name="sqlalchemy"
    )

from ._database import Database
from ._inbox import Counts, Inbox, SetAside
from ._queue import Claim, HandlingPolicy, Outcome

__all__ = ["Claim", "Counts", "Database", "HandlingPolicy", "Inbox", "Outcome", "SetAside"]
