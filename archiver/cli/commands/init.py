"""``archiver init``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say, say_json
from archiver.cli.passphrase import new_passphrase


def init(
    directory: Path = typer.Argument(..., help="Folder of the workspace; made if it is not there."),
    case: str = typer.Option("case-1", "--case", help="Name of the case: lowercase letters, digits, - _ ."),
    keyring: bool = typer.Option(False, "--keyring", help="Keep the passphrase in the system's keyring."),
    as_json: bool = typer.Option(False, "--json", help="Print what was made as JSON."),
) -> int:
    """Make a workspace, or add a case to one: folders, encrypted keys, configuration.

    The keys lie in your own data folder ($ARCHIVER_HOME), never in the workspace. The passphrase comes
    from the file that ARCHIVER_PASSPHRASE_FILE names, from the keyring, or from a prompt.
    """
    from archiver.app.home import find_home
    from archiver.app.init import initialise

    home = find_home(os.environ)
    made = initialise(directory.absolute(), case=case, home=home, passphrase=new_passphrase(keep=keyring))
    if as_json:
        say_json(
            {
                "workspace": str(made.root),
                "case": made.case,
                "origin": made.origin,
                "back_up": [str(path) for path in made.back_up],
                "public": [str(path) for path in made.public],
            }
        )
        return 0
    say(f"Workspace {made.root}, case {made.case}")
    say(f"The ledger's public name says nothing of the case: {made.origin}")
    say("")
    say("Back up these files and, apart from them, the passphrase. Without them nothing more can be")
    say("recorded in this ledger; what is recorded stays verifiable.")
    for path in made.back_up:
        say(f"  {path}")
    say("")
    say(f"Next: archiver cite DRAFT   (in {made.root})")
    return 0
