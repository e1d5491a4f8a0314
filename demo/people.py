"""The invented people of the demo: users of every shipped role, teams, territories, and their sign-ins.

::

    Sales (Ruth Calloway)
      ├ North (Daniel Asante): Mara Ellison, Jonas Lindahl
      └ South and export (Priya Raman): Theo Brandt, Sofia Marques
"""

import json
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction

from accounts.domain.organisation import change_organisation
from accounts.domain.team import create_team
from accounts.domain.territory import create_territory
from accounts.domain.user import create_user
from accounts.models import Role, Team, Territory, User
from core.errors import Refused

COMPANY = "Pemberton Giftware"
DOMAIN = "touchpoint.example"
CONSONANTS, VOWELS = "bdfghklmnprstv", "aeo"


@dataclass(frozen=True)
class Member:
    """A user of the demo: role by its code, and how readily he works off what is due (0 to 1)."""

    name: str
    role: str
    job_title: str
    diligence: float = 0.9

    @property
    def email(self) -> str:
        """``mara.ellison@touchpoint.example``."""
        return f"{'.'.join(self.name.lower().split())}@{DOMAIN}"

    @property
    def key(self) -> str:
        """The first name in lower case, by which the rest of the demo knows him."""
        return self.name.split()[0].lower()


MEMBERS = (
    Member("Mara Ellison", "sales_rep", "Sales representative, north", 0.86),
    Member("Ruth Calloway", "sales_manager", "Sales manager"),
    Member("Alex Morgan", "administrator", "Systems administrator"),
    Member("Daniel Asante", "account_manager", "Key accounts, north", 0.92),
    Member("Jonas Lindahl", "sales_rep", "Sales representative, north", 0.55),
    Member("Priya Raman", "account_manager", "Key accounts and export", 0.94),
    Member("Theo Brandt", "sales_rep", "Sales representative, south", 0.68),
    Member("Sofia Marques", "sales_rep", "Sales representative, south and export", 0.9),
    Member("Nell Whitaker", "sales_support", "Sales support", 0.93),
    Member("Imran Sheikh", "sales_support", "Sales support", 0.88),
    Member("Hanna Kowalski", "credit", "Credit control"),
    Member("Victor Osei", "executive", "Managing director"),
    Member("Lena Hofmann", "read_only", "Auditor"),
)
REPS = ("mara", "daniel", "jonas", "priya", "theo", "sofia")
SUPPORT = ("nell", "imran")
# Whose a region's customers are: the rep, and his share in parts of a hundred. None: nobody's yet.
OWNERS: dict[str, tuple[tuple[str | None, int], ...]] = {
    "north": (("mara", 40), ("jonas", 35), ("daniel", 20), (None, 5)),
    "south": (("theo", 45), ("sofia", 30), ("priya", 20), (None, 5)),
    "German": (("priya", 100),),
    "French": (("priya", 60), ("sofia", 40)),
    "Southern": (("sofia", 100),),
    "Nordic": (("priya", 100),),
    "Other": (("priya", 100),),
}
TERRITORIES = {
    "north": "North of England and Scotland",
    "south": "South of England, Midlands and Wales",
    "German": "Germany, Austria and Switzerland",
    "French": "France and Belgium",
    "Southern": "Southern Europe",
    "Nordic": "Nordics, Baltics and Poland",
    "Other": "Ireland and overseas",
}
HOME = ("north", "south")
SOUTH = "South and export"


@dataclass(frozen=True)
class Staff:
    """Everybody by key, teams by name, territories by region."""

    users: dict[str, User]
    teams: dict[str, Team]
    territories: dict[str, Territory]

    def __getitem__(self, key: str) -> User:
        return self.users[key]

    def workers(self) -> list[User]:
        """Who works off follow-ups."""
        return [self.users[key] for key in (*REPS, *SUPPORT)]

    def ownership(self, number: str, region: str, *, somebody: bool = False) -> dict[str, Any]:
        """Owner, team and territory of the customer ``number`` in ``region``; always the same.

        A few have no owner, unless ``somebody`` is asked for.
        """
        candidates = [pair for pair in OWNERS[region] if pair[0] or not somebody]
        keys, shares = zip(*candidates, strict=True)
        key = Random(f"owner {number}").choices(keys, shares)[0]
        team = "North" if region == "north" else SOUTH
        return {
            "owner": self.users[key] if key else None,
            "team": self.teams[team],
            "territory": self.territories[region],
        }


def sign_ins(path: Path) -> list[dict[str, str]]:
    """Name, e-mail, role and password of everybody, from the file ``path``; written now if there is none.

    Passwords are drawn for this installation and stand in the file before the first user is made, so that
    a start that was killed in between goes on with the same ones. Only the file's owner may read it.
    """
    if path.exists():
        found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        return found
    names = dict(Role.objects.values_list("code", "name"))
    rows = [
        {"name": one.name, "email": one.email, "role": names[one.role], "password": new_password()}
        for one in MEMBERS
    ]
    draft = path.with_suffix(".new")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(rows, file, indent=1)
    draft.replace(path)  # whole or not at all
    return rows


def new_password() -> str:
    """A random password that can be read out and typed: four made-up words and two digits, about 49 bits."""
    words = ["".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in "ab") for _ in "abcd"]
    return f"{'-'.join(words)}{secrets.randbelow(90) + 10}"


@transaction.atomic
def hire(*, passwords: Collection[dict[str, str]], now: datetime) -> None:
    """Make the organisation, users, teams and territories; all or nothing.

    The caller has looked that there are no users yet.
    """
    change_organisation(
        name=COMPANY, time_zone="Europe/London", currency="GBP", country="GB", working_days=[1, 2, 3, 4, 5],
        opens_at=time(9), closes_at=time(17, 30), by=None, now=now,
    )  # fmt: skip
    roles = {role.code: role for role in Role.objects.all()}
    password_of = {row["email"]: row["password"] for row in passwords}
    users = {
        one.key: create_user(
            email=one.email, name=one.name, job_title=one.job_title, password=password_of[one.email],
            roles=[roles[one.role]], by=None, now=now,
        )
        for one in MEMBERS
    }  # fmt: skip
    _form_teams(users, now=now)
    _draw_territories(now=now)


def _form_teams(users: dict[str, User], *, now: datetime) -> None:
    sales = create_team(name="Sales", lead=users["ruth"], members=[users["ruth"]], by=None, now=now)
    north = [users[key] for key in ("daniel", "mara", "jonas")]
    south = [users[key] for key in ("priya", "theo", "sofia")]
    create_team(name="North", lead=users["daniel"], parent=sales, members=north, by=None, now=now)
    create_team(name=SOUTH, lead=users["priya"], parent=sales, members=south, by=None, now=now)


def _draw_territories(*, now: datetime) -> None:
    """Territories by country below two large ones; the export desk sees its own by territory."""
    priya = User.objects.get(email=f"priya.raman@{DOMAIN}")
    home = create_territory(name="Great Britain", by=None, now=now)
    abroad = create_territory(name="Export", members=[priya], by=None, now=now)
    for region, name in TERRITORIES.items():
        create_territory(name=name, parent=home if region in HOME else abroad, by=None, now=now)


def check_ours() -> None:
    """Refuse when the users of this database are not the demo's."""
    if not set(User.objects.values_list("email", flat=True)) <= {one.email for one in MEMBERS}:
        raise Refused("This database already holds users: the demo is loaded into an empty one only.")


def staff() -> Staff:
    """Everybody as they stand in the database."""
    by_email = {user.email: user for user in User.objects.all()}
    by_name = {territory.name: territory for territory in Territory.objects.all()}
    return Staff(
        users={one.key: by_email[one.email] for one in MEMBERS},
        teams={team.name: team for team in Team.objects.all()},
        territories={region: by_name[name] for region, name in TERRITORIES.items()},
    )


def diligence() -> dict[str, float]:
    """How readily everybody works off what is due, by e-mail."""
    return {one.email: one.diligence for one in MEMBERS}
