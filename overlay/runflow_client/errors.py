"""Every exception of this package. All of them are `RunflowError`; `runflow_client` exports them
too.

RunflowError
    InvalidArgument              refused before anything was sent
        MaxCostExceeded          the estimate is above `max_cost`, or there is none
    ApiError                     the API answered with an error status
        BadRequest 400, Unauthorized 401, InsufficientCredit 402, PermissionDenied 403,
        NotFound 404, Conflict 409, ValidationFailed 422, RateLimited 429, ServerError 5xx
    TransportError               no answer, or one that cannot be read
        ConnectFailed            the request never left
        RequestTimeout           no answer in time
        ConnectionLost           the connection broke after the request had begun
        SendFailed               the HTTP client failed on its own account, or one of its hooks
        UnreadableAnswer         an answer that is not what the document promises
            RedirectRefused      a redirect: none is followed
            StorageRefused, WrongContent, DownloadTooLarge   from the storage that holds files
    OutcomeUnknown               a create whose answer was lost and whose run was not found
    RunError                     the run itself: RunFailed, RunCanceled
    BatchFailed, BatchCanceled, EvaluationFailed
    WaitTimeout                  the wait ended before the run, batch or evaluation did
    AddressRefused               a URL that this client does not contact
    FileChanged                  a file that changed while it was uploaded
    CallbackError                a callback that must not be trusted (runflow_client.callbacks)
"""

from typing import TYPE_CHECKING

from ._errors import (
    AddressRefused as AddressRefused,
)
from ._errors import (
    ApiError as ApiError,
)
from ._errors import (
    BadRequest as BadRequest,
)
from ._errors import (
    CallbackError as CallbackError,
)
from ._errors import (
    Conflict as Conflict,
)
from ._errors import (
    ConnectFailed as ConnectFailed,
)
from ._errors import (
    ConnectionLost as ConnectionLost,
)
from ._errors import (
    DownloadTooLarge as DownloadTooLarge,
)
from ._errors import (
    FileChanged as FileChanged,
)
from ._errors import (
    InsufficientCredit as InsufficientCredit,
)
from ._errors import (
    InvalidArgument as InvalidArgument,
)
from ._errors import (
    NotFound as NotFound,
)
from ._errors import (
    OutcomeUnknown as OutcomeUnknown,
)
from ._errors import (
    PermissionDenied as PermissionDenied,
)
from ._errors import (
    RateLimited as RateLimited,
)
from ._errors import (
    RedirectRefused as RedirectRefused,
)
from ._errors import (
    RequestTimeout as RequestTimeout,
)
from ._errors import (
    RunflowError as RunflowError,
)
from ._errors import (
    SendFailed as SendFailed,
)
from ._errors import (
    ServerError as ServerError,
)
from ._errors import (
    StorageRefused as StorageRefused,
)
from ._errors import (
    TransportError as TransportError,
)
from ._errors import (
    Unauthorized as Unauthorized,
)
from ._errors import (
    UnreadableAnswer as UnreadableAnswer,
)
from ._errors import (
    ValidationFailed as ValidationFailed,
)
from ._errors import (
    WrongContent as WrongContent,
)
from ._outcome_errors import (
    BatchCanceled as BatchCanceled,
)
from ._outcome_errors import (
    BatchFailed as BatchFailed,
)
from ._outcome_errors import (
    EvaluationFailed as EvaluationFailed,
)
from ._outcome_errors import (
    RunCanceled as RunCanceled,
)
from ._outcome_errors import (
    RunError as RunError,
)
from ._outcome_errors import (
    RunFailed as RunFailed,
)
from ._outcome_errors import (
    WaitTimeout as WaitTimeout,
)

if TYPE_CHECKING:
    from ._estimate import MaxCostExceeded as MaxCostExceeded
else:

    def __getattr__(name):
        if name != "MaxCostExceeded":  # it carries an estimate, which needs attrs
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from ._estimate import MaxCostExceeded

        return MaxCostExceeded
