"""What a message about a table tells its owner to do works when it is done, word by word."""

import re

import pytest

from tests.envs_data.message_templates import pattern, texts_of_refusals, texts_with_remedies
from tests.envs_data.remedy_runs import EXAMPLES, done, message_of, one_line, printed_of

REMEDIES = [(name, words) for name, example in EXAMPLES.items() for words in example.remedies]
# Files whose refusals are of something else than a table: of values that are typed, of a replay, of a back-test.
OTHERS = ("parameters", "chance.py", "checks.py", "restock/back_test.py", "last_days.py")
# Texts that the command line never prints of a table, or that are no refusal.
UNSEEN = {
    "excerpts.py: column {} appears {} times": "a file's columns of one name are told apart as it is read",
    "table_reading.py: column {} appears {} times": "the same",
    "restock/reading.py: no item {}; there are {}": "an item is chosen in Python only",
    "restock/reading.py: item {} was asked for, but the table has no item column": "the same",
    "reading/source.py: it is a folder, not a table": "no table at all",
    "reading/binary_files.py: it is not a Parquet file that can be read: {}": "needs a package that may be absent",
    'reading/binary_files.py: pip install "bizgyms[tables]", or save the table as CSV': "the same",
    "reading/binary_files.py: {} is not installed, which this file needs: {}": "the same",
    "reading/source.py: {} {} before the header left out": "a fact",
    "reading/source.py: a {} between cells": "a fact",
    "back_tests.py: {} {} by {} against what the fit expected": "of a back-test",
    ("recommend/customers.py: Column {}: a row is a rating, and counts as a purchase on its day."): "a note",
    (
        "recommend/purchase_rows.py: {} with an amount below 0: returns, subtracted from the customer's last purchase"
    ): "a note",
    "recommend/purchase_rows.py: {} with {} of 0: purchases all the same.": "a note",
    "recommend/purchase_rows.py: {} with a quantity below 0: returns, left out.": "a note",
    "pricing/season/fit.py: {} is {}; it must be at most {}": "of a value that is typed",
    "pricing/shelf/fit.py: customers is {}; it must be above 0 and at most {} a period": "the same",
    "recommend/lifetime/purchase_fit.py: {} is {}; it must be a whole number of customers up to {}": "the same",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_message_names_its_remedies_and_no_other(name):
    message = message_of(name)
    assert EXAMPLES[name].says in message
    for words in EXAMPLES[name].remedies:
        assert words in message
        message = message.replace(words, "")
    # What the user typed may be named again.
    left = {*re.findall(r"--[a-z]+|=NAME", message)} - {*EXAMPLES[name].line.split()}
    assert not left, message


@pytest.mark.parametrize(("name", "words"), REMEDIES)
def test_a_remedy_works(name, words):
    example, (printed, code) = EXAMPLES[name], done(name, words)
    assert example.says not in printed
    assert example.then in printed
    assert code == (2 if example.then else 0), printed


def test_every_message_has_an_example():
    printed = [one_line(printed_of(name)[0]) for name in EXAMPLES]
    texts = texts_with_remedies() | {
        place: text for place, text in texts_of_refusals().items() if not any(other in place for other in OTHERS)
    }
    unseen = {place for place, text in texts.items() if not any(pattern(text).search(said) for said in printed)}
    assert unseen == {*UNSEEN}
