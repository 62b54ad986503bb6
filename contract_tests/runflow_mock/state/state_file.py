"""The state in a SQLite file: written before an answer is sent, read when a server starts."""

import json
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Final

from attrs import asdict

from ..contract.json_types import JsonObject
from .clock import AcceleratedClock, SteppedClock, api_instant, parse_instant
from .ledger import LedgerEntry
from .money import decimal_text
from .state import State

SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, content BLOB);
CREATE TABLE IF NOT EXISTS ledger (run_id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, body TEXT);
"""
TABLES: Final = frozenset(("rows", "files", "ledger", "facts"))
# What reading a file raises that holds something else.
UNREADABLE: Final = (
    sqlite3.DatabaseError,
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
)


class StateFile:
    """A state in a SQLite file. It is used only from the thread that made it."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raise ValueError for a file of something else: it is left."""
        self._path = path
        try:
            self._connection = sqlite3.connect(path)
        except sqlite3.OperationalError as problem:
            raise ValueError(f"the state file {path} cannot be opened: {problem}") from None
        try:
            found = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
            if found and not found >= TABLES:
                raise sqlite3.DatabaseError("it has other tables")
            self._connection.executescript(SCHEMA)
        except sqlite3.DatabaseError as problem:
            raise self.refusal(problem) from None
        self._connection.execute("PRAGMA journal_mode = WAL")
        # In the order of the changes: rows that are written together keep the order of creation.
        self._changed: dict[tuple[str, str], None] = {}
        self._entries_written = 0
        self._facts = ""

    def changed(self, table: str, identifier: str) -> None:
        """Note that a row or file was written or deleted."""
        self._changed[table, identifier] = None

    def read_into(self, state: State) -> None:
        """Fill a fresh state from the file, and note its changes from then on.

        Raise ValueError, with the file closed, if the file holds something else.
        """
        try:
            self._fill(state)
        except UNREADABLE as problem:
            raise self.refusal(problem) from None
        for table in state.tables:
            table.listener = self
        state.files.listener = self
        self._changed.clear()

    def refusal(self, problem: Exception) -> ValueError:
        """Close the file and return the error that says why it is none of ours."""
        self._connection.close()
        reason = str(problem) if isinstance(problem, sqlite3.Error) else repr(problem)
        return ValueError(f"{self._path} is not a state file of runflow-mock: {reason}")

    def _fill(self, state: State) -> None:
        tables = {table.name: table for table in state.tables}
        for kind, body in self._connection.execute("SELECT kind, body FROM rows ORDER BY rowid"):
            if kind in tables:
                tables[kind].put(json.loads(body))
        for identifier, content in self._connection.execute("SELECT id, content FROM files"):
            state.files.put(identifier, content)
        for (body,) in self._connection.execute("SELECT body FROM ledger ORDER BY rowid"):
            entry: JsonObject = json.loads(body)
            state.ledger.restore(LedgerEntry(amount=Decimal(entry.pop("amount")), **entry))
        self._entries_written = len(state.ledger.entries)
        for (body,) in self._connection.execute("SELECT body FROM facts WHERE name = 'world'"):
            self._restore_facts(state, json.loads(body))

    def write(self, state: State) -> None:
        """Write what changed since the last time, all of it or nothing."""
        facts = _facts(state)
        # A clock that runs by itself is no change, or every answer would be written.
        noted = json.dumps(
            facts if isinstance(state.clock, SteppedClock) else {**facts, "now": None}
        )
        fresh = state.ledger.entries[self._entries_written :]
        if not self._changed and not fresh and noted == self._facts:
            return
        tables = {table.name: table for table in state.tables}
        with self._connection:
            for kind, identifier in self._changed:
                if kind == state.files.name:
                    self._write_file(identifier, state.files.get(identifier))
                else:
                    self._write_row(kind, identifier, tables[kind].get(identifier))
            for entry in fresh:
                body = json.dumps({**asdict(entry), "amount": decimal_text(entry.amount)})
                self._connection.execute("INSERT INTO ledger VALUES (?, ?)", (entry.run_id, body))
            self._connection.execute(
                "INSERT OR REPLACE INTO facts VALUES ('world', ?)", (json.dumps(facts),)
            )
        self._changed.clear()
        self._entries_written = len(state.ledger.entries)
        self._facts = noted

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _write_row(self, kind: str, identifier: str, row: JsonObject | None) -> None:
        if row is None:
            self._connection.execute(
                "DELETE FROM rows WHERE kind = ? AND id = ?", (kind, identifier)
            )
        else:
            # An update keeps the rowid, and with it the order of creation.
            self._connection.execute(
                "INSERT INTO rows VALUES (?, ?, ?) "
                "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, identifier, json.dumps(row)),
            )

    def _write_file(self, identifier: str, content: bytes | None) -> None:
        if content is None:
            self._connection.execute("DELETE FROM files WHERE id = ?", (identifier,))
        else:
            self._connection.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?)", (identifier, content)
            )

    def _restore_facts(self, state: State, facts: JsonObject) -> None:
        state.identifiers.count = facts["identifiers"]
        for organization_id, account in facts["accounts"].items():
            opened = state.ledger.account(organization_id)
            opened.balance = Decimal(account["balance"])
            opened.low_balance_threshold = Decimal(account["low_balance_threshold"])
            if account.get("changed_at") is not None:  # files of earlier versions lack it
                opened.changed_at = parse_instant(account["changed_at"])
        for key in state.keys:  # one that was removed is not accepted again
            state.keys.remove(key.key)
        for key in facts["keys"]:
            state.keys.add(**key)
        # Files of earlier versions have the instant of stepped clocks alone.
        if isinstance(state.clock, AcceleratedClock | SteppedClock) and facts["now"] is not None:
            state.clock.move_to(parse_instant(facts["now"]))


def _facts(state: State) -> JsonObject:
    return {
        "identifiers": state.identifiers.count,
        "accounts": {
            organization_id: {
                "balance": decimal_text(account.balance),
                "low_balance_threshold": decimal_text(account.low_balance_threshold),
                "changed_at": None
                if account.changed_at is None
                else api_instant(account.changed_at),
            }
            for organization_id, account in state.ledger.accounts.items()
        },
        "keys": [key.describe() for key in state.keys],
        "now": state.now().isoformat(),
    }
