"""The ``archiver`` command: gathers the verbs, turns errors into messages and exit codes.

Exit codes: 0 done or verified; 1 a check failed; 2 usage; 3 a source could not be captured (the rest
was); 4 unreadable input; 5 this disk or workspace; 6 signer or TSA; 7 not checked; 70 a defect of
archiver itself; 130 interrupted.
"""

import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence

import typer

from archiver import __version__
from archiver.cli.commands import (
    capture,
    cite,
    demo,
    doctor,
    export,
    import_,
    index,
    init,
    key,
    log,
    redact,
    report,
    stamp,
    status,
    tsa,
    verify,
    witness,
)
from archiver.cli.output import say_error
from archiver.model.errors import ArchiverError

DEFECT = 70
INTERRUPTED = 130
_HELP = "archiver --help lists the commands, archiver COMMAND --help what one of them takes"

app = typer.Typer(
    name="archiver",
    help="Archive the sources that an investigation cites, and prove what was archived.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done or verified, 1 a check failed, 2 usage, 3 a source could not be captured, "
    "4 unreadable input, 5 this disk or workspace, 6 signer or TSA, 7 not checked, 130 interrupted.",
)
for name, command in (
    ("init", init.init),
    ("cite", cite.cite),
    ("capture", capture.capture),
    ("stamp", stamp.stamp),
    ("export", export.export),
    ("import", import_.import_),
    ("verify", verify.verify),
    ("status", status.status),
    ("report", report.report),
    ("redact", redact.redact),
    ("index", index.index),
    ("doctor", doctor.doctor),
    ("demo", demo.demo),
):
    app.command(name)(command)
app.add_typer(tsa.app, name="tsa")
app.add_typer(log.app, name="log")
app.add_typer(key.app, name="key")
app.add_typer(witness.app, name="witness")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Show the version and exit."),
) -> None:
    """Archive the sources that an investigation cites, and prove what was archived."""
    if version:
        typer.echo(f"archiver {__version__}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


# warcio logs a record's own text as it is: an escape sequence in a hostile WARC would reach the terminal.
_LIBRARY = logging.getLogger("warcio")
_LIBRARY.addHandler(logging.NullHandler())
_LIBRARY.propagate = False


def main(arguments: Sequence[str], *, commands: Callable[..., object] = app) -> int:
    """Run one command and give its exit code. The only place that catches everything."""
    as_json = "--json" in arguments
    try:
        answer = commands(args=list(arguments), standalone_mode=False, prog_name="archiver")
    except ArchiverError as error:
        say_error(error.message, hint=error.hint, exit_code=error.exit_code, as_json=as_json)
        return error.exit_code
    except typer.TyperException as error:
        say_error(error.format_message(), hint=_HELP, exit_code=error.exit_code, as_json=as_json)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say_error(
            "interrupted",
            hint="run the same command again: what was recorded stays",
            exit_code=INTERRUPTED,
            as_json=as_json,
        )
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the edge: a defect is told as one, never as a finding
        if os.environ.get("ARCHIVER_DEBUG"):
            traceback.print_exc()
        say_error(
            f"a defect of archiver: {type(error).__name__}: {error}",
            hint="nothing recorded was lost; ARCHIVER_DEBUG=1 shows where it happened",
            exit_code=DEFECT,
            as_json=as_json,
        )
        return DEFECT
    return answer if isinstance(answer, int) else 0
