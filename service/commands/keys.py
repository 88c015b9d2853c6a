"""`triage keys`: API keys made, listed and withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from service.access.roles import Role

if TYPE_CHECKING:
    from service.access.keyring import KeyRing

keys = typer.Typer(
    name="keys", no_args_is_help=True, help="API keys: make, list, withdraw.",
    pretty_exceptions_enable=False,
)  # fmt: skip

BY = "command line"
"""Who makes keys here, for the audit log."""


@keys.command()
def create(
    role: Annotated[Role, typer.Option(help="What its owner may do.")],
    name: Annotated[str, typer.Option(metavar="NAME", help='What it is called: "desk 3".')],
    expires_days: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=3_660, help="Days until it ends; never if left out."),
    ] = None,
) -> None:
    """Make a key and show it, this once.

    Example: triage keys create --role officer --name "desk 3"
    """
    from service.console import say

    with _ring() as ring:
        about, text = ring.create(
            role, name, by=BY, at=datetime.now(UTC), expires_days=expires_days
        )
    say(f"Key {about.id} for {about.role} was made. It is shown this once and kept nowhere:")
    typer.echo(text)


@keys.command("list")
def list_keys() -> None:
    """Every key that was made: never its secret.

    Example: triage keys list
    """
    from service.console import stdout, table

    now = datetime.now(UTC)
    with _ring() as ring:
        rows = [
            (one.id, one.role.value, one.name, f"{one.made_at:%Y-%m-%d}",
             f"{one.expires_at:%Y-%m-%d}" if one.expires_at else "never", one.state(now))
            for one in ring.all()
        ]  # fmt: skip
    stdout().print(table(["id", "role", "name", "made", "expires", "state"], rows))


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `triage keys list` says.")],
) -> None:
    """Withdraw a key for good; a running service refuses it within five seconds.

    Example: triage keys revoke k3m9x2ab
    """
    from service.console import say

    with _ring() as ring:
        about = ring.revoke(key_id, by=BY, at=datetime.now(UTC))
    say(f"Key {about.id} ({about.role}) is withdrawn.")


@contextmanager
def _ring() -> Iterator[KeyRing]:
    from service.access.keyring import KeyRing
    from service.access.pepper import pepper_of
    from service.composition import open_database, open_home
    from service.settings import read_settings

    home = open_home()
    database = open_database(home)
    try:
        yield KeyRing(database, pepper_of(home, read_settings()))
    finally:
        database.close()
