"""Print the findings of a document: `python -m regenerate.lint [DOCUMENT]`."""

import sys

from .linter import main

if __name__ == "__main__":
    sys.exit(main())
