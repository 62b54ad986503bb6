"""Write down that the mock server's handlers fit the document as it is."""

from pathlib import Path

from runflow_mock.contract import written_for
from runflow_mock.contract.document import Document

PLACE = Path(written_for.__file__)


def main() -> None:
    """Write the document's fingerprint into the module."""
    text = PLACE.read_text(encoding="utf-8")
    fingerprint = Document.read().fingerprint
    PLACE.write_text(text.replace(written_for.WRITTEN_FOR, fingerprint), encoding="utf-8")


if __name__ == "__main__":
    main()
