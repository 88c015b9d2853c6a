"""What moved, in words that an officer or an analyst can check."""

from __future__ import annotations

from collections.abc import Sequence

from models.movements import CHANGED, Movement, Stability
from models.random_controls import FEWEST, PromiseTest, ShareTest

MOST_PARTS = 3
"""Traits that an alert speaks of."""

MOST_VALUES = 2
"""Values told of each."""

NEARLY = 0.1
"""How far a change may be from half, twice or three times to be called so."""

_CHANNELS = {
    "platform and IOSS": "consignments of a platform with an IOSS number",
    "platform": "consignments of a platform without IOSS number",
    "IOSS": "consignments with an IOSS number and no platform",
    "neither": "consignments without platform and IOSS number",
}
_SENDERS = {
    "new": "consignments of senders never seen before",
    "newcomer": "consignments of senders of less than four weeks",
    "known": "consignments of senders known for four weeks",
}


def movement_groups(movements: Sequence[Movement]) -> list[list[Movement]]:
    """The movements that are told, by trait, the weightiest first."""
    columns = list(dict.fromkeys(one.column for one in movements))[:MOST_PARTS]
    return [[one for one in movements if one.column == name][:MOST_VALUES] for name in columns]


def movement_told(movement: Movement, *, is_first: bool = True) -> str:
    """`consignments of EUR 140 to 150 fell by half (4.1 % to 2.0 %)`."""
    subject = named(movement.column, movement.value, is_first=is_first)
    shares = f"{_share(movement.before)} to {_share(movement.now)}"
    return f"{subject} {_change(movement.before, movement.now)} ({shares})"


def movements_told(movements: Sequence[Movement]) -> str:
    """Movements of one trait."""
    told = [movement_told(one, is_first=at == 0) for at, one in enumerate(movements)]
    return ", ".join(told)


def scores_told(scores: Sequence[Stability]) -> str:
    """Risks that spread otherwise than before."""
    told = ", ".join(f"{one.column.replace('_', ' ')} {one.excess:.2f}" for one in scores)
    return f"risks spread otherwise than before (stability index: {told}; {CHANGED} is much)"


def named(column: str, value: str, *, is_first: bool = True) -> str:
    """A value of a trait in words; shorter where another of the same trait came before it."""
    of = "consignments of " if is_first else ""
    match column:
        case "value":
            return of + _band(value, "EUR {}", "more than EUR {}")
        case "mass":
            return of + _band(value, "{} kg", "more than {} kg")
        case "hs_chapter":
            return f"HS chapter {value}"
        case "procedure":
            return f"procedure {value.replace('|', ' with ')}"
        case "sender_country":
            return f"consignments of senders in {value}"
        case "airport":
            return f"loaded at {value}"
        case "channel":
            return _CHANNELS.get(value, value)
        case "sender":
            return _SENDERS.get(value, value)
        case _:
            return f"{column} {value}"


def share_told(test: ShareTest) -> str:
    """What random controls found, now against before."""
    before, now = test.before, test.now
    if test.p_value is None:
        return (
            f"random controls: {now.count} with a result now, {before.count} before; "
            f"{FEWEST} each are the least for a test"
        )
    chance = ": may be chance" if test.p_value > 0.05 else ""
    return (
        f"the random controls found {now.found_count} of {now.count} against "
        f"{before.found_count} of {before.count} (p {_p(test.p_value)}{chance})"
    )


def promise_told(test: PromiseTest) -> str:
    """What the model promised of the random controls, and what was found."""
    if test.p_value is None:
        return (
            f"promises: {test.count} random controls with a risk told before; "
            f"{FEWEST} are the least for a test"
        )
    chance = ": may be chance" if test.p_value > 0.05 else ""
    return (
        f"of {test.count} random controls the model expected {test.promised:.1f} irregular, "
        f"{test.found_count} were (p {_p(test.p_value)}{chance})"
    )


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.2g}"


def _share(share: float) -> str:
    """A percentage with three digits or so: small shares move, too."""
    return f"{share:.{1 if share >= 0.01 or share == 0 else 2}%}".replace("%", " %")


def _band(value: str, between: str, above: str) -> str:
    if value.endswith("+"):
        return above.format(value[:-1])
    return between.format(value.replace("-", " to "))


def _change(before: float, now: float) -> str:
    if before == 0:
        return "came new"
    if now == 0:
        return "went away"
    ratio = now / before
    for factor, words in ((0.5, "fell by half"), (2.0, "doubled"), (3.0, "tripled")):
        if abs(ratio / factor - 1) <= NEARLY:
            return words
    if ratio > 3:
        return f"grew {ratio:.1f} times"
    percent = f"{abs(ratio - 1):.0%}".replace("%", " %")
    return f"{'rose' if ratio > 1 else 'fell'} by {percent}"
