"""The grammar of values as people type them: what it takes it takes for what a reader sees, and everything else it refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import CatalogueError
from pipeline.returns.sheet_xml import as_percent, hidden_rows, percent_cells, percent_styles
from pipeline.returns.written import KINDS, AsNumber, Read, Refused, read_code, read_number
from pipeline.schema import load_catalogue
from pipeline.schema.writing import Writing
from tests.oracles import REPOSITORY

WRITING = load_catalogue().writing
assert WRITING is not None
LEVEL = AsNumber("级", False, 1.0, True)
COUNT, BOOKS = AsNumber("人", False, 1.0, True), AsNumber("册", False, 1.0, True)
YUAN, WAN_YUAN = AsNumber("元", False, 1.0, True), AsNumber("元", False, 10_000.0, True)
AREA, PERCENT = AsNumber("平方米", False, 1.0, True), AsNumber("%", False, 1.0, True)
RATIO, PART = AsNumber(None, True, 1.0, True), AsNumber(None, False, 1.0, False)


def number(text: str, what: AsNumber = COUNT, writing: Writing = WRITING) -> Decimal | str | None:
    """The value in the unit of the field, or the rule that refuses the text."""
    said = read_number(text, what, writing)
    if isinstance(said, Refused):
        return said.rule_id
    if said.text is None:
        return None
    return Decimal(said.text) * (1 if said.in_field_unit else Decimal(what.factor))


# -- what is read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what", "value"),
    [
        ("１２", COUNT, 12), ("－１２．５", AREA, "-12.5"), ("−5", COUNT, -5), ("1,234", COUNT, 1234), ("１，２３４", COUNT, 1234),
        ("1 234 567", COUNT, 1234567), ("1\u202f234", COUNT, 1234), ("1\u2009234.5", AREA, "1234.5"), ("12人", COUNT, 12),
        ("12 名", COUNT, 12), ("100㎡", AREA, 100), ("100m²", AREA, 100), ("100 M2", AREA, 100), ("1.2万", COUNT, 12000),
        ("1.2万人", COUNT, 12000), ("0.5亿元", YUAN, 50_000_000), ("3千", COUNT, 3000), ("12万元", YUAN, 120_000),
        ("12万元", WAN_YUAN, 120_000), ("1.5亿元", WAN_YUAN, 150_000_000), ("1,200", WAN_YUAN, 12_000_000), ("95%", PERCENT, 95),
        ("95.5％", PERCENT, "95.5"), ("12%", RATIO, "0.12"), ("'12", COUNT, 12), ("12_x000D_", COUNT, 12), ("\u200b12", COUNT, 12),
        ("1,234.50", YUAN, "1234.50"), ("Ⅲ", LEVEL, 3), ("Ⅲ级", LEVEL, 3), ("III", LEVEL, 3), ("III级", LEVEL, 3), ("3级", LEVEL, 3),
        ("三", LEVEL, 3), ("三级", LEVEL, 3), ("ⅱ", LEVEL, 2), ("ＩＩ级", LEVEL, 2), ("五", LEVEL, 5),
    ],
)  # fmt: skip
def test_a_number_is_read_as_a_reader_sees_it(text: str, what: AsNumber, value: Any) -> None:
    assert number(text, what) == Decimal(str(value))


@pytest.mark.parametrize(
    "text", ["—", "–", "-", "--", "－－", "/", "不详", "未知", "N/A", "n/a", "ｎ／ａ", "…", "*", " 不 详 "]
)
def test_words_for_no_value_are_no_value(text: str) -> None:
    assert read_number(text, COUNT, WRITING) == Read(None, ("no_value",))


@pytest.mark.parametrize(
    ("text", "what", "rule_id"),
    [
        ("无", COUNT, "value_ambiguous"), ("没有", COUNT, "value_ambiguous"), ("空", COUNT, "value_ambiguous"),
        ("约100", COUNT, "value_approximate"), ("100多人", COUNT, "value_approximate"), (">100", COUNT, "value_approximate"),
        ("10-12", COUNT, "value_range"), ("10~12人", COUNT, "value_range"), ("10至12", COUNT, "value_range"),
        ("1/2", COUNT, "value_fraction"), ("1月2日", COUNT, "value_date"), ("2025-01-02", COUNT, "value_date"),
        ("2025-01-02 00:00:00", COUNT, "value_date"), ("2-Jan", COUNT, "value_date"), ("Jan-02", COUNT, "value_date"),
        ("95%", COUNT, "percent_out_of_place"), ("95%", PART, "percent_out_of_place"), ("12台", COUNT, "unit_disagrees"),
        ("12元", WAN_YUAN, "unit_disagrees"), ("12万", WAN_YUAN, "unit_disagrees"), ("5亩", AREA, "not_a_number"),
        ("5万", PERCENT, "unit_disagrees"), ("5万%", PERCENT, "unit_disagrees"), ("12人", PART, "unit_disagrees"),
        ("#DIV/0!", COUNT, "cell_error"), ("#N/A", COUNT, "cell_error"),
        ("1,23", COUNT, "not_a_number"), ("1,5", COUNT, "not_a_number"), ("12,34,567", COUNT, "not_a_number"),
        ("1.234.567", COUNT, "not_a_number"), ("12 34", COUNT, "not_a_number"), ("1 2", COUNT, "not_a_number"),
        ("1,234 567", COUNT, "not_a_number"), ("1，5", COUNT, "not_a_number"), ("10²", AREA, "not_a_number"),
        ("②", COUNT, "not_a_number"), ("½", COUNT, "not_a_number"), ("١٢", COUNT, "not_a_number"), ("十二", COUNT, "not_a_number"),
        ("1e5", COUNT, "not_a_number"), ("1.2E+05", COUNT, "not_a_number"), ("inf", COUNT, "not_a_number"),
        ("nan", COUNT, "not_a_number"), ("0x10", COUNT, "not_a_number"), ("1_000", COUNT, "not_a_number"),
        ("三", COUNT, "not_a_number"), ("III", COUNT, "not_a_number"), ("Ⅵ", LEVEL, "not_a_number"), ("丙级", LEVEL, "not_a_number"),
        ("(12)", COUNT, "not_a_number"), ("12+3", COUNT, "not_a_number"), ("12人3", COUNT, "not_a_number"), ("人12", COUNT, "not_a_number"),
        ("1万2千", COUNT, "not_a_number"), ("--5", COUNT, "not_a_number"), ("12。5", COUNT, "not_a_number"),
    ],
)  # fmt: skip
def test_what_two_readers_could_take_for_two_values_is_refused(text: str, what: AsNumber, rule_id: str) -> None:
    assert number(text, what) == rule_id


# -- properties --------------------------------------------------------------------------------------------------

WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
SPACES = st.sampled_from(["", " ", "\u3000", "\u00a0"])
NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False, allow_infinity=False)


def grouped(value: Decimal, mark: str) -> str:
    return format(value, ",f").replace(",", mark)


@given(
    NUMBERS,
    st.sampled_from(["", ",", " ", "\u202f", "\u2009", "\u00a0"]),
    st.booleans(),
    SPACES,
    st.sampled_from(["", "元", "万元", "亿元", "万"]),
)
def test_a_number_written_in_any_supported_way_reads_back_exactly(
    value: Decimal, mark: str, is_wide: bool, space: str, suffix: str
) -> None:
    times = {"万": 10_000, "亿": 10**8}.get(suffix[:1], 1)
    text = grouped(value, mark)
    text = space + (text.translate(WIDE) if is_wide else text) + space + suffix
    assert number(text, YUAN) == value * times


@given(NUMBERS, st.booleans())
def test_per_cent_reads_back_exactly(value: Decimal, is_wide: bool) -> None:
    text = f"{value}%".translate(WIDE) if is_wide else f"{value}%"
    assert number(text, PERCENT) == value
    assert number(text, RATIO) == value / 100


@given(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-9))
def test_a_number_shown_as_per_cent_keeps_all_its_digits(value: float) -> None:
    shown = as_percent(format(Decimal(repr(value)), "f"))
    assert number(shown, RATIO) == Decimal(repr(value))


@given(st.text(alphabet="0123456789.,-+/ ~～万千亿人元册%％约无eE１２，．\u202f—至", min_size=1, max_size=9))
def test_no_text_gives_a_number_with_other_digits_than_it_shows(text: str) -> None:
    said = read_number(text, YUAN, WRITING)
    if isinstance(said, Refused) or said.text is None:
        return
    shown = "".join(c for c in text.translate({ord(v): k for k, v in WIDE.items()}) if c.isdigit()).lstrip("0")
    times = 10_000 if "万" in text else 1000 if "千" in text else 10**8 if "亿" in text else 1
    digits = "".join(c for c in format(Decimal(said.text) / times, "f") if c.isdigit()).lstrip("0")
    assert digits.rstrip("0") == shown.rstrip("0")
    assert set(said.kinds) <= set(KINDS)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert isinstance(read_number(text, AREA, WRITING), Read | Refused)
    assert isinstance(read_code(text, "school_id", WRITING), Read | Refused)


# -- codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2101000001.0", "2101000001"), ("２１０１０００００１", "2101000001"), ("2.101000001E+09", "2101000001"),
        ("'2101000001", "2101000001"), ("210100000", "210100000"), ("第一学区", "第一学区"), ("无", None), ("—", None), ("G-1", "G-1"),
    ],
)  # fmt: skip
def test_a_code_is_read_as_it_would_be_typed_with_care(text: str, code: str | None) -> None:
    said = read_code(text, "school_id", WRITING)
    assert isinstance(said, Read) and said.text == code


@pytest.mark.parametrize(
    ("text", "rule_id"),
    [("2.101E+09", "code_digits_lost"), ("2.1e9", "code_digits_lost"), ("1月2日", "code_became_date")],
)
def test_digits_of_a_code_are_never_made_up(text: str, rule_id: str) -> None:
    assert read_code(text, "school_id", WRITING) == Refused(rule_id)


def test_a_lost_zero_is_put_back_only_where_that_alone_makes_a_code_sound() -> None:
    six = Writing(codes={"school_id": "^0[0-9]{5}$"})
    either = Writing(codes={"school_id": "^[0-9]{5,6}$"})
    assert read_code("12345", "school_id", six) == Read("012345", ("leading_zero",))
    assert read_code("012345", "school_id", six) == Read("012345", ())
    assert read_code("123", "school_id", six) == Read("123", ())
    assert read_code("1234", "school_id", either) == Read("1234", ())
    assert read_code("12345", "school_id", Writing()) == Read("12345", ())


# -- formats and hidden rows -------------------------------------------------------------------------------------

STYLES = b"""<styleSheet xmlns="x"><numFmts count="3"><numFmt numFmtId="164" formatCode="0.0%"/><numFmt numFmtId="165"
formatCode="0&quot;%&quot;"/><numFmt numFmtId="166" formatCode="0\\%"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="9"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="10"/></cellXfs></styleSheet>"""


def test_only_a_bare_per_cent_sign_multiplies() -> None:
    assert percent_styles(STYLES) == {1, 2, 5}
    assert percent_styles(b"<styleSheet><cellXfs><xf numFmtId='0'/></cellXfs></styleSheet>") == frozenset()


def test_cells_in_a_style_are_found_even_without_addresses() -> None:
    sheet = b'<x><row r="3" hidden="1"><c s="1"><v>1</v></c><c s="2" t="s"><v>1</v></c><c s="2"><v>2</v></c><c s="2"/></row><row hidden="true"/></x>'
    assert list(percent_cells(sheet, frozenset({1, 2}))) == [(2, 0), (2, 2)]
    assert hidden_rows(sheet) == {3, 4}
    assert hidden_rows(b"<x><row r='1'/></x>") == frozenset()


@pytest.mark.parametrize(
    ("text", "shown"), [("0.95", "95%"), ("0.955", "95.5%"), ("1", "100%"), ("0", "0%"), ("合计", "合计")]
)
def test_a_number_is_shown_as_per_cent(text: str, shown: str) -> None:
    assert as_percent(text) == shown


# -- the file of words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no_valu: [x]", "did you mean “no_value”"),
        ("units: {人人: []}", "there is no “人人”"),
        ("codes: {school_id: '['}", "regular expression is wrong"),
        ("codes: {schoolid: '1'}", "did you mean “school_id”"),
        ("no_value: [无]\nambiguous: [无]", "under no_value as well"),
        ("ambiguous: ['0']", "holds a digit"),
        ("subtotals: [' ']", "must not be blank"),
        ("multipliers: {万: 1}", "must be above 1"),
    ],
)
def test_a_mistake_in_the_words_names_file_and_line(tmp_path: Any, line: str, said: str) -> None:
    import shutil

    folder = tmp_path / "catalogue"
    shutil.copytree(REPOSITORY / "pipeline" / "catalogue", folder)
    (folder / "writing.yaml").write_text(f"# words\n{line}\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=said) as raised:
        load_catalogue(folder)
    assert "writing.yaml, line" in str(raised.value)
