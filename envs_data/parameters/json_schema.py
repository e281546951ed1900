"""JSON schemas of fields, by which editors complete and check scenario files."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

from envs_data.parameters.quantities import Quantity

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TYPES = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
TUPLE = "tuple["

# No float is larger, and no measured number comes near it.
LARGEST = 1e300
TEXTS = {"type": "array", "items": {"type": "string"}}
NUMBER = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
NUMBERS = {"type": "array", "items": NUMBER}
MEASURED = {"type": "object", "additionalProperties": {"anyOf": [NUMBER, NUMBERS]}}
FLAGS = {"type": "array", "items": {"type": "boolean"}}
RIVAL = ("name", "coverage", "error", "own_error")
BACK_TEST = {
    "type": "object",
    "required": ["held_out", "predicted", "observed", "problems", "verdict"],
    "properties": {
        "held_out": {"type": "string"},
        "predicted": MEASURED,
        "observed": MEASURED,
        "rival": {
            "type": "object",
            "required": [*RIVAL],
            "properties": {"name": {"type": "string"}, **dict.fromkeys(RIVAL[1:], NUMBER)},
        },
        "problems": TEXTS,
        "series": {
            "type": "object",
            "properties": dict.fromkeys(("low", "high", "expected"), NUMBERS),
            "additionalProperties": {"anyOf": [NUMBERS, TEXTS, FLAGS]},
        },
        "verdict": {"type": "string"},
    },
}
"""What a fit writes down of its back-test."""
NOTES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "summary": TEXTS,
        "notes": TEXTS,
        "would_help": TEXTS,
        "mapping": {"type": "object", "additionalProperties": {"type": "string"}},
        "observed": {"type": "integer", "minimum": 0},
        "scale": {"type": "integer", "minimum": 1},
        "back_test": BACK_TEST,
    },
}
"""What a fit writes down beside parameters."""


def of_object(fields: Iterable[dataclasses.Field[Any]], defaults: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with these fields and no others.

    Args:
        fields: the fields of some parameters.
        defaults: their default values as JSON has them.
    """
    properties = {field.name: _of_field(field) for field in fields}
    for name, default in defaults.items():
        properties[name]["default"] = default
    return {"type": "object", "additionalProperties": False, "properties": properties}


def of_file(case: str, parameters: dict[str, Any], names: Iterable[str], kinds: Iterable[str]) -> dict[str, Any]:
    """The schema of a scenario file.

    Args:
        case: the case it is of.
        parameters: schema of its parameters.
        names: fields that may have an origin.
        kinds: kinds of origins.
    """
    error = {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}, {"type": "null"}]}
    origin = {
        "type": "object",
        "required": ["kind"],
        "additionalProperties": False,
        "properties": {"kind": {"enum": [*kinds]}, "stderr": error, "note": {"type": "string"}},
    }
    fields = parameters["properties"]
    properties = {
        **fields,
        "$schema": {"type": "string"},
        "case": {"const": case},
        "parameters": parameters,
        "origins": {
            "type": "object",
            "propertyNames": {"pattern": rf"^({'|'.join(names)})(\..+)?$"},
            "additionalProperties": origin,
        },
        "draws": {"type": "array", "items": {"type": "object"}},
        "notes": NOTES,
        "scenario": {"anyOf": [{"type": "string"}, {"type": "object"}]},
    }
    return {
        "$schema": DRAFT,
        "title": f"Scenario of {case}",
        "type": "object",
        "required": ["case"],
        "additionalProperties": False,
        "properties": properties,
        # Fields beside the case change a scenario, which must be named.
        "dependentRequired": {name: ["scenario"] for name in fields},
    }


def _of_field(field: dataclasses.Field[Any]) -> dict[str, Any]:
    measured = field.metadata.get("quantity", Quantity("", ""))
    annotation = field.type if isinstance(field.type, str) else field.type.__name__
    said = f"{measured.meaning}{measured.in_brackets()}"
    schema: dict[str, Any] = {"description": said} if said else {}
    if "nested" in field.metadata:
        return schema | {"type": "array", "items": field.metadata["nested"].json_schema()} | _lengths(measured.lengths)
    schema |= _of_type(annotation, measured)
    return schema | _lengths(measured.lengths) if annotation.startswith(TUPLE) else schema


def _of_type(annotation: str, measured: Quantity) -> dict[str, Any]:
    if annotation.startswith(TUPLE):
        return {"type": "array", "items": _of_type(annotation.removeprefix(TUPLE).partition(",")[0], measured)}
    if measured.choices:
        return {"enum": [*measured.choices]}
    limits = {"minimum": measured.low, "maximum": measured.high} if annotation in ("int", "float") else {}
    typed = {"type": TYPES[annotation]} if annotation in TYPES else {}
    return {**typed, **{name: limit for name, limit in limits.items() if math.isfinite(limit)}}


def _lengths(allowed: tuple[int, ...]) -> dict[str, Any]:
    """How many entries a list may have."""
    if not allowed:
        return {}
    if [*allowed] == [*range(min(allowed), max(allowed) + 1)]:
        return {"minItems": min(allowed), "maxItems": max(allowed)}
    return {"anyOf": [{"minItems": count, "maxItems": count} for count in allowed]}
