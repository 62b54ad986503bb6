"""Print the corrected document: `python -m regenerate.correct [DOCUMENT]`."""

import sys

from .corrected import main

if __name__ == "__main__":
    sys.exit(main())
