"""Progress for whoever waits: steps of a run and files read are told to a listener, where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg

Listener = Callable[[str, int, int], None]
"""Told of a step's name, how much of it is done and how much there is (1 of 1 for a step that ended)."""

_current: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tells ``listener`` of progress while the block runs."""
    _current.append(listener)
    try:
        yield
    finally:
        _current.remove(listener)


def tell(step: str, done: int, total: int) -> None:
    """Tells every listener."""
    for listener in _current:
        listener(step, done, total)


def file_read(done: int, total: int) -> None:
    """A file of the year being ingested was read."""
    tell("files", done, total)


@dg.success_hook(name="step_ended")
def step_ended(context: dg.HookContext) -> None:
    """Every step of a job tells that it ended."""
    tell(context.op.name, 1, 1)
