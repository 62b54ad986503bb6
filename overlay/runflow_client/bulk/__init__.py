"""Many runs of one model, overnight: each paid once, whatever happens to the process.

from runflow_client import bulk

prompts = {"cat": {"prompt": "A cat"}, "dog": {"prompt": "A dog"}}
items = (bulk.Item(key, input) for key, input in prompts.items())
for result in bulk.run("google/nano-banana-pro", items, journal="pets.sqlite", output="out"):
    print(result.key, result.status, result.paths)
"""

from ._errors import (
    BulkStopped as BulkStopped,
    JournalInUse as JournalInUse,
    JournalRefused as JournalRefused,
)
from ._export import export as export, form_of as form_of
from ._items import (
    BadItem as BadItem,
    Entry as Entry,
    Item as Item,
    ItemResult as ItemResult,
    SavedFile as SavedFile,
    Summary as Summary,
    client_ref_of as client_ref_of,
)
from ._journal import Journal as Journal
from ._plan import Plan as Plan, plan as plan
from ._run import BulkRun as BulkRun, run as run
from ._settings import Retries as Retries
from ._sources import read_items as read_items
from ._template import template_mark as template_mark
