"""Rules as Great Expectations suites: one suite a record type and step, run on one pandas batch."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from expectations.direct import rows_that_fail
from pipeline.errors import FaultError
from pipeline.schema.expressions import for_polars
from pipeline.schema.model import Rule
from pipeline.schema.rule_columns import columns_of_call
from pipeline.store.home import write_atomically

ROW_NUMBER = "_n"
"""Column that numbers the rows of a batch, so that a failure leads back to its row."""


UNIQUE = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")
"""Expectations that compare rows with one another: a batch holds many files, a key is unique within a part of one."""

WITHIN = ["submission_id", "part"]


def condition_column(rule: Rule) -> str:
    """The boolean column that stands for a rule's condition in the batch."""
    return f"_rule_{rule.id}"


def batch_of(frame: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """What a suite looks at: the row number, the columns that expectations name, and a boolean column for every rule
    that no expectation type can say.

    A condition that is null (a part of it is missing) counts as held. Raises FaultError when one cannot be evaluated.
    """
    named = dict.fromkeys(name for rule in rules for name in _columns_looked_at(rule))
    frame = frame.with_row_index(ROW_NUMBER)
    batch = frame.select(ROW_NUMBER, *(name for name in named if name in frame.columns))
    for rule in rules:
        if rule.condition is not None:
            try:
                held = pl.sql_expr(for_polars(rule.condition)).fill_null(True)
                batch = batch.with_columns(frame.select(held.alias(condition_column(rule))).to_series())
            except pl.exceptions.PolarsError as error:
                raise not_evaluated(rule, str(error).splitlines()[0]) from None
    return batch


def _columns_looked_at(rule: Rule) -> list[str]:
    keys = WITHIN if rule.expectation and rule.expectation.type in UNIQUE else []
    return [*keys, *columns_of_call(rule)]


def failures(
    frame: pl.DataFrame, rules: Sequence[Rule], name: str, keep: Path | None
) -> Iterator[tuple[Rule, list[int]]]:
    """Runs one suite on one batch: yields each rule that failed with the numbers of its rows.

    ``keep``: folder in which the suite and its result are kept as Great Expectations writes them; without it, rules that can
    be told directly are (``expectations.direct``).
    Raises FaultError for a rule that could not be evaluated: that is a fault, never a data failure.
    """
    if keep is None:
        known = {rule.id: _directly(frame, rule) for rule in rules}
        yield from ((rule, found) for rule in rules if (found := known[rule.id]))
        rules = [rule for rule in rules if known[rule.id] is None]
    if not rules:
        return
    context = _context()
    import great_expectations as gx

    by_expectation = {rule.id: rule for rule in rules}
    suite = context.suites.add(gx.ExpectationSuite(name=name))
    for rule in rules:
        suite.add_expectation(_expectation(gx, rule))
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe(name).get_batch({"dataframe": frame.to_pandas()})
    result_format = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW_NUMBER]}
    results = batch.validate(suite, result_format=result_format)
    if keep is not None:
        _keep(keep, name, suite, results)
    for result in results.results:
        rule = by_expectation[result.expectation_config.meta["rule_id"]]
        raised = _raised(result.exception_info)
        if raised:
            raise not_evaluated(rule, raised)
        if not result.success:
            rows = result.result.get("unexpected_index_list")
            if rows is None:
                raise not_evaluated(rule, "结果没有列出行", "its result names no rows")
            yield rule, [int(row[ROW_NUMBER]) for row in rows]


def _directly(batch: pl.DataFrame, rule: Rule) -> list[int] | None:
    """Rows in which a rule fails, where that can be told without a suite; else None."""
    if rule.condition is not None:
        return [int(n) for n in batch.filter(~pl.col(condition_column(rule)))[ROW_NUMBER]]
    assert rule.expectation is not None, "a rule has one of the two"
    return rows_that_fail(batch, *_call(rule), ROW_NUMBER)


def _call(rule: Rule) -> tuple[str, dict[str, Any]]:
    """Name and arguments of a rule's expectation; what is unique is unique within a part of a file."""
    assert rule.expectation is not None, "asked only of rules with an expectation"
    name, arguments = rule.expectation.type, dict(rule.expectation.kwargs)
    if name not in UNIQUE:
        return name, arguments
    return UNIQUE[1], {"column_list": [*WITHIN, *columns_of_call(rule)]} | _options(arguments)


def _context() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _expectation(gx: Any, rule: Rule) -> Any:
    meta = {"rule_id": rule.id}
    if rule.expectation is None:
        kind = gx.expectations.ExpectColumnValuesToBeInSet
        return kind(column=condition_column(rule), value_set=[True], meta=meta)
    name, arguments = _call(rule)
    kind = getattr(gx.expectations, "".join(word.capitalize() for word in name.split("_")), None)
    if kind is None:
        raise not_evaluated(rule, f"Great Expectations 没有 {name}", f"Great Expectations has no {name}")
    of_rows = gx.expectations.expectation
    if not issubclass(
        kind, of_rows.ColumnMapExpectation | of_rows.ColumnPairMapExpectation | of_rows.MulticolumnMapExpectation
    ):
        raise not_evaluated(rule, f"{name} 不逐行检查", f"{name} does not look at single rows")
    try:
        return kind(**arguments, meta=meta)
    except ValueError as error:
        raise not_evaluated(rule, _reasons(error)) from None


def _options(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a unique key beside its columns; a key with a blank in it is no key unless the rule says otherwise."""
    given = {key: value for key, value in arguments.items() if key not in ("column", "column_list")}
    return {"ignore_row_if": "any_value_is_missing"} | given


def _reasons(error: ValueError) -> str:
    """What an expectation says of its arguments, on one line."""
    errors = error.errors() if hasattr(error, "errors") else []
    named = (f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in errors)
    return "; ".join(named) or str(error)


def _raised(info: dict[str, Any]) -> str | None:
    """The message of an exception inside an expectation; its report has one level or two."""
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = (str(e["exception_message"]) for e in entries if e.get("raised_exception"))
    return next(messages, None)


def not_evaluated(rule: Rule, why: str, why_en: str = "") -> FaultError:
    """The fault of a rule that could not be evaluated; ``why`` serves both languages where there is no ``why_en``."""
    return FaultError(
        f"校验规则“{rule.id}”无法执行，运行已停止：{why}",
        f"the rule “{rule.id}” could not be evaluated, so the run stopped: {why_en or why}",
    )


def _keep(folder: Path, name: str, suite: Any, results: Any) -> None:
    suite_json = suite.to_json_dict()
    suite_json.pop("id", None)
    for expectation in suite_json["expectations"]:
        expectation.pop("id", None)
    write_atomically(
        folder / f"{name}.suite.json", json.dumps(suite_json, ensure_ascii=False, indent=1, sort_keys=True)
    )
    summary = {
        "statistics": results.statistics,
        "results": [_result_summary(result) for result in results.results],
    }
    write_atomically(folder / f"{name}.result.json", json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True))


def _result_summary(result: Any) -> dict[str, Any]:
    kept = ("element_count", "unexpected_count", "missing_count", "unexpected_percent")
    counts = {key: result.result[key] for key in kept if result.result.get(key) is not None}
    return {"rule_id": result.expectation_config.meta["rule_id"], "success": bool(result.success), **counts}
