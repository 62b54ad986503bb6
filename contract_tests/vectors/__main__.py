"""`python -m vectors` writes the frozen vectors."""

import sys

from .collection.collect import main

if __name__ == "__main__":
    sys.exit(main())
