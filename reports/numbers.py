"""How numbers are written: rounded to show, never to compare; the same digits in both languages."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CV_DECIMALS = 3
DASH = "—"
MINUS = "−"


def fixed(value: float | None, decimals: int) -> str:
    """A number with thousands separators, rounded half up in decimal; a dash for none."""
    if value is None:
        return DASH
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{rounded if rounded else abs(rounded):,f}"
    return text.replace("-", MINUS)


def whole(value: float | int | None) -> str:
    """A count with thousands separators."""
    return fixed(None if value is None else float(value), 0)


def cv(value: float | None, limit: float | None = None, *, near: bool = False) -> str:
    """A gap coefficient: 3 decimals, 4 near the limit, and more while it would look equal to a limit that it is not."""
    if value is None:
        return DASH
    return apart(value, CV_DECIMALS + 1 if near else CV_DECIMALS, limit)


def limit_text(value: float | None) -> str:
    """A limit with two decimals, more where it has more."""
    if value is None:
        return DASH
    return fixed(value, max(2, _decimals_of(value)))


def level_text(value: float | None) -> str:
    """A level as the standard writes it: no more decimals than it has."""
    return DASH if value is None else fixed(value, _decimals_of(value))


def bound_text(value: float | None) -> str:
    """A floor: as it is written where that is short, else with two decimals (an upper floor is a level over 0.85)."""
    if value is None:
        return DASH
    return fixed(value, min(_decimals_of(value), 4 if _decimals_of(value) <= 4 else 2))


def apart(value: float | None, decimals: int, bound: float | None) -> str:
    """A number with its decimals, and more while it would look equal to a bound that it is not."""
    if value is None:
        return DASH
    most = decimals + 6
    while bound is not None and value != bound and decimals < most and fixed(value, decimals) == fixed(bound, decimals):
        decimals += 1
    return fixed(value, decimals)


def percent(ratio: float | None, decimals: int = 0) -> str:
    """A ratio as per cent."""
    return DASH if ratio is None else f"{fixed(ratio * 100, decimals)}%"


def raw(value: float | int | None, digits: int = 12) -> str:
    """A number for ``data-v`` and CSV: up to 12 significant digits, no separators; empty for none."""
    return "" if value is None else f"{float(value):.{digits}g}"


def _decimals_of(value: float) -> int:
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
