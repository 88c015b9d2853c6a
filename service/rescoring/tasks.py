"""What is done on whatever machine: the tasks of a rescoring, and what each gives back.

All of them are idempotent: done twice, or killed and done again, they leave the same files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.budget import Budget
from engine.draw import RANDOM_SHARE
from service.inspection import DEFAULT_POLICY, Wish
from service.rescoring.places import Place, file_name

NOTHING = "nothing"
"""Name of the profiles before the first day of an archive."""

BASE = "base"
"""Name of the profiles that the model brings along."""


@dataclass(frozen=True)
class Evening:
    """Profiles as of an evening.

    Attributes
    ----------
    name : a day, `NOTHING` or `BASE`.
    on : the last day that they include; None: no day at all.
    """

    name: str = NOTHING
    on: date | None = None

    @classmethod
    def of(cls, day: date) -> Evening:
        """The evening of a day of the archive."""
        return cls(day.isoformat(), day)


@dataclass(frozen=True)
class Lists:
    """What is asked of the list of each flight.

    Attributes
    ----------
    controls, minutes : the budget; exactly one is given.
    policy : name of the policy that fills it.
    random_share : share of it drawn at random.
    ending : form of the lists, such as `.csv`.
    """

    controls: int | None = None
    minutes: float | None = None
    policy: str = DEFAULT_POLICY
    random_share: float = RANDOM_SHARE
    ending: str = ".csv"

    def wish(self) -> Wish:
        """The wish that a list is made by.

        Raises
        ------
        SettingError
            A number makes no sense, or there is no such policy.
        """
        if self.controls is not None:
            budget = Budget.controls(self.controls)
        else:
            budget = Budget.minutes(self.minutes or 0.0)
        return Wish(budget, self.policy, self.random_share)


@dataclass(frozen=True)
class Job:
    """What all tasks of a rescoring share.

    Attributes
    ----------
    archive : the declarations.
    out : where scores and lists go.
    canonical : where the rows of files in contract form are kept behind the door.
    model : the model's files.
    model_version : its name, such as `3 (ensemble)`.
    door : names the door and its key: rows kept behind another one are not used.
    outcomes_mark : names the control results that the ledger is made of.
    key : secret of the pseudonyms and of ties.
    lists : what is asked of the lists; None: scores alone.
    """

    archive: Place
    out: Place
    canonical: Place
    model: Place
    model_version: str
    door: str
    outcomes_mark: str
    key: bytes = field(repr=False)
    lists: Lists | None = None

    @property
    def work(self) -> Place:
        """What is kept between two calls, and cleared as it is not needed any more."""
        return self.out.at(".work")

    @property
    def outcomes(self) -> Place:
        """The control results that the ledger is made of."""
        return self.work.at("outcomes.parquet")

    def profiles(self, evening: Evening) -> Place:
        """Where the profiles of an evening are."""
        return self.work.at("profiles", evening.name)

    def counts(self, day: date) -> Place:
        """What the flights of a day add to the profiles."""
        return self.work.at("counts", day.isoformat())


@dataclass(frozen=True, order=True)
class Part:
    """A file that holds canonical rows of a flight.

    Attributes
    ----------
    number : its place in the archive; of two versions of a row the one of the later file stands.
    url : where it lies.
    """

    number: int
    url: str


@dataclass(frozen=True)
class Flight:
    """A flight of the archive.

    Attributes
    ----------
    number, on : flight number and day of arrival.
    parts : files that hold its rows, in order.
    mark : names the content of these files.
    """

    number: str
    on: date
    parts: tuple[Part, ...]
    mark: str

    @property
    def key(self) -> tuple[date, str]:
        """Day and number."""
        return self.on, self.number

    @property
    def file_name(self) -> str:
        """Its number as the name of a file."""
        return file_name(self.number)

    def told(self, out: Place, ending: str = ".parquet") -> Place:
        """Where its scores go, or with another ending its list."""
        return out.at(f"flight_date={self.on.isoformat()}", self.file_name + ending)

    def done(self, work: Place) -> Place:
        """Where it is noted that the flight was scored."""
        return work.at("done", f"flight_date={self.on.isoformat()}", self.file_name + ".json")


@dataclass(frozen=True)
class LookAt:
    """Look at a file of the archive; take its rows in unless they are canonical.

    Attributes
    ----------
    file : the file.
    name : how it is told.
    number : its place in the archive.
    """

    file: Place
    name: str
    number: int


@dataclass(frozen=True)
class FileSeen:
    """A file of the archive.

    Attributes
    ----------
    name, number : as of `LookAt`.
    sha256 : of its content.
    received_count, rejected_count : its rows; none are rejected of canonical ones.
    rules : broken rule -> rejected rows.
    flights : flight number, day and rows of each flight in it, with the file that holds them.
    error : why it cannot be used as a whole, in words; empty if it can.
    """

    name: str
    number: int
    sha256: str
    received_count: int = 0
    rejected_count: int = 0
    rules: dict[str, int] = field(default_factory=dict)
    flights: tuple[tuple[str, date, int, str], ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Count:
    """Count what a flight adds to the profiles."""

    flight: Flight


@dataclass(frozen=True)
class Roll:
    """Roll one profile, or a share of its keys, forward over a day.

    Attributes
    ----------
    day : the day.
    before : what it is rolled from.
    profile : name of the profile.
    share, shares : which of how many shares of the keys.
    flights : file names of the day's flights.
    """

    day: date
    before: Evening
    profile: str
    share: int
    shares: int
    flights: tuple[str, ...]


@dataclass(frozen=True)
class Rolled:
    """A profile, or a share of it, was rolled forward; `row_count` rows are in it."""

    row_count: int


@dataclass(frozen=True)
class Score:
    """Score a flight, and count it on the way.

    Attributes
    ----------
    flight : the flight.
    before : the profiles it is seen with.
    known : names what was known on the morning of its day.
    mark : names all that its scores depend on.
    counts : whether what it adds to the profiles is needed too.
    """

    flight: Flight
    before: Evening
    known: str
    mark: str
    counts: bool


@dataclass(frozen=True)
class FlightDone:
    """A flight that was scored.

    Attributes
    ----------
    flight_number, flight_date : the flight.
    mark : names all that its scores depend on.
    item_count, consignment_count, score_count : rows in and out.
    risk_sum, revenue_sum_eur : sums over the scores as written.
    files : name -> SHA-256 of what was written, from `out`.
    """

    flight_number: str
    flight_date: str
    mark: str
    item_count: int
    consignment_count: int
    score_count: int
    risk_sum: float
    revenue_sum_eur: float
    files: dict[str, str]

    @classmethod
    def of(cls, told: dict[str, Any]) -> FlightDone:
        """From what was noted."""
        return cls(**told)


Task = LookAt | Count | Roll | Score
Done = FileSeen | None | Rolled | FlightDone
