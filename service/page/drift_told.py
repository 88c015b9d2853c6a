"""What moved in the flow, in the visitor's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from service.drift_file import ToldControls, ToldDrift, ToldMovement
from service.page.language import Language

NEARLY = 0.1
"""How far a change may be from half, twice or three times to be called so."""

SURE_BELOW = 0.05
"""A p-value above it is said to be perhaps chance."""

_FACTORS = ((0.5, "halved"), (2.0, "doubled"), (3.0, "tripled"))

_NAMED = frozenset({"channel", "sender"})
"""Traits whose values have names of their own in each language."""


@dataclass(frozen=True)
class Alert:
    """What moved, as a page tells it.

    Attributes
    ----------
    first, last : the period that is told of, in words.
    lines : a sentence each; empty where nothing moved.
    """

    first: str
    last: str
    lines: tuple[str, ...]


def alert_in(t: Language, drift: ToldDrift | None) -> Alert | None:
    """The alert of a page; None where there is none."""
    if drift is None or not drift.is_alert:
        return None
    lines = [
        _sentence(", ".join(_movement(t, one, is_first=at == 0) for at, one in enumerate(some)))
        for some in _by_column(drift.movements)
    ]
    if drift.changed_scores:
        lines.append(t("drift.scores"))
    lines += controls_in(t, drift.controls)
    first, last = (t.day(day) for day in drift.now)
    return Alert(first, last, tuple(lines))


def controls_in(t: Language, controls: ToldControls) -> list[str]:
    """What the random controls say, where there are enough for a test."""
    told = []
    if controls.share_p_value is not None:
        told.append(
            t(
                "drift.controls",
                found=controls.now_found_count,
                of=controls.now_count,
                found_before=controls.before_found_count,
                of_before=controls.before_count,
                chance=_chance(t, controls.share_p_value),
            )
        )
    if controls.promise_p_value is not None:
        told.append(
            t(
                "drift.promise",
                of=controls.promised_count,
                promised=t.number(controls.promised, 1),
                found=controls.kept_count,
                chance=_chance(t, controls.promise_p_value),
            )
        )
    return told


def _by_column(movements: Sequence[ToldMovement]) -> list[list[ToldMovement]]:
    return [list(some) for _, some in groupby(movements, key=lambda one: one.column)]


def _movement(t: Language, one: ToldMovement, *, is_first: bool) -> str:
    subject = _subject(t, one.column, one.value)
    if is_first and one.column in ("value", "mass"):
        subject = t("drift.consignments", which=subject)
    return t(
        "drift.movement",
        subject=subject,
        change=_change(t, one.before, one.now),
        before=_share(t, one.before),
        now=_share(t, one.now),
    )


def _subject(t: Language, column: str, value: str) -> str:
    if column in ("value", "mass"):
        if value.endswith("+"):
            return t(f"drift.{column}_above", low=value[:-1])
        low, _, high = value.partition("-")
        return t(f"drift.{column}_between", low=low, high=high)
    if column in _NAMED:
        return t(f"drift.{column}_{value.replace(' ', '_').lower()}")
    return t(f"drift.{column}", value=value.replace("|", " + "))


def _change(t: Language, before: float, now: float) -> str:
    if before == 0:
        return t("drift.new")
    if now == 0:
        return t("drift.gone")
    ratio = now / before
    for factor, name in _FACTORS:
        if abs(ratio / factor - 1) <= NEARLY:
            return t(f"drift.{name}")
    if ratio > 3:
        return t("drift.times", times=t.number(ratio, 1))
    return t("drift.rose" if ratio > 1 else "drift.fell", by=t.percent(abs(ratio - 1), 0))


def _share(t: Language, share: float) -> str:
    """A percentage with three digits or so: small shares move, too."""
    return t.percent(share, 1 if share >= 0.01 or share == 0 else 2)


def _chance(t: Language, p_value: float) -> str:
    told = t("drift.p", p=t.number(p_value, 3 if p_value < 0.1 else 2))
    return t("drift.maybe", p=told) if p_value > SURE_BELOW else told


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
