"""What a form of the page says, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from engine.budget import Budget
from engine.errors import InputError
from service.page.results import Found

MOST_FIELDS = 100
"""Fields of a form; ours have some twenty."""


@dataclass(frozen=True)
class Form:
    """Fields of a form; of several alike all are kept."""

    fields: tuple[tuple[str, str], ...]

    def one(self, name: str, otherwise: str = "") -> str:
        """The first value of a field, without blanks around it."""
        return next((value.strip() for key, value in self.fields if key == name), otherwise)

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.fields if key == name and value]

    def number(self, name: str) -> float | None:
        """A number written with a point or a comma; None where the field is empty.

        Raises
        ------
        InputError
            It is no number.
        """
        text = self.one(name)
        if not text:
            return None
        plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")
        try:
            value = float(plain)
        except ValueError:
            value = float("nan")
        if value != value or value in (float("inf"), float("-inf")):
            raise InputError(f"{text[:40]!r} in the field {name} is no number.", "Write 12.50.")
        return value


async def read_form(request: Request) -> Form:
    """The fields of a form of the page.

    Raises
    ------
    InputError
        It is no such form.
    """
    try:
        text = (await request.body()).decode()
        return Form(tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)))
    except ValueError as error:
        raise InputError("The form cannot be read.", "Load the page again.") from error


def budget_in(form: Form) -> Budget:
    """The budget that a list is to be made for.

    Raises
    ------
    InputError, SettingError
        There is none, or it makes no sense.
    """
    amount = form.number("amount")
    if amount is None:
        raise InputError("The budget is empty.", "Give minutes or a number of controls.")
    if form.one("unit") == "controls":
        return Budget.controls(int(amount))
    return Budget.minutes(amount)


def found_in(form: Form) -> Found:
    """The result that was entered.

    Raises
    ------
    InputError
        A value makes no sense.
    """
    is_found = form.one("what") == "found"
    kinds = tuple(dict.fromkeys([*form.all("finding"), *form.all("also")])) if is_found else ()
    if is_found and not kinds:
        raise InputError("No finding was chosen.", "Choose what was found.")
    return Found(
        finding_types=kinds,
        is_minor=is_found and form.one("is_minor") == "yes",
        is_presented=is_found or form.one("presented", "yes") != "no",
        control_type=form.one("control_type", "physical") or "physical",
        status=form.one("status") or None,
        found_hs6=form.one("found_hs6") or None,
        found_value_eur=form.number("found_value_eur"),
        revenue_recovered_eur=form.number("revenue_recovered_eur"),
        minutes=form.number("minutes"),
    )


def seen_in(form: Form) -> int:
    """Number of the last event that was shown with the row."""
    text = form.one("seen", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def skip_reason_in(form: Form, usual: Mapping[str, str]) -> str:
    """Why a row is skipped: what was tapped, else what was written.

    Parameters
    ----------
    usual : texts of the usual reasons by their key.
    """
    return usual.get(form.one("chosen")) or form.one("reason")
