"""Fill an empty installation with made-up customers, orders and follow-ups, set-based.

::

    python -m benchmarks.generate --customers 100000 --orders 1000000 --seed 1

writes into the database of ``DATABASE_URL`` (default: SQLite below ``TOUCHPOINT_VAR``), which must hold no
users. Every value is computed from its row's number by the same integer arithmetic on both databases, so
the same arguments give the same data everywhere. Customers near the front order far more than the others;
half of all stopped ordering at some time in the last three years.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from time import monotonic

from benchmarks.setup import machine, start

start()

from django.core.management import call_command  # noqa: E402  # Django must be set up first
from django.db import connection, models, transaction  # noqa: E402

from accounts.domain.organisation import change_organisation, organisation, today_at  # noqa: E402
from accounts.models import Role, Team, TeamMember, User, UserRole  # noqa: E402
from catalog.models import Item  # noqa: E402
from core.clock import database_now  # noqa: E402
from crm.models import Action, Contact, ContactLink, Customer, CustomerFacts  # noqa: E402
from orders.domain.facts import rebuild  # noqa: E402
from orders.models import OrderLine, SalesOrder  # noqa: E402

POSTGRESQL = connection.vendor == "postgresql"
PRIMES = (2654435761, 2246822519, 3266489917, 668265263, 374761393, 2860486313)
YEARS = 3 * 365
UNUSABLE = "!"  # as a password it matches nothing
REPS, PER_TEAM, ITEMS = 100, 10, 5000
WORDS = ("Amber", "Birch", "Copper", "Dale", "Elm", "Fern", "Granite", "Heron")
TRADES = ("Gifts", "Homewares", "Stationers", "Interiors", "Wholesale", "Trading", "Supplies", "Emporium")
CITIES = ("London", "Leeds", "Bath", "York", "Derby", "Hull", "Ely", "Wells")
KINDS = ("retail", "retail", "retail", "wholesale", "online", "hospitality", "industry", "other")
OUTCOMES = ("reached", "order", "no_interest")


def main() -> None:
    """Generate, analyze, and say what was made."""
    options = _options()
    call_command("migrate", verbosity=0, interactive=False)
    if User.objects.exists():
        raise SystemExit("This database already holds users: name an empty one.")
    print(machine())
    no_time_limit()
    now = database_now()
    today = today_at(now)
    steps = [
        ("people", lambda: _people(now)),
        ("items", lambda: _items(now)),
        ("customers", lambda: _customers(options.customers, options.seed, now)),
        ("contacts", lambda: _contacts(options.customers, now)),
        ("orders", lambda: _orders(options.customers, options.orders, options.seed, now, today)),
        ("lines", lambda: _lines(options.orders, options.seed)),
        ("facts", lambda: rebuild(day=today - timedelta(days=1), now=now)),
        ("follow-ups", lambda: _actions(options.customers, options.seed, now, today)),
    ]
    for name, step in steps:
        began = monotonic()
        with transaction.atomic():
            step()
        print(f"{name}: {monotonic() - began:.1f} s")
    _settle()
    for model in (Customer, SalesOrder, OrderLine, Action):
        print(f"{model._meta.label}: {model._default_manager.count():,}")


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


# --- SQL that both databases understand


def numbers(count: int) -> str:
    """A table ``n`` of the whole numbers ``i`` from 1 to ``count``."""
    if POSTGRESQL:
        return f"(SELECT generate_series(1, {count}) ::bigint AS i) AS n"
    series = f"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT {count}) SELECT i FROM s"
    return f"({series}) AS n"


def chance(of: str, below: int, seed: int, use: int) -> str:
    """A whole number from 0 to ``below`` - 1 that looks random and depends on ``of``, seed and use alone."""
    moved = f"(({of}) + {seed * 7919 + use * 104729})"
    return f"(({moved} * {PRIMES[use % len(PRIMES)]} % 4294967296) / 1021 % {below})"


def days_before(day: date, count: str) -> str:
    """The date ``count`` days before ``day``."""
    if POSTGRESQL:
        return f"(DATE '{day}' - ({count})::int)"
    return f"date('{day}', -({count}) || ' days')"


def instant(day: str, minute: str) -> str:
    """The moment some minutes after midnight UTC of a date."""
    if POSTGRESQL:
        return f"(({day})::timestamp AT TIME ZONE 'UTC' + ({minute}) * INTERVAL '1 minute')"
    return f"strftime('%Y-%m-%d %H:%M:%S', {day}, '+' || ({minute}) || ' minutes')"


def pick(words: Sequence[str], index: str) -> str:
    """The word at ``index`` of ``words``."""
    cases = " ".join(f"WHEN {place} THEN '{word}'" for place, word in enumerate(words))
    return f"CASE {index} {cases} END"


def insert(model: type[models.Model], rows: str, **values: str) -> None:
    """INSERT … SELECT: ``values`` are SQL by field name; other fields get their default, NULL or ''."""
    fields = [
        field for field in model._meta.concrete_fields if not (field.primary_key and field.name not in values)
    ]
    chosen, params = [], []
    for field in fields:
        if field.name in values:
            chosen.append(values[field.name].replace("%", "%%"))  # the drivers look for %s
            continue
        empty = None if field.null else ""
        default = field.get_default() if field.has_default() else empty
        chosen.append("%s")
        params.append(field.get_db_prep_save(default, connection))
    source = rows.replace("%", "%%")
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {', '.join(chosen)} FROM {source}", params)


# --- what is made


def _people(now: datetime) -> None:
    """A hundred reps in ten teams under one, an administrator, a manager and two of sales support."""
    own = organisation()
    change_organisation(
        name="Benchmark", time_zone="Europe/London", currency="GBP", country="GB", by=None, now=now,
        working_days=[1, 2, 3, 4, 5], opens_at=own.opens_at, closes_at=own.closes_at,
    )  # fmt: skip
    roles = {role.code: role for role in Role.objects.all()}
    kinds = ["sales_rep"] * REPS + ["administrator", "sales_manager", "sales_support", "sales_support"]
    users = User.objects.bulk_create(
        [
            User(
                email=f"{kind}{place}@bench.example",
                name=f"Bench {kind} {place}",
                password=UNUSABLE,
                created_at=now,
            )
            for place, kind in enumerate(kinds)
        ]
    )
    UserRole.objects.bulk_create(
        [UserRole(user=u, role=roles[kind]) for u, kind in zip(users, kinds, strict=True)]
    )
    for user, kind in zip(users, kinds, strict=True):
        user.groups.add(roles[kind].group_id)
    top = Team.objects.create(name="Everybody", lead=users[REPS + 1])
    for place in range(REPS // PER_TEAM):
        members = users[place * PER_TEAM : (place + 1) * PER_TEAM]
        team = Team.objects.create(name=f"Team {place}", lead=members[0], parent=top)
        TeamMember.objects.bulk_create([TeamMember(team=team, user=user) for user in members])


def _first_rep() -> int:
    return int(User.objects.get(email="sales_rep0@bench.example").pk)


def _owner(of: str) -> str:
    return f"{_first_rep()} + ({of}) % {REPS}"


def _items(now: datetime) -> None:
    name = f"'Article ' || {pick(WORDS, 'i % 8')} || ' ' || i"
    insert(
        Item, numbers(ITEMS), id="i", code="'B' || (10000 + i)", name=name, created_at=_literal(now),
        search=f"lower('b' || (10000 + i) || ' ' || {name})",
    )  # fmt: skip


def _literal(now: datetime) -> str:
    text = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"TIMESTAMPTZ '{text}+00'" if POSTGRESQL else f"'{text}'"


def _customers(count: int, seed: int, now: datetime) -> None:
    word, trade = pick(WORDS, chance("i", 8, seed, 0)), pick(TRADES, chance("i", 8, seed, 1))
    name = f"{word} || ' ' || {trade} || ' ' || i"
    first_team = int(Team.objects.get(name="Team 0").pk)
    insert(
        Customer,
        numbers(count),
        id="i",
        number="CAST(100000 + i AS varchar(20))" if POSTGRESQL else "CAST(100000 + i AS TEXT)",
        name=name,
        kind=pick(KINDS, chance("i", 8, seed, 2)),
        status="'active'",
        tier=f"CASE WHEN i <= {count // 20} THEN 'A' WHEN i <= {count // 4} THEN 'B' ELSE 'C' END",
        phone=f"'020 7946 ' || (1000 + {chance('i', 9000, seed, 3)})",
        city=pick(CITIES, chance("i", 8, seed, 4)),
        country="'United Kingdom'",
        owner=_owner("i"),
        team=f"{first_team} + (i % {REPS}) / {PER_TEAM}",
        search=f"lower((100000 + i) || ' ' || {name})",
        sort_name=f"lower({name})",
        source="'import'",
        created_at=_literal(now - timedelta(days=YEARS)),
    )
    insert(CustomerFacts, numbers(count), customer="i")


def _contacts(count: int, now: datetime) -> None:
    insert(
        Contact, numbers(count), id="i", first_name="'Ada'", last_name="'Contact ' || i", owner=_owner("i"),
        search="'ada contact ' || i", sort_name="'contact ' || i || ' ada'", created_at=_literal(now),
    )  # fmt: skip
    started = f"DATE '{now.date()}'" if POSTGRESQL else f"'{now.date()}'"
    insert(
        ContactLink,
        numbers(count),
        id="i",
        contact="i",
        customer="i",
        is_main="TRUE" if POSTGRESQL else "1",
        started_on=started,
    )


def _orders(customers: int, count: int, seed: int, now: datetime, today: date) -> None:
    """Order i: its customer by the square of a chance, its day within the time in which he bought at all."""
    u = chance("i", 1_000_000, seed, 0)
    customer = f"1 + ({u} * {u} / 1000000) * {customers} / 1000000"
    drawn = f"(SELECT i, {customer} AS c FROM {numbers(count)}) AS o"
    quiet = f"CASE WHEN {chance('c', 2, seed, 1)} = 0 THEN 0 ELSE {chance('c', YEARS - 100, seed, 2)} END"
    timed = f"(SELECT i, c, {quiet} AS q FROM {drawn}) AS t"
    ago = f"q + 1 + {chance('i', 1_000_000, seed, 3)} % ({YEARS} - q)"
    dated = f"(SELECT i, c, {days_before(today, ago)} AS d FROM {timed}) AS p"
    insert(
        SalesOrder,
        dated,
        id="i",
        number="'B' || (1000000 + i)",
        customer="c",
        currency="'GBP'",
        total=f"10000 * (20 + {chance('i', 480, seed, 4)})",
        kind="'sale'",
        status="'placed'",
        source="'import'",
        placed_on="d",
        placed_at=instant("d", f"540 + {chance('i', 480, seed, 5)}"),
        created_at=_literal(now),
    )


def _lines(orders: int, seed: int) -> None:
    price = f"10000 * (20 + {chance('i', 480, seed, 4)})"
    insert(
        OrderLine, numbers(orders), id="i", order="i", position="1",
        item=f"1 + {chance('i', ITEMS, seed, 2)}",
        text="'Article'", quantity="1", unit_price=price, total=price,
    )  # fmt: skip


def _actions(customers: int, seed: int, now: datetime, today: date) -> None:
    """Follow-ups of an event that is off: each customer has two closed ones, three in ten an open one."""
    rep = _owner("i")
    shared: dict[str, str] = {
        "kind": "'call'", "title": "'Call about the missing order'", "origin": "'event'",
        "origin_code": "'BENCH'", "owner": rep, "assignee": rep, "assign_rule": "'owner'",
    }  # fmt: skip
    open_count, closed = max(customers * 3 // 10, 1), customers * 2
    late = days_before(today, f"{chance('i', 40, seed, 1)} - 30")
    insert(
        Action, numbers(open_count), id="i", customer="i", due_on=late, original_due_on=late,
        origin_key="'BENCH:open:' || i", guard_key="'bench:customer:' || i",
        created_at=_literal(now - timedelta(days=12)), **shared,
    )  # fmt: skip
    day = days_before(today, chance("i", 700, seed, 2))
    insert(
        Action, numbers(closed), id=f"i + {open_count}", customer=f"1 + i % {customers}", due_on=day,
        original_due_on=day, origin_key="'BENCH:closed:' || i", status="'done'", closed_by=rep,
        outcome=pick(OUTCOMES, "i % 3"), closed_on=day, closed_at=instant(day, "600"),
        created_at=instant(day, "0"), **shared,
    )  # fmt: skip


def _settle() -> None:
    """Bring sequences behind the ids that were written, and the planner's statistics up to date."""
    from django.core.management.color import no_style  # import here: only needed at the end

    tables = [Item, Customer, Contact, ContactLink, SalesOrder, OrderLine, Action]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE" if POSTGRESQL else "ANALYZE")


def no_time_limit() -> None:
    """Let statements of this connection run as long as they need."""
    if POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")


if __name__ == "__main__":
    main()
