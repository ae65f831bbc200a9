"""Thousands of damaged files: ``python -m tests.bench.mutations [PER FILE] [SEED]`` prints what came of them.

An exception is printed with what was done to the file, and the program ends with 1.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter

from pipeline.schema import load_catalogue
from tests.layouts.good_files import good_files
from tests.mutations import Damage, read


def main(each: int, seed: int) -> int:
    """Damages every good file ``each`` times; the number of outcomes that must not be."""
    catalogue = load_catalogue()
    faults = 0
    for name, (data, year) in good_files().items():
        damage, became, rules, began = Damage(data, seed), Counter[str](), Counter[str](), time.perf_counter()
        for number in range(each):
            mutation = damage()
            try:
                result = read(mutation, catalogue, year)
            except Exception:  # noqa: BLE001 - told, counted, and the next file is tried
                faults += 1
                print(f"✕ {name} #{number} {mutation.what}\n{traceback.format_exc(limit=-4)}")
                continue
            became[result.status] += 1
            became["accepted, critical findings"] += result.status == "accepted" and any(
                f["severity"] == "critical" for f in result.all_findings()
            )
            rules.update({str(f["rule_id"]) for f in result.all_findings()})
        took = (time.perf_counter() - began) / each
        print(f"{name:28} {each} × {1000 * took:.0f} ms  {dict(became)}  {len(rules)} rules")
    print(f"{faults} faults")
    return faults


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:3]]
    sys.exit(1 if main(*(arguments + [200, 1][len(arguments) :])) else 0)
