"""``python -m archiver`` and the ``archiver`` command."""

import sys


def run() -> None:
    """Run the command line and exit with its code. ``--version`` alone answers without loading anything."""
    if sys.argv[1:] == ["--version"]:
        from archiver import __version__  # noqa: PLC0415 - see above

        sys.stdout.write(f"archiver {__version__}\n")
        sys.exit(0)
    from archiver.cli.main import main  # noqa: PLC0415 - typer costs 200 ms

    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
