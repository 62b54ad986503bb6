"""The models of the catalog by id, each with its input class."""

from importlib import import_module

from .inputs import CLASSES
from .model_inputs import ModelInput


def known_model_ids() -> tuple[str, ...]:
    """The ids of all models of the catalog, sorted. No input class is loaded for it."""
    return tuple(CLASSES)


def input_class(model_id: str) -> type[ModelInput] | None:
    """The input class of the model, loading no other; None for a model that the catalog does not have."""
    name = CLASSES.get(model_id)
    return None if name is None else getattr(import_module(".inputs", __package__), name)
