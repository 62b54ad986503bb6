"""Check arguments: each function raises InvalidArgument, before anything is sent."""

from .arguments import check_arguments as check_arguments, check_text as check_text
from .checks import (
    MAX_SECONDS as MAX_SECONDS,
    check_blocking as check_blocking,
    check_choice as check_choice,
    check_instance as check_instance,
    check_integer as check_integer,
    check_numbers as check_numbers,
    check_seconds as check_seconds,
    nearest as nearest,
    plain_text as plain_text,
    refuse_misspelt as refuse_misspelt,
    with_article as with_article,
    wrong_kind as wrong_kind,
)
from .values import (
    MAX_CLIENT_REF as MAX_CLIENT_REF,
    WORKFLOWS as WORKFLOWS,
    check_client_ref as check_client_ref,
    check_idempotency_key as check_idempotency_key,
    check_json as check_json,
    is_encodable as is_encodable,
    make_idempotency_key as make_idempotency_key,
    read_id as read_id,
    refuse_value as refuse_value,
    split_model_id as split_model_id,
    split_run_id as split_run_id,
)
