"""The tlog-policy page's own example, and each thing that it forbids."""

import pytest

from archiver.formats import note, policy
from archiver.model.errors import FormatError
from archiver.model.provenance import Group, Policy, VerifierKey, Witness


def vkey(name: str, *, algorithm: int = 4) -> str:
    return note.encode_vkey(VerifierKey(name=name, public_key=name.encode().ljust(32, b"."), algorithm=algorithm))


LOG = f"log {vkey('example.com/log', algorithm=1)}\n"
X, Y = [f"witness {name} {vkey(name)}\n" for name in ("X1", "X2", "X3")], [f"witness Y1 {vkey('Y1')}\n"]
EXAMPLE = f"""\
{LOG}
# a comment
{"".join(X)}group X-witnesses 2 X1 X2 X3

\t{"".join(Y)}group Y-witnesses any Y1
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_specification_is_read_and_asks_for_what_it_says() -> None:
    found = policy.decode(EXAMPLE.encode())
    assert [one.name for one in found.witnesses] == ["X1", "X2", "X3", "Y1"]
    assert [(one.name, one.threshold) for one in found.groups] == [
        ("X-witnesses", 2),
        ("Y-witnesses", 1),
        ("X-and-Y", 2),
    ]
    assert policy.satisfied(found, {"X1", "X3", "Y1"})
    assert not policy.satisfied(found, {"X1", "X2", "X3"})
    assert not policy.satisfied(found, {"X1", "Y1"})
    assert not policy.satisfied(found, set())


def test_no_quorum_is_always_reached_and_one_witness_only_by_itself() -> None:
    assert policy.satisfied(policy.decode(b"quorum none\n"), set())
    one = policy.decode(f"{X[0]}{X[1]}quorum X1\n".encode())
    assert policy.satisfied(one, {"X1"})
    assert not policy.satisfied(one, {"X2"})


def test_a_policy_comes_back_equal() -> None:
    keys = [VerifierKey(name=name, public_key=name.encode() * 16, algorithm=4) for name in ("w1", "w2")]
    made = Policy(
        logs=(VerifierKey(name="a.org/log", public_key=b"l" * 32),),
        witnesses=(Witness(name="one", key=keys[0], url="https://w.example/"), Witness(name="two", key=keys[1])),
        groups=(Group(name="both", threshold=2, members=("one", "two")),),
        quorum="both",
    )
    assert policy.decode(policy.encode(made)) == made


def test_a_policy_that_could_not_be_read_back_is_not_written() -> None:
    key = VerifierKey(name="w", public_key=b"w" * 32, algorithm=4)
    with pytest.raises(FormatError):
        policy.encode(Policy(witnesses=(Witness(name="a b", key=key),)))
    with pytest.raises(FormatError, match="not distinct"):
        policy.encode(Policy(witnesses=(Witness(name="a", key=key, url=""),)))


REFUSED = {
    "no newline": f"{LOG}quorum none",
    "no quorum": LOG,
    "two quorums": "quorum none\nquorum none\n",
    "an unknown quorum": "quorum x\n",
    "a quorum before its witness": f"quorum X1\n{X[0]}",
    "an unknown word": "logs\nquorum none\n",
    "a control character": "# \x01\nquorum none\n",
    "too many lines": "#\n" * 513 + "quorum none\n",
    "a log with a witness's key": f"log {vkey('a')}\nquorum none\n",
    "a witness with a log's key": f"witness a {vkey('a', algorithm=1)}\nquorum none\n",
    "a key twice": f"{X[0]}witness other {vkey('X1')}\nquorum none\n",
    "a name twice": f"{X[0]}witness X1 {vkey('other')}\nquorum none\n",
    "none as a name": f"witness none {vkey('other')}\nquorum none\n",
    "none as a member": f"{X[0]}group g any none\nquorum none\n",
    "a member twice": f"{X[0]}group g any X1 X1\nquorum none\n",
    "a member of two groups": f"{X[0]}group g any X1\ngroup h any X1\nquorum none\n",
    "an unknown member": "group g any X9\nquorum none\n",
    "a threshold of nothing": f"{X[0]}group g 0 X1\nquorum none\n",
    "a threshold too high": f"{X[0]}group g 2 X1\nquorum none\n",
    "a threshold that is none": f"{X[0]}group g most X1\nquorum none\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_specification_forbids_is_refused(name: str) -> None:
    with pytest.raises(FormatError, match="policy"):
        policy.decode(REFUSED[name].encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FormatError, match="not UTF-8"):
        policy.decode(b"quorum \xff\n")
