"""The ``junheng`` command: every subcommand under one door."""

from __future__ import annotations

from typing import Annotated

import typer

from junheng import advise, check, demo, layout, releases, roster, run, sample, serve, status, template, trace, withdraw

app = typer.Typer(
    help="均衡 Junheng：读取学校报表，计算校际差异系数与办学标准化指标，发布可核查的结果。\n\n"
    "Reads school returns, computes inter-school gap coefficients, publishes releases that can be checked.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        from pipeline.release.version import code_version

        typer.echo(f"junheng {code_version()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version.")
    ] = False,
) -> None:
    """The options that stand before a subcommand."""


app.command("demo")(demo.demo)
app.command("sample")(sample.sample)
app.command("run")(run.run)
app.command("template")(template.template)
app.command("check")(check.check)
app.add_typer(releases.app, name="releases")
app.add_typer(layout.app, name="layout")
app.add_typer(roster.app, name="roster")
app.command("trace")(trace.trace)
app.command("advise")(advise.advise)
app.command("status")(status.status)
app.command("withdraw")(withdraw.withdraw)
app.command("serve")(serve.serve)
