"""``junheng withdraw``: takes a submission, or a part or county of it, out of what counts; ``--undo`` puts it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from junheng.front import CatalogueOption, DebugOption, HomeOption, catalogue_of, one_sentence, out

if TYPE_CHECKING:
    from pipeline.store.home import Home
    from pipeline.store.receipts import Receipt
    from pipeline.withdrawing import Effect

NOTHING = "无 nothing"


@one_sentence
def withdraw(
    submission: Annotated[
        str,
        typer.Argument(
            help="收件号（或其开头）、收件箱内路径或文件名 / id, path inside the inbox, or file name.",
            show_default=False,
        ),
    ],
    home: HomeOption,
    reason: Annotated[str, typer.Option(help="理由，必填 / why; required.", show_default=False)] = "",
    part: Annotated[str | None, typer.Option(help="只撤回这一部分 / this part only.")] = None,
    county: Annotated[str | None, typer.Option(help="只撤回这一区县 / this county only.")] = None,
    by: Annotated[str, typer.Option(help="谁决定的 / who decided.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="恢复已撤回的 / put back what was withdrawn.")] = False,
    catalogue: CatalogueOption = "",
    debug: DebugOption = False,
) -> None:
    """撤回一份已收文件，或恢复它 / Take a submission out of what counts, or put it back.

    Nothing is deleted, and nothing changes until junheng run. The submission before it counts again.
    Exit codes: 0 done, 1 not done (the sentence says why).
    """
    from pipeline.store import withdrawals
    from pipeline.store.home import only_run_of, open_home
    from pipeline.withdrawing import effects, find_receipt, is_read

    opened = open_home(home)
    with only_run_of(opened):
        receipt = find_receipt(opened, submission, withdrawn=undo)
        read = is_read(opened, receipt)
        if read:
            _check_scope(opened, receipt, part, county)
        before = withdrawals.withdrawn_scopes(opened)
        change = withdrawals.reinstate if undo else withdrawals.withdraw
        change(opened, receipt.submission_id, reason, part, county, by)
        found = effects(opened, catalogue_of(opened, catalogue), receipt, before) if read else []
    _report(receipt, found, part, county, undo=undo)


def _check_scope(home: Home, receipt: Receipt, part: str | None, county: str | None) -> None:
    """Raises HomeError for a part or county that the submission does not hold, naming those that it does."""
    from pipeline.errors import HomeError
    from pipeline.withdrawing import parts_of_receipt

    parts, counties = parts_of_receipt(home, receipt)
    for given, known, zh, en in ((part, parts, "部分", "part"), (county, counties, "区县", "county")):
        if given is not None and given not in known:
            listed = "、".join(known) or "—"
            raise HomeError(
                f"{receipt.path} 没有{zh}“{given}”；其中有：{listed}",
                f"{receipt.path} has no {en} “{given}”; it has: {listed}",
            )


def _report(receipt: Receipt, found: list[Effect], part: str | None, county: str | None, *, undo: bool) -> None:
    """What was done, and what counts in its place."""
    from pipeline.store.withdrawals import scope_words

    zh, en = scope_words(part, county)
    done = ("恢复", "put back") if undo else ("撤回", "withdrawn")
    out.print(
        f"✓ 已{done[0]} {receipt.path}（{receipt.submission_id}，{zh}）/ {done[1]}: {en} of {receipt.path}",
        markup=False,
    )
    for effect in found:
        place = " ".join(text for text in (effect.county_code, effect.part) if text)
        if _id(effect.before) == _id(effect.after):
            out.print(f"  {place}: 计入的不变 / still counts: {_named(effect.after)}", markup=False)
        else:
            out.print(f"  {place}: {_named(effect.before)} → {_named(effect.after)}", markup=False)
    if not found:
        out.print("  该文件尚未读取，或没有可读的行 / the file was not read yet, or holds no row that can be read")
    out.print("  下次 junheng run 生效 / takes effect with the next junheng run")


def _id(receipt: Receipt | None) -> str | None:
    return receipt.submission_id if receipt else None


def _named(receipt: Receipt | None) -> str:
    return f"{receipt.path} #{receipt.seq}（{receipt.received_at[:10]}）" if receipt else NOTHING
