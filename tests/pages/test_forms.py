"""Forms: what people type becomes what a model wants, or a sentence beside the field."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, EmailStr, Field

from services.pages.forms import Form
from services.pages.languages import Refused, translator

ENGLISH = translator("en")


class Age(StrEnum):
    CHILD = "child"
    ADULT = "adult"


class Guest(BaseModel):
    age: Age
    note: str | None = None


class Address(BaseModel):
    street: Annotated[str, Field(max_length=5)]


class Visit(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=20)]
    count: int = 1
    price: Decimal | None = None
    day: date | None = None
    at: time | None = None
    email: EmailStr | None = None
    interests: list[str] = []
    guests: list[Guest] = []
    titles: dict[str, str] = {}
    address: Address | None = None
    consent: bool = False
    kind: Literal["a", "b"] = "a"


def read(**typed: str | list[str]) -> Form[Visit]:
    raw = {name.replace("__", "."): [value] if isinstance(value, str) else value for name, value in typed.items()}
    return Form.read(Visit, raw, ENGLISH)


def the(form: Form[Visit]) -> Visit:
    assert form.value is not None, form.errors
    return form.value


def test_an_empty_required_input_says_so_and_an_empty_optional_one_is_nothing() -> None:
    assert read(name="  ").errors == {"name": "Fill this in."}
    assert read().errors == {"name": "Fill this in."}
    assert the(read(name="Anke", price="", day="", count="")) == Visit(name="Anke")


def test_what_is_typed_stays_when_something_is_wrong() -> None:
    form = read(name="Anke", count="many", email="anke@")
    assert form.value is None
    assert form.get("name") == "Anke"
    assert form.get("email") == "anke@"
    assert form.errors == {
        "count": "Write a whole number, such as 12.",
        "email": "Write an e-mail address, such as name@example.org.",
    }


@pytest.mark.parametrize(
    ("field", "typed", "meant"),
    [
        ("price", "12,50", Decimal("12.50")),
        ("price", "1 250,5", Decimal("1250.5")),
        ("price", "1\u00a0250", Decimal(1250)),
        ("count", "12 000", 12000),
        ("count", "\u22123", -3),
        ("day", "31.5.2027", date(2027, 5, 31)),
        ("day", "2027-05-31", date(2027, 5, 31)),
        ("at", "14.30", time(14, 30)),
        ("at", "9:05", time(9, 5)),
        ("name", "31.5.2027", "31.5.2027"),
        ("name", "a\r\nb", "a\nb"),
    ],
)
def test_it_reads_numbers_dates_and_times_as_people_write_them(field: str, typed: str, meant: Any) -> None:
    assert getattr(the(Form.read(Visit, {"name": ["Anke"], field: [typed]}, ENGLISH)), field) == meant


def test_repeated_inputs_are_a_list_without_the_empty_ones() -> None:
    assert the(read(name="Anke", interests=["jobs", "", "school"])).interests == ["jobs", "school"]


def test_rows_left_empty_are_no_rows_and_errors_name_the_row_that_was_typed() -> None:
    form = read(name="Anke", guests__0__age="", guests__0__note="", guests__3__age="dog", guests__12__age="child")
    assert form.errors == {"guests.3.age": "Choose one of the options."}
    form = read(name="Anke", guests__1__age="adult", guests__10__age="child", guests__2__age="")
    assert [guest.age for guest in the(form).guests] == [Age.ADULT, Age.CHILD]


def test_rows_are_in_the_order_of_their_numbers_and_a_key_that_is_none_comes_last() -> None:
    raw = {"name": ["Anke"], "guests.².note": ["last"], "guests.10.note": ["10"], "guests.2.note": ["2"]}
    form = Form.read(Visit, raw | {f"guests.{key}.age": ["child"] for key in ("²", "10", "2")}, ENGLISH)
    assert [guest.note for guest in the(form).guests] == ["2", "10", "last"]


def test_texts_per_language_leave_out_the_empty_ones() -> None:
    assert the(read(name="Anke", titles__nb="Messe", titles__en=" ")).titles == {"nb": "Messe"}


def test_an_optional_group_left_empty_is_nothing_and_a_wrong_one_names_its_field() -> None:
    assert the(read(name="Anke", address__street="")).address is None
    assert read(name="Anke", address__street="Storgata").errors == {"address.street": "Write at most 5 characters."}


def test_an_item_of_a_list_that_is_wrong_names_the_input() -> None:
    class Days(BaseModel):
        days: list[date]

    assert Form.read(Days, {"days": ["2027-01-01", "x"]}, ENGLISH).errors == {
        "days": "Write a date, such as 2027-05-31."
    }
    assert Form.read(Days, {}, ENGLISH).errors == {"days": "Fill this in."}


def test_text_that_a_database_cannot_hold_is_refused_by_field() -> None:
    assert read(name="a\x00b").errors == {"name": "This holds characters that cannot be read."}
    assert read(name="Anke", unknown="\ud800").errors == {"unknown": "This holds characters that cannot be read."}


def test_a_validator_speaks_in_the_readers_language() -> None:
    class Strict(BaseModel):
        name: str

        def model_post_init(self, context: object) -> None:
            raise Refused("Choose one of the options.")

    assert Form.read(Strict, {"name": ["x"]}, translator("nb")).errors == {"form": "Velg ett av alternativene."}


def test_a_form_filled_with_values_reads_back_to_the_same() -> None:
    visit = Visit(
        name="Anke",
        count=3,
        price=Decimal("12.5"),
        day=date(2027, 5, 31),
        at=time(9, 5),
        interests=["jobs", "school"],
        guests=[Guest(age=Age.CHILD, note="shy"), Guest(age=Age.ADULT)],
        titles={"nb": "Æ"},
        address=Address(street="Vei"),
        consent=True,
        kind="b",
    )
    form: Form[Visit] = Form.empty(visit)
    assert the(Form.read(Visit, form.raw, ENGLISH)) == visit


@given(st.dictionaries(st.text("abc.019_", max_size=12), st.lists(st.text(max_size=6), max_size=3), max_size=8))
def test_no_form_breaks_the_reading(raw: dict[str, list[str]]) -> None:
    form = Form.read(Visit, {"guests.0": ["x"], **raw}, ENGLISH)
    assert form.value is not None or form.errors
