"""Flights scored as a whole, and lists made from them: kept, so that each can be made again.

A scoring is a folder: risks, features, and what reasons and evidence need of the sight. It is named
by all that it depends on (the flight's rows, the past, the model, the catalogue), so that a second
list of the same flight costs a second, not a minute; and a list keeps the wish and the scoring that
it was made from.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import sqlalchemy as sa

from engine.errors import StateError
from features.catalogue import fingerprint
from features.references import References
from features.telling import Told
from models.artifact import load_artifact
from models.expert import Expert
from models.explanation import told_reasons
from models.promises import Promises
from models.scorer import ScoredFlights, Scorer
from service.archive import Known, known_before
from service.drift_watch import FLOW, DriftWatch, flow_text
from service.evidence import evidence_of, kept
from service.home import Home
from service.inspection import Inspection, Wish, inspect
from service.issued import IssuedList
from service.list_table import summary
from service.on_disk import sha256_of, sync
from service.routes.faults import NotThereError
from service.scoring import InForce, Scored, in_force
from service.sealing import check_model
from service.storage.audit import record
from service.storage.database import Database
from service.storage.instants import microseconds
from service.storage.tables import lists, scorings
from service.store import Store
from service.wishes import wish_json, wish_of

_LOG = logging.getLogger(__name__)

KEPT_CONSIGNMENTS = 50_000
"""Consignments of scorings kept in memory, some 4 KB each: an officer asks again with another
budget; the last scoring is kept whatever its size (estimate)."""

OLD_SECONDS = 3_600.0
"""A folder that is older than this and that no scoring names was left by a killed process."""

_ABOUT = "about.json"
_PARTS = ("risks", "features", "seen")


@dataclass(frozen=True)
class Scoring:
    """A flight scored as a whole, as the database tells of it; the columns of `scorings`."""

    id: int
    flight_date: str
    flight_number: str
    rows_mark: str
    past_mark: str
    model_version: str
    feature_fingerprint: str
    is_degraded: bool
    note: str
    past_note: str
    item_count: int
    consignment_count: int
    folder: str
    risks_sha256: str
    made_at_us: int

    @property
    def key(self) -> tuple[Any, ...]:
        """All that its numbers depend on."""
        return (self.flight_date, self.flight_number, self.rows_mark, self.past_mark,
                self.model_version, self.feature_fingerprint, bool(self.is_degraded))  # fmt: skip


@dataclass
class Sheet:
    """A scoring with its tables: what `service.inspection.inspect` asks for risks and reasons.

    Attributes
    ----------
    scoring : what it is.
    made : risks, features and sight, with the model.
    references : what goods usually cost and weigh, as of that morning.
    told : reasons of the consignments that were asked for last, by position.
    """

    scoring: Scoring
    made: Scored
    references: References
    told: dict[int, list[Told]] = field(default_factory=dict)

    @property
    def consignments(self) -> pl.DataFrame:
        """One row a consignment."""
        return self.made.consignments

    @property
    def version(self) -> str:
        """What scored."""
        return self.scoring.model_version

    @property
    def is_degraded(self) -> bool:
        """Whether rules rank."""
        return bool(self.scoring.is_degraded)

    @property
    def note(self) -> str:
        """Why there is no model."""
        return self.scoring.note

    @property
    def past_note(self) -> str:
        """Why nothing is known of the past."""
        return self.scoring.past_note

    def reasons(self, chosen: pl.DataFrame) -> list[list[str]]:
        """Sentences an officer can check, in the order of `chosen`."""
        rows = self.made.rows_of(chosen)
        found = told_reasons(self.made.promises.model, self.made.flights, rows) if rows else []
        self.told = dict(zip(rows, found, strict=True))
        return [[one.sentence for one in some] for some in found]


class Flights:
    """Scorings and lists of one state folder.

    Parameters
    ----------
    home, database, store : the state.
    model : gives the model in force.
    """

    def __init__(
        self,
        home: Home,
        database: Database,
        store: Store,
        model: Callable[[], InForce] | None = None,
    ) -> None:
        self._home = home
        self._database = database
        self._store = store
        self._model = model or (lambda: in_force(home))
        self._sheets: OrderedDict[int, Sheet] = OrderedDict()
        self._known: dict[tuple[str, date], Known] = {}
        self._drift = DriftWatch(home, database, store)

    def scored_flight(self, flight_number: str, flight_date: date) -> Scoring:
        """Everything received for a flight, scored by the model in force; made once and kept.

        Raises
        ------
        NotThereError
            Nothing was received for the flight.
        """
        return self._sheet(flight_number, flight_date).scoring

    def issued_list(
        self, flight_number: str, flight_date: date, wish: Wish, issued_to: str
    ) -> IssuedList:
        """The list of a flight; the same wish for the same scoring is the same list again.

        Parameters
        ----------
        issued_to : who gets it, for the audit log.

        Raises
        ------
        NotThereError
            Nothing was received for the flight.
        """
        sheet = self._sheet(flight_number, flight_date)
        text = wish_json(wish)
        known = self._issued(sheet.scoring.id, text)
        if known is not None:
            return known
        made = self._inspected(sheet, wish)
        at = datetime.now(UTC)
        content = {
            "about_json": _json(_about(sheet.scoring, made, at)),
            "rows_json": _json(made.rows.to_dicts()),
            "evidence_json": _json(self._evidence(sheet, made)),
        }
        self._register_list(sheet.scoring, text, content, issued_to, at)
        issued = self._issued(sheet.scoring.id, text)
        assert issued is not None
        return issued

    def reproduced(self, list_id: int) -> tuple[IssuedList, bool]:
        """A list made anew from its scoring, and whether it is the list that was issued.

        Raises
        ------
        NotThereError
            There is no such list.
        StateError
            The scoring or the model that it was made from is gone, or was changed.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(lists).where(lists.c.id == list_id)).mappings()
            found = row.one_or_none()
            if found is None:
                raise NotThereError(f"There is no list {list_id}.", "Give the number of one.")
            told = sa.select(scorings).where(scorings.c.id == found["scoring_id"])
            scoring = Scoring(**connection.execute(told).mappings().one())
        sheet = self._read(scoring, None, References.empty())
        wish = wish_of(found["wish_json"])
        rows = self._inspected(sheet, wish).rows
        return _list_of(found), _sha256(_json(rows.to_dicts())) == found["rows_sha256"]

    def clear_up(self) -> None:
        """Take away what processes that were killed left of scorings that nobody knows of."""
        folder = self._home.root / "scorings"
        before = time.time() - OLD_SECONDS
        with self._database.reading() as connection:
            known = set(connection.execute(sa.select(scorings.c.folder)).scalars())
        for path in folder.iterdir() if folder.is_dir() else ():
            if f"scorings/{path.name}" not in known and path.stat().st_mtime < before:
                shutil.rmtree(path, ignore_errors=True)

    def _sheet(self, flight_number: str, flight_date: date) -> Sheet:
        model = self._model()
        rows_mark = self._store.flight_mark(flight_number, flight_date)
        past = self._past(model, flight_date)
        key = (flight_date.isoformat(), flight_number, rows_mark, past.mark,
               model.version, fingerprint(), model.is_degraded)  # fmt: skip
        for sheet in reversed(self._sheets.values()):
            if sheet.scoring.key == key:
                self._sheets.move_to_end(sheet.scoring.id)
                return sheet
        return self._keep(self._found(key, model, past) or self._made(key, model, past))

    def _keep(self, sheet: Sheet) -> Sheet:
        self._sheets[sheet.scoring.id] = sheet
        sizes = [one.scoring.consignment_count for one in self._sheets.values()]
        while len(sizes) > 1 and sum(sizes) > KEPT_CONSIGNMENTS:
            self._sheets.popitem(last=False)
            sizes.pop(0)
        return sheet

    def _past(self, model: InForce, day: date) -> Known:
        """What was known before a day; kept from call to call while nothing new came."""
        key = (model.base_id, day)
        self._known = {key: known_before(
            self._home, self._store, model.history, model.base_id, model.ledger, day,
            before=self._known.get(key),
        )}  # fmt: skip
        return self._known[key]

    def _found(self, key: tuple[Any, ...], model: InForce, past: Known) -> Sheet | None:
        """The scoring of this key, if it was made and is still whole."""
        with self._database.reading() as connection:
            scoring = _scoring_of(connection, key)
        if scoring is None:
            return None
        try:
            return self._read(scoring, model, past.history.references)
        except StateError:
            return None  # its folder was cleared away: it is made anew

    def _made(self, key: tuple[Any, ...], model: InForce, past: Known) -> Sheet:
        flight_date, flight_number = key[0], key[1]
        day = date.fromisoformat(flight_date)
        if flight_number not in self._store.flights(day)["flight_number"]:
            raise NotThereError(
                f"Nothing was received for flight {flight_number} of {flight_date}.",
                "Check number and date, or send its declarations first.",
            )
        # No name for the items: they are let go as soon as they are prepared.
        flights = Scorer(model.promises).score_day(
            self._store.flight(flight_number, day), past.history, past.ledger
        )
        flow = flow_text(flights)
        flights = replace(flights, seen=kept(flights.seen))
        made = Scored(flights, model.promises, model.version, model.is_degraded, model.note,
                      past.note)  # fmt: skip
        told = {
            "flight_date": flight_date, "flight_number": flight_number,
            "rows_mark": key[2], "past_mark": key[3], "model_version": key[4],
            "feature_fingerprint": key[5], "is_degraded": key[6], "note": made.note,
            "past_note": made.past_note, "item_count": int(flights.risks["line_count"].sum()),
            "consignment_count": flights.risks.height,
        }  # fmt: skip
        folder, sha256 = self._write(flights, flow, told, model.folder)
        scoring = self._register(key, told | {"folder": folder, "risks_sha256": sha256})
        # A list is not held up for want of a word on drift: the next scoring tells it.
        try:
            self._drift.renew()
        except Exception as problem:
            _LOG.warning("What moved could not be told: %s.", type(problem).__name__)
        return Sheet(scoring, made, past.history.references)

    def _write(
        self, flights: ScoredFlights, flow: str, told: dict[str, Any], model: Path | None
    ) -> tuple[str, str]:
        """Write the folder of a scoring, whole or not at all: its name and its risks' hash."""
        name = f"scorings/{secrets.token_hex(8)}"
        draft = self._home.root / "scorings" / f".draft-{os.getpid()}-{secrets.token_hex(4)}"
        draft.mkdir(parents=True)
        try:
            for name_of_part in _PARTS:
                getattr(flights, name_of_part).write_parquet(draft / f"{name_of_part}.parquet")
            (draft / FLOW).write_text(flow, encoding="utf-8")
            where = None if model is None else os.path.relpath(model, self._home.root)
            (draft / _ABOUT).write_text(json.dumps(told | {"model_folder": where}, indent=1) + "\n")
            sha256 = sha256_of(draft / "risks.parquet")
            for path in [*draft.iterdir(), draft]:
                sync(path)
            os.replace(draft, self._home.root / name)
            sync((self._home.root / name).parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return name, sha256

    def _register(self, key: tuple[Any, ...], told: dict[str, Any]) -> Scoring:
        """Make a scoring known; of two made at once the first stands."""
        at = microseconds(datetime.now(UTC))
        with self._database.writing() as connection:
            known = _scoring_of(connection, key)
            if known is not None and (self._home.root / known.folder / _ABOUT).is_file():
                shutil.rmtree(self._home.root / told["folder"], ignore_errors=True)
                return known
            done = connection.execute(sa.insert(scorings).values(**told, made_at_us=at))
            assert done.inserted_primary_key is not None
            return Scoring(id=done.inserted_primary_key[0], **told, made_at_us=at)

    def _read(self, scoring: Scoring, model: InForce | None, references: References) -> Sheet:
        """A scoring with its tables, and the model that made it."""
        folder = self._home.root / scoring.folder
        try:
            risks, features, seen = (pl.read_parquet(folder / f"{p}.parquet") for p in _PARTS)
            told = json.loads((folder / _ABOUT).read_text())
            is_whole = sha256_of(folder / "risks.parquet") == scoring.risks_sha256
        except (OSError, ValueError, pl.exceptions.PolarsError) as problem:
            raise StateError(
                f"The scoring in {folder} cannot be read: {problem}.",
                "Bring it back from your backup.",
            ) from problem
        if not is_whole:
            raise StateError(f"The risks in {folder} were changed.", "Bring back your backup.")
        promises = model.promises if model else self._promises(told["model_folder"])
        made = Scored(ScoredFlights(risks, features, seen), promises, scoring.model_version,
                      bool(scoring.is_degraded), scoring.note, scoring.past_note)  # fmt: skip
        return Sheet(scoring, made, references)

    def _promises(self, folder: str | None) -> Promises:
        """The model of a scoring made before."""
        if folder is None:
            return Promises(Expert())
        check_model(self._home, self._home.root / folder)
        return load_artifact(self._home.root / folder).promises

    def _inspected(self, sheet: Sheet, wish: Wish) -> Inspection:
        return inspect(
            sheet.consignments, wish, lambda _: sheet, self._home.pseudonym_key()
        )  # fmt: skip

    def _evidence(self, sheet: Sheet, made: Inspection) -> list[dict[str, Any]]:
        flights = sheet.made.flights
        rows = sheet.made.rows_of(made.rows)
        told = [sheet.told.get(row, []) for row in rows]
        return evidence_of(flights.seen, flights.risks, sheet.references, rows, told)

    def _issued(self, scoring_id: int, wish_text: str) -> IssuedList | None:
        asked = sa.select(lists).where(
            lists.c.scoring_id == scoring_id, lists.c.wish_json == wish_text
        )
        with self._database.reading() as connection:
            row = connection.execute(asked).mappings().one_or_none()
        return None if row is None else _list_of(row)

    def _register_list(
        self, scoring: Scoring, wish_text: str, content: dict[str, str], to: str, at: datetime
    ) -> None:
        public_id, rows_sha256 = secrets.token_hex(16), _sha256(content["rows_json"])
        asked = sa.select(lists.c.id).where(
            lists.c.scoring_id == scoring.id, lists.c.wish_json == wish_text
        )
        with self._database.writing() as connection:
            if connection.execute(asked).one_or_none() is not None:
                return  # another process issued it a moment ago
            values = content | {
                "public_id": public_id, "scoring_id": scoring.id, "wish_json": wish_text,
                "flight_date": scoring.flight_date, "flight_number": scoring.flight_number,
                "rows_sha256": rows_sha256, "issued_to": to, "issued_at_us": microseconds(at),
            }  # fmt: skip
            connection.execute(sa.insert(lists).values(**values))
            record(
                connection, actor=to, action="list.issued", subject=public_id, at=at,
                detail={
                    "flight_number": scoring.flight_number, "flight_date": scoring.flight_date,
                    "model_version": scoring.model_version, "rows_sha256": rows_sha256,
                    "feature_fingerprint": scoring.feature_fingerprint,
                    "risks_sha256": scoring.risks_sha256, "scoring_id": scoring.id,
                },
            )  # fmt: skip


def _scoring_of(connection: sa.Connection, key: Sequence[Any]) -> Scoring | None:
    """The latest scoring of a key."""
    at = scorings.c
    asked = sa.select(scorings).where(
        at.flight_date == key[0], at.flight_number == key[1], at.rows_mark == key[2],
        at.past_mark == key[3], at.model_version == key[4], at.feature_fingerprint == key[5],
        at.is_degraded == key[6],
    )  # fmt: skip
    row = connection.execute(asked.order_by(at.id.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else Scoring(**row)


def _about(scoring: Scoring, made: Inspection, at: datetime) -> dict[str, Any]:
    """What a list tells of itself."""
    selection = made.selection
    return {
        "flight_number": scoring.flight_number,
        "flight_date": scoring.flight_date,
        "budget": made.wish.budget.amount,
        "unit": made.wish.budget.unit,
        "spent": selection.spent,
        "minutes": asdict(selection.account) | {"total_minutes": selection.account.total_minutes},
        "offered_count": selection.offered_count,
        "random_count": selection.random_count,
        "mandatory_count": selection.mandatory_count,
        "item_count": scoring.item_count,
        "policy": selection.policy_name,
        "model_version": scoring.model_version,
        "feature_fingerprint": scoring.feature_fingerprint,
        "is_degraded": bool(scoring.is_degraded),
        "note": scoring.note,
        "past_note": scoring.past_note,
        "summary": summary(made),
        "issued_at": at.isoformat().replace("+00:00", "Z"),
    }


def _list_of(row: Any) -> IssuedList:
    rows = orjson.loads(row["rows_json"])
    for one in rows:
        one["flight_date"] = date.fromisoformat(one["flight_date"])
    return IssuedList(
        row["id"],
        row["public_id"],
        rows,
        orjson.loads(row["about_json"]),
        orjson.loads(row["evidence_json"]),
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
