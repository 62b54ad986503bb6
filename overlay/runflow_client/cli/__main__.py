"""`python -m runflow_client.cli` is the command `runflow`."""

import sys

from .main import main

sys.exit(main())
