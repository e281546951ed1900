"""What a message about a table tells its owner to do works when it is done, word by word."""

import re

import pytest

from tests.envs_data.remedy_runs import EXAMPLES, done, message_of

REMEDIES = [(name, words) for name, example in EXAMPLES.items() for words in example.remedies]


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
