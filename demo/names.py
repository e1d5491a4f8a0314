"""Invented companies and contacts: the same number always gives the same ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from core.text import fold
from crm.models import ContactLink, Customer
from demo import words

HOME = ("United Kingdom", "Channel Islands")
# What the orders use as a country and is none, or has another name.
COUNTRY_NAMES = {"Unspecified": "", "European Community": "", "EIRE": "Ireland"}


@dataclass(frozen=True)
class Person:
    """A contact of a company; ``role`` is what he does there."""

    first_name: str
    last_name: str
    job_title: str
    email: str
    phone: str
    role: str


@dataclass(frozen=True)
class Company:
    """An invented customer. ``details`` are fields of :class:`Customer`; the first contact is the main."""

    number: str
    region: str
    details: dict[str, Any]
    contacts: tuple[Person, ...]


def directory(countries: Mapping[str, str]) -> dict[str, Company]:
    """A company for each customer number with its country as the orders name it; no name comes twice."""
    taken: set[str] = set()
    return {number: _company(number, countries[number], taken) for number in sorted(countries)}


def region_of(country: str, town: str) -> str:
    """Which part of the world the company works in: north, south, or the language abroad."""
    if country in HOME:
        return "north" if town in {name for name, *_ in words.NORTH} else "south"
    return _language(country)


def _language(country: str) -> str:
    return words.COUNTRIES.get(country, ("Other", ""))[0]


def _company(number: str, country: str, taken: set[str]) -> Company:
    draw = Random(f"company {number}")
    home = country in HOME
    name, kind = _free_name(draw, country, home, taken)
    town, postcode, phone = _place(draw, country, home)
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")
    street = f"{draw.randint(1, 180)} {draw.choice(words.LANES)} {draw.choice(words.WAYS)}" if home else ""
    details = {
        "name": name,
        "kind": kind,
        "email": f"hello@{slug}.example",
        "phone": phone,
        "website": f"https://www.{slug}.example" if draw.random() < 0.7 else "",
        "street": street,
        "postcode": postcode,
        "city": town,
        "country": COUNTRY_NAMES.get(country, country),
    }
    return Company(number, region_of(country, town), details, _contacts(draw, country, slug, phone))


def _free_name(draw: Random, country: str, home: bool, taken: set[str]) -> tuple[str, str]:
    """A name that nobody has yet; many tries in vain mean that the pool of words is too small."""
    for _ in range(1000):
        name, kind = _home_name(draw) if home else _name_abroad(draw, country)
        if name not in taken:
            taken.add(name)
            return name, kind
    raise LookupError(f"No free company name is left for a customer in {country}.")


def _home_name(draw: Random) -> tuple[str, str]:
    trade, kind = draw.choice(words.TRADES)
    first, second = draw.sample(words.SURNAMES, 2)
    thing, other = draw.sample(words.THINGS, 2)
    shapes = (
        f"{first} {trade}",
        f"{first} and {second}",
        f"{draw.choice(words.LANES)} {draw.choice(words.WAYS)} {trade}",
        f"The {draw.choice(words.ADJECTIVES)} {thing}",
        f"{thing} and {other}",
        f"{thing} {trade}",
    )
    shape = draw.randrange(len(shapes))
    return shapes[shape], kind if shape in (0, 2, 5) else Customer.Kind.RETAIL


def _name_abroad(draw: Random, country: str) -> tuple[str, str]:
    surnames, _, shapes = words.ABROAD[_language(country)]
    first, second = draw.sample(surnames.split(), 2)
    who = first if draw.random() < 0.6 else f"{first} {second}"
    shape = draw.choice(shapes)
    kind = Customer.Kind.WHOLESALE if shape == shapes[-1] else Customer.Kind.RETAIL
    return shape.format(who), kind


def _place(draw: Random, country: str, home: bool) -> tuple[str, str, str]:
    """Town, postcode and telephone; abroad only the town, because no number there is known to be free."""
    if not home:
        towns = words.COUNTRIES.get(country, ("", ""))[1]
        return draw.choice(towns.split() or [""]), "", ""
    if country == "Channel Islands":
        return "St Helier", "JE2", ""
    town, outward, exchange = draw.choice(draw.choices((words.NORTH, words.SOUTH), (45, 55))[0])
    letters = "".join(draw.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
    return town, f"{outward} {draw.randint(1, 9)}{letters}", f"{exchange}{draw.randint(0, 999):03d}"


def _contacts(draw: Random, country: str, slug: str, phone: str) -> tuple[Person, ...]:
    """One or two people; the first decides or buys."""
    if country in HOME:
        first_names, surnames = words.FIRST_NAMES, words.SURNAMES
    else:
        listed, first, _ = words.ABROAD[_language(country)]
        first_names, surnames = first.split(), listed.split()
    count = 2 if draw.random() < 0.25 else 1
    names = zip(draw.sample(first_names, count), draw.sample(surnames, count), strict=True)
    roles = (draw.choice((ContactLink.Role.BUYER, ContactLink.Role.DECISION)), ContactLink.Role.ACCOUNTS)
    jobs = (draw.choice(words.JOBS[:-1]), words.JOBS[-1])
    return tuple(
        Person(first, last, job, f"{fold(first)}@{slug}.example".replace(" ", ""), phone, role)
        for (first, last), job, role in zip(names, jobs, roles, strict=False)
    )
