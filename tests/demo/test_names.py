"""Invented names and the moving of the real orders."""

from datetime import date

from demo.load import ZONE
from demo.names import directory
from demo.people import new_password
from demo.trade import FIRST_DAY, LAST_DAY, Trade, weeks_since, weeks_until

NUMBERS = {f"{number}": "United Kingdom" for number in range(12000, 13000)} | {
    "14000": "Germany",
    "14004": "France",
}


def test_the_same_numbers_always_have_the_same_companies() -> None:
    assert directory(NUMBERS) == directory(NUMBERS)


def test_no_company_name_comes_twice() -> None:
    names = [company.details["name"] for company in directory(NUMBERS).values()]
    assert len(set(names)) == len(names)


def test_companies_abroad_live_in_a_town_of_their_country() -> None:
    found = directory(NUMBERS)
    assert found["14000"].details["city"] in ("Berlin", "Hamburg", "Köln", "Leipzig", "Bremen", "München")
    assert found["14004"].region == "French"


def test_telephones_are_numbers_kept_free_for_inventions() -> None:
    phones = [company.details["phone"] for company in directory(NUMBERS).values()]
    free = ("01632 960", "020 7946 0", "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0",
            "0118 496 0", "0121 496 0", "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "0191 498 0",
            "029 2018 0")  # fmt: skip
    assert [phone for phone in phones if phone and not phone.startswith(free)] == []


def test_orders_end_one_to_seven_days_before_any_day() -> None:
    for number in range(1, 29):
        today = date(2027, 2, number)
        last = Trade(weeks_until(today), ZONE).last_day
        assert 1 <= (today - last).days <= 7
        assert last.weekday() == LAST_DAY.weekday()


def test_the_move_is_found_again_from_the_first_day() -> None:
    trade = Trade(weeks_until(date(2027, 2, 1)), ZONE)
    assert weeks_since(trade.first_day) == trade.weeks


def test_the_file_begins_and_ends_as_the_code_says() -> None:
    file = Trade(0, ZONE).file
    assert (file.days[0], file.last_day) == (FIRST_DAY, LAST_DAY)


def test_passwords_differ_and_are_long_enough() -> None:
    drawn = {new_password() for _ in range(50)}
    assert len(drawn) == 50
    assert min(map(len, drawn)) >= 12
