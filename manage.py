#!/usr/bin/env python
"""Run a mailhold command from a checkout; installed, the same commands are `mailhold COMMAND`."""

from mailhold.cli import main

if __name__ == "__main__":
    main()
