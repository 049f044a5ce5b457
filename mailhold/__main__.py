"""`python -m mailhold COMMAND` is the same as `mailhold COMMAND`."""

from mailhold.cli import main

main()
