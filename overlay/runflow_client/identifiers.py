"""Ids of runs, batches, evaluations and assets, which are UUIDs, and idempotency keys, checked before anything is sent."""

from uuid import UUID, uuid4

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


def make_idempotency_key() -> str:
    """A key that nothing else carries."""
    return str(uuid4())


def check_idempotency_key(key: str) -> None:
    """Raises InvalidArgument for a key that no header can carry, or that would be none."""
    if not key or not key.isprintable() or key != key.strip():
        raise InvalidArgument(
            f"idempotency_key {key!r}: expected printable characters without white space at the ends, at least one"
        )
