"""What a row of a home's registers may say: what a province keeps beside the returns, ``home/registers/<name>.csv``.

Here: one entry a kind of register, its columns and what is wrong with a row by itself. Not here: reading them
(``store.registers``), and what follows from them.
"""

from __future__ import annotations

from pipeline.schema.entry import Entry

KINDS: dict[str, type[Entry]] = {}
"""Name of a register → what one row says."""
