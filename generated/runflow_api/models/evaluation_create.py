"""The schema EvaluationCreate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import Any, Self
from uuid import UUID

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from .. import models as _models
from ..models.evaluation_job_class import EvaluationJobClass
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class EvaluationCreate:
    """A picture to evaluate.

    Attributes:
        callback_url: Receives one POST when the work is terminal.
        client_ref: Your own reference.
        input_attributes: Any JSON object.
        job_class: Default of the server: "standard".
        reference_images: At most four.
    """

    generated_image_url: str
    task_type: str
    callback_url: str | Unset = UNSET
    client_ref: str | Unset = UNSET
    evaluation_instructions: str | Unset = UNSET
    generation_prompt: str | Unset = UNSET
    input_attributes: _models.JsonObject | Unset = UNSET
    job_class: EvaluationJobClass | Unset = UNSET
    reference_images: list[_models.EvaluationReferenceImage] | Unset = UNSET
    run_id: UUID | Unset = UNSET
    task_description: str | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False, factory=lambda: {})

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: every field that is set, and additional_properties."""
        return _encoding.json_object(self._named(), self.additional_properties)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read a JSON object.

        Raises:
            DecodingError: it is not an object, a required field is missing, or a value is of another kind.
        """
        return _fields().read(cls, source)

    @classmethod
    def from_part(cls, source: Mapping[str, Any]) -> Self:
        """Read what can be read of a JSON object: the rest is kept in additional_properties as it came.

        A required field that is missing is UNSET.

        Raises:
            DecodingError: it is not an object.
        """
        return _fields().read_part(cls, source)

    def __repr__(self) -> str:
        return _representation(self)

    def _named(self) -> dict[str, Any]:
        return {
            "generated_image_url": self.generated_image_url,
            "task_type": self.task_type,
            "callback_url": self.callback_url,
            "client_ref": self.client_ref,
            "evaluation_instructions": self.evaluation_instructions,
            "generation_prompt": self.generation_prompt,
            "input_attributes": self.input_attributes,
            "job_class": self.job_class,
            "reference_images": self.reference_images,
            "run_id": self.run_id,
            "task_description": self.task_description,
        }


def _fill(model: EvaluationCreate, values: Sequence[Any]) -> None:
    (
        model.generated_image_url,
        model.task_type,
        model.callback_url,
        model.client_ref,
        model.evaluation_instructions,
        model.generation_prompt,
        model.input_attributes,
        model.job_class,
        model.reference_images,
        model.run_id,
        model.task_description,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        EvaluationCreate,
        _fill,
        {
            "generated_image_url": _decoding.required("generated_image_url", _decoding.text),
            "task_type": _decoding.required("task_type", _decoding.text),
            "callback_url": _decoding.optional("callback_url", _decoding.text),
            "client_ref": _decoding.optional("client_ref", _decoding.text),
            "evaluation_instructions": _decoding.optional("evaluation_instructions", _decoding.text),
            "generation_prompt": _decoding.optional("generation_prompt", _decoding.text),
            "input_attributes": _decoding.optional("input_attributes", _models.JsonObject.from_dict),
            "job_class": _decoding.optional("job_class", _decoding.member(EvaluationJobClass)),
            "reference_images": _decoding.optional(
                "reference_images", _decoding.list_of(_models.EvaluationReferenceImage.from_dict)
            ),
            "run_id": _decoding.optional("run_id", _decoding.uuid),
            "task_description": _decoding.optional("task_description", _decoding.text),
        },
    )
