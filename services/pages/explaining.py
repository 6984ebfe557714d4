"""What pydantic found wrong with an input, said so that the person who typed it knows what to do.

Sentences name no field: they stand beside it, and in the summary as a link to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.pages.languages import Refused, msgid

FILL_IN = msgid("Fill this in.")
CHOOSE = msgid("Choose one of the options.")
WHOLE = msgid("Write a whole number, such as 12.")
NUMBER = msgid("Write a number, such as 12.5.")
DATE = msgid("Write a date, such as 2027-05-31.")
TIME = msgid("Write a time of day, such as 14:30.")
MOMENT = msgid("Write a date and a time, such as 2027-05-31 14:30.")
ADDRESS = msgid("Write a web address that begins with https://.")
EMAIL = msgid("Write an e-mail address, such as name@example.org.")
UNKNOWN = msgid("We do not know this one. Choose again.")
FORMAT = msgid("This is not written as we need it. Look at the example and try again.")
TICK = msgid("Tick the box or leave it empty.")
AT_LEAST_ONE = msgid("Choose at least one.")
LIST = msgid("Give a list.")
UNREADABLE = msgid("This holds characters that cannot be read.")

SENTENCES: Mapping[str, str] = {
    "missing": FILL_IN,
    "none_required": msgid("Leave this empty."),
    "extra_forbidden": msgid("We do not know this field."),
    "string_type": FILL_IN,
    "string_too_short": msgid("Write at least {min_length} characters."),
    "string_too_long": msgid("Write at most {max_length} characters."),
    "string_pattern_mismatch": FORMAT,
    "string_unicode": UNREADABLE,
    "string_not_ascii": msgid("Use only the letters a to z, digits and signs."),
    "too_short": msgid("Give at least {min_length}."),
    "too_long": msgid("Give at most {max_length}."),
    "greater_than": msgid("Write a number above {gt}."),
    "greater_than_equal": msgid("Write {ge} or more."),
    "less_than": msgid("Write a number below {lt}."),
    "less_than_equal": msgid("Write {le} or less."),
    "multiple_of": msgid("Write a multiple of {multiple_of}."),
    "finite_number": NUMBER,
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "int_parsing_size": msgid("This number is too large."),
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "decimal_type": NUMBER,
    "decimal_parsing": NUMBER,
    "decimal_max_digits": msgid("This number has more than {max_digits} digits."),
    "decimal_max_places": msgid("Write at most {decimal_places} digits after the point."),
    "decimal_whole_digits": msgid("Write at most {whole_digits} digits before the point."),
    "bool_type": TICK,
    "bool_parsing": TICK,
    "enum": CHOOSE,
    "literal_error": CHOOSE,
    "union_tag_invalid": CHOOSE,
    "union_tag_not_found": CHOOSE,
    "date_type": DATE,
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "date_from_datetime_inexact": DATE,
    "date_past": msgid("Write a day that has passed."),
    "date_future": msgid("Write a day to come."),
    "time_type": TIME,
    "time_parsing": TIME,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_object_invalid": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "datetime_past": msgid("Write a moment that has passed."),
    "datetime_future": msgid("Write a moment to come."),
    "timezone_naive": msgid("Leave the time zone out."),
    "timezone_aware": msgid("Say which time zone this is in, as in 2027-05-31T14:30+02:00."),
    "timezone_offset": msgid("This time zone does not fit here."),
    "time_delta_type": msgid("Write how long, as in 01:30:00 for an hour and a half."),
    "time_delta_parsing": msgid("Write how long, as in 01:30:00 for an hour and a half."),
    "uuid_type": UNKNOWN,
    "uuid_parsing": UNKNOWN,
    "uuid_version": UNKNOWN,
    "url_type": ADDRESS,
    "url_parsing": ADDRESS,
    "url_scheme": ADDRESS,
    "url_syntax_violation": ADDRESS,
    "url_too_long": msgid("This web address is too long."),
    "json_type": msgid("This is not valid JSON."),
    "json_invalid": msgid("This is not valid JSON."),
    "list_type": LIST,
    "tuple_type": LIST,
    "set_type": LIST,
    "frozen_set_type": LIST,
    "iterable_type": LIST,
    "model_type": msgid("Give an object with fields."),
    "model_attributes_type": msgid("Give an object with fields."),
    "dict_type": msgid("Give an object with fields."),
}


def explained(error: Mapping[str, Any], translate: Callable[..., str]) -> str:
    """The sentence for one of pydantic's `errors()`."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    if kind in {"value_error", "assertion_error"}:
        return _own_words(error, context, translate)
    if kind in {"string_too_short", "too_short"} and context.get("min_length") == 1:
        nothing = FILL_IN if kind == "string_too_short" else AT_LEAST_ONE
        return translate(nothing)
    if error.get("input") in (None, "") and kind.endswith("_type"):
        return translate(FILL_IN)
    sentence = SENTENCES.get(kind)
    # A bound that is declared as 200.0 is 200 to whoever reads it.
    context = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in context.items()
    }
    return translate(sentence, **context) if sentence else translate(FORMAT)


def _own_words(error: Mapping[str, Any], context: Mapping[str, Any], translate: Callable[..., str]) -> str:
    """A validator's own sentence. pydantic's e-mail check brings a reason in English instead of an exception."""
    cause = context.get("error")
    if isinstance(cause, Refused):
        return translate(cause.sentence, **cause.values)
    if isinstance(cause, Exception) and str(cause):
        return translate(str(cause))
    sentence = EMAIL if "email" in str(error.get("msg", "")) else FORMAT
    return translate(sentence)
