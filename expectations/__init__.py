"""Validation: rules of the catalogue become Great Expectations suites, and their results become findings.

Here: ``validate``, called by the asset and by ``junheng check`` alike, and the trial of a file before it is sent. Not here: what the rules are (catalogue) and what
reading itself finds (``pipeline.returns``). Great Expectations is imported inside functions: it takes seconds.
"""

from expectations.validate import CellMap, validate

__all__ = ["CellMap", "validate"]
