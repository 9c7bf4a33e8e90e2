"""What every store checks before it writes, whatever has been checked on the way to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from ..entities import DatasetInput, InvalidParameterValue, Metric, Param, RunTag
from ..entities.limits import (
    MAX_DATASET_DIGEST,
    MAX_DATASET_NAME,
    MAX_DATASET_PROFILE,
    MAX_DATASET_SCHEMA,
    MAX_DATASET_SOURCE,
    MAX_DATASET_SOURCE_TYPE,
    MAX_INPUT_TAG_VALUE,
    MAX_KEY,
    MAX_METRICS_PER_BATCH,
    MAX_PARAM_VALUE,
    MAX_PARAMS_PER_BATCH,
    MAX_TAG_VALUE,
    MAX_TAGS_PER_BATCH,
    check_integer,
    check_key,
    check_length,
    check_number,
    check_text,
    is_int64,
)

__all__ = ["MAX_PAGE", "absolute_location", "check_batch", "check_inputs", "check_page", "check_tags"]

#: The most experiments or runs in one page.
MAX_PAGE = 50_000


def check_batch(metrics: Sequence[Metric], params: Sequence[Param], tags: Sequence[RunTag]) -> None:
    """Refuse a batch that is over the limits or holds what no store can keep (`InvalidParameterValue`)."""
    for what, count, limit in (
        ("metrics", len(metrics), MAX_METRICS_PER_BATCH),
        ("params", len(params), MAX_PARAMS_PER_BATCH),
        ("tags", len(tags), MAX_TAGS_PER_BATCH),
    ):
        if count > limit:
            raise InvalidParameterValue(f"The batch has {count} {what}; at most {limit} are allowed. Send several.")
    for key in dict.fromkeys([metric.key for metric in metrics]):
        check_key("metric", key)
    for metric in metrics:
        # To say what a number would be called if it were wrong takes longer than to see that it is not.
        if not (type(metric.value) is float and is_int64(metric.step) and is_int64(metric.timestamp)):
            check_number(f"value of metric {metric.key!r}", metric.value)
            check_integer(f"step of metric {metric.key!r}", metric.step)
            check_integer(f"timestamp of metric {metric.key!r}", metric.timestamp)
    seen: dict[str, str] = {}
    for param in params:
        check_key("param", param.key)
        check_length(f"value of param {param.key!r}", param.value, MAX_PARAM_VALUE)
        check_text(f"value of param {param.key!r}", param.value)
        if seen.setdefault(param.key, param.value) != param.value:
            raise InvalidParameterValue(
                f"The param {param.key!r} is twice in the batch, as {seen[param.key]!r} and as {param.value!r}."
            )
    check_tags({tag.key: tag.value for tag in tags})


def check_tags(tags: Mapping[str, str], max_value: int = MAX_TAG_VALUE) -> None:
    """Refuse tags that are over the limits or hold what no store can keep (`InvalidParameterValue`)."""
    for key, value in tags.items():
        check_key("tag", key)
        check_length(f"value of tag {key!r}", value, max_value)
        check_text(f"value of tag {key!r}", value)


_DATASET_LIMITS = {
    "name": MAX_DATASET_NAME,
    "digest": MAX_DATASET_DIGEST,
    "source_type": MAX_DATASET_SOURCE_TYPE,
    "source": MAX_DATASET_SOURCE,
    "schema": MAX_DATASET_SCHEMA,
    "profile": MAX_DATASET_PROFILE,
}


def check_inputs(datasets: Sequence[DatasetInput]) -> None:
    """Refuse inputs that are over the limits or hold what no store can keep (`InvalidParameterValue`)."""
    for each in datasets:
        for name, limit in _DATASET_LIMITS.items():
            value = getattr(each.dataset, name)
            if value is not None:
                check_length(f"{name} of a dataset", value, limit)
                check_text(f"{name} of a dataset", value)
            elif name not in ("schema", "profile"):
                raise InvalidParameterValue(f"The {name} of a dataset is missing.")
        seen: dict[str, str] = {}
        for tag in each.tags:
            # Any text may be its name, as with MLflow.
            check_length("input tag name", tag.key, MAX_KEY)
            check_text("input tag name", tag.key)
            check_length(f"value of input tag {tag.key!r}", tag.value, MAX_INPUT_TAG_VALUE)
            check_text(f"value of input tag {tag.key!r}", tag.value)
            if seen.setdefault(tag.key, tag.value) != tag.value:
                raise InvalidParameterValue(
                    f"The tag {tag.key!r} of the dataset {each.dataset.name!r} is given twice, as {seen[tag.key]!r} "
                    f"and as {tag.value!r}."
                )


def check_page(max_results: int, limit: int) -> None:
    """Refuse a page size outside 1 to `limit` (`InvalidParameterValue`)."""
    if not 1 <= max_results <= limit:
        raise InvalidParameterValue(f"Invalid max_results {max_results}: between 1 and {limit:,} are allowed.")


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")


def absolute_location(location: str) -> str:
    """Return an artifact location that means the same in every process, whatever folder that works in."""
    return location if _SCHEME.match(location) else os.path.abspath(location)
