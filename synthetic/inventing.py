"""Faker with the few providers that are needed: loading all of them takes most of a second."""

from typing import Final

from faker import Factory, Generator

_PROVIDERS: Final = [f"faker.providers.{name}" for name in ("address", "company", "person")]


def invented(locale: str, seed: int) -> Generator:
    """Return a seeded source of invented names, companies and addresses.

    Parameters
    ----------
    locale
        Language and country, such as `nl_BE`.
    seed
        Same seed, same names.
    """
    source = Factory.create(locale, providers=_PROVIDERS, use_weighting=False)
    for provider in source.get_providers():
        if isinstance(cities := getattr(provider, "cities", None), list):
            vars(provider)["cities"] = sorted(
                cities
            )  # Faker's Italian ones come from a set, in any order
    source.seed_instance(seed)
    return source
