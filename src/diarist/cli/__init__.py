"""The `diarist` command: thin, and quick to start: libraries are loaded where they are used."""


def main() -> None:
    """Run the command line and exit."""
    try:
        from diarist.cli.app import run_app  # noqa: PLC0415 - nothing is loaded by an import alone

        run_app()
    except KeyboardInterrupt:  # so early that no command has begun
        raise SystemExit(130) from None
