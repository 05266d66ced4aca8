"""The form that an answer is held to: JSON of a schema, which the endpoint enforces while the model writes.

Source of the format: OpenAI's API reference, structured outputs (`response_format`); llama.cpp, vLLM and Ollama take
it too.
"""

from __future__ import annotations

import json
from typing import Any

from wg.errors import NotFoundError, UsageError

Schema = dict[str, Any]  # JSON Schema, as the endpoint understands it


def read_schema(path: str) -> Schema:
    """The schema in the file at `path`. Raises NotFoundError, and UsageError if it is not a JSON object."""
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except OSError as error:
        raise NotFoundError(f"the schema {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the schema {path} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"the schema {path} is not a JSON object", 'it begins with {"type": "object", …}')
    return value


def request_part(schema: Schema) -> dict[str, Any]:
    """What a request says of it."""
    form = {"name": "answer", "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def is_json(text: str) -> bool:
    """Whether an answer is of that form, as far as an endpoint that ignores it would be noticed."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
