"""The JSON Schema of a study file, for editors that complete and check as one types."""

from __future__ import annotations

from typing import Any


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema of a study file.

    It knows tables, keys, words and the look of quantities; dimensions, bounds and what excludes
    what are checked on reading. `study.schema.json` beside this module is the same, as a file.
    """
    from releasesim.study.schema import StudyFile

    schema = StudyFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
