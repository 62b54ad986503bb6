"""Every exception of this package. `runflow_client` exports them too.

RunflowError
    InvalidArgument              refused before anything was sent
        MaxCostExceeded          the estimate is above `max_cost`, or there is none
    ApiError                     the API answered with an error status
        BadRequest 400, Unauthorized 401, InsufficientCredit 402, PermissionDenied 403,
        NotFound 404, Conflict 409, ValidationFailed 422, RateLimited 429, ServerError 5xx
    TransportError               no answer, or one that cannot be read
        ConnectFailed            no connection could be made
        RequestTimeout           no answer in time
        ConnectionLost           the connection broke, to the API or to the storage
        SendFailed               the HTTP client failed on its own account, or one of its hooks
        UnreadableAnswer         an answer that is not what the document promises
            RedirectRefused      a redirect: none is followed
    StorageError                 the storage that holds files, which is not the API
        StorageRefused           it answered with an error status
        WrongContent             it sent something that is not the file
        DownloadTooLarge         the file is larger than `max_bytes`
        AddressRefused           a URL that this client does not contact
    OutcomeUnknown               a create whose answer was lost and whose run was not found
    RunError                     the run itself: RunFailed, RunCanceled
    BatchFailed, BatchCanceled, EvaluationFailed
    WaitTimeout                  the wait ended before the run, batch or evaluation did
    FileChanged                  a file that changed while it was uploaded
    CallbackError                a callback that must not be trusted (runflow_client.callbacks)
"""

from typing import TYPE_CHECKING

from ._errors import (
    AddressRefused as AddressRefused,
    ApiError as ApiError,
    BadRequest as BadRequest,
    CallbackError as CallbackError,
    Conflict as Conflict,
    ConnectFailed as ConnectFailed,
    ConnectionLost as ConnectionLost,
    DownloadTooLarge as DownloadTooLarge,
    FileChanged as FileChanged,
    InsufficientCredit as InsufficientCredit,
    InvalidArgument as InvalidArgument,
    NotFound as NotFound,
    OutcomeUnknown as OutcomeUnknown,
    PermissionDenied as PermissionDenied,
    RateLimited as RateLimited,
    RedirectRefused as RedirectRefused,
    RequestTimeout as RequestTimeout,
    RunflowError as RunflowError,
    SendFailed as SendFailed,
    ServerError as ServerError,
    StorageError as StorageError,
    StorageRefused as StorageRefused,
    TransportError as TransportError,
    Unauthorized as Unauthorized,
    UnreadableAnswer as UnreadableAnswer,
    ValidationFailed as ValidationFailed,
    WrongContent as WrongContent,
)
from ._models.outcome_errors import (
    BatchCanceled as BatchCanceled,
    BatchFailed as BatchFailed,
    EvaluationFailed as EvaluationFailed,
    RunCanceled as RunCanceled,
    RunError as RunError,
    RunFailed as RunFailed,
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
