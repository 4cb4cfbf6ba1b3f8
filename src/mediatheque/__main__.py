"""`python -m mediatheque` is the `mediatheque` command."""

import sys

from mediatheque.operations.cli import main

sys.exit(main())
