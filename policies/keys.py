"""Bounds of a policy's own fields, the same for forms, files and tables."""

import re

KEY_PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
KEY = re.compile(KEY_PATTERN)
LONGEST_KEY = 100
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2_000
LAST_PRIORITY = 1_000_000
