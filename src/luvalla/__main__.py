"""`python -m luvalla`: what the launcher starts."""

from __future__ import annotations

import sys

from luvalla.cli.main import main

sys.exit(main())
