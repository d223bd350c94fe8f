"""`python -m diarist` is the `diarist` command."""

from diarist.cli import main

main()
