"""Ids of runs, batches, evaluations and assets: UUIDs, checked before anything is sent."""

from uuid import UUID

from .errors import InvalidArgument


def read_id(kind: str, value: str | UUID) -> UUID:
    """The id as a UUID. Raises InvalidArgument, naming the kind (such as "run id"), for anything else."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise InvalidArgument(
            f"{value!r} is not a {kind}: expected a UUID such as '0198c0de-0000-7000-8000-000000000000'"
        ) from None
