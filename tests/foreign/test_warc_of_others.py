"""WARC files that others made: the conformance set of JHOVE, and the sample files of a dozen programs."""

from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archiver.model.report import Check, Verdict
from archiver.verify.warc import check_warc

_CUT = "no empty line ends it"
_NO_HEAD = "no record begins here"
# What each invalid file must be refused for, beside which it may have other faults.
INVALID = {
    "invalid-compression.gz": "unsupported compress method",
    "invalid-empty.gzip": "the file is empty",
    "invalid-empty.warc": "the file is empty",
    "invalid-entries.gz": "Incorrect checksum",
    "invalid-magic.gz": _NO_HEAD,
    "invalid-truncated.gz": "the last gzip member is cut off",
    "invalid-warcfile-contenttype-recommended.warc": "no form of the payload",
    "invalid-warcfile-digest-fields.warc": "expected algorithm:value",
    "invalid-warcfile-duplicate-fields.warc": "warc-type stands there twice",
    "invalid-warcfile-fields-empty.warc": "warc-date is empty",
    "invalid-warcfile-fields-invalidformat.warc": "warc-date: not of its form: 'blue monday'",
    "invalid-warcfile-fields-missing.warc": "warc-record-id is empty",
    "invalid-warcfile-lonely-continuation.warc": "warc-segment-origin-id is missing",
    "invalid-warcfile-lonely-monkeys-lf-line-endings.warc": "ends in LF alone",
    "invalid-warcfile-lonely-request-response-resource-conversion.warc": "warc-target-uri is missing",
    "invalid-warcfile-lonely-revisit.warc": "warc-profile is missing",
    "invalid-warcfile-lonely-warcinfo-metadata.warc": "content-length is missing",
    "invalid-warcfile-segment-number-continuation.warc": "expected 2 or more in a continuation record, found 1",
    "invalid-warcfile-segment-number-response.warc": "expected 1 in the first of a series, found '2'",
    "invalid-warcheaderfieldpolicy-1.warc": "warc-record-id is missing",
    "invalid-warcheaderfieldpolicy-2.warc": "expected CR LF CR LF",
    "invalid-warcheaderfieldpolicy-4.warc": "warc-profile: not of its form: 'hello kitty'",
    "invalid-warcheaderfieldpolicy-7.warc": "warc-type is missing",
    "invalid-warcheaderfieldpolicy-8.warc": "content-type is empty",
    "invalid-warcheaderfieldpolicy-9.warc": "expected CR LF CR LF",
    "invalid-warcheaderfieldpolicy-10.warc": "expected CR LF CR LF",
    "invalid-warcheaderfieldpolicy-13.warc": "expected 1 in the first of a series, found '2'",
    "invalid-warcheaderfieldpolicy-14.warc": "expected 2 or more in a continuation record, found None",
    "invalid-warcheaderfieldpolicy-15.warc": "expected 2 or more in a continuation record, found 1",
    "invalid-warcheaderversion-1.warc": "version 0.16 is none",
    "invalid-warcheaderversion-2.warc": _CUT,
    "invalid-warcheaderversion-3.warc": _CUT,
    "invalid-warcheaderversion-4.warc": "version 0.19 is none",
    "invalid-warcheaderversion-5.warc": "version 0.99 is none",
    "invalid-warcheaderversion-6.warc": _CUT,
    "invalid-warcheaderversion-7.warc": _CUT,
    "invalid-warcheaderversion-8.warc": "version 2.0 is none",
    "invalid-warcheaderversion-21.warc": "warc-type is missing",
    "invalid-warcheaderversion-22.warc": _CUT,
    "invalid-warcheaderversion-23.warc": _CUT,
    "invalid-warcheaderversion-24.warc": "no named field: 'WARC-Type resource'",
    "invalid-warcheaderversion-25.warc": "no named field: ': resource'",
    "invalid-warcreader-diagnosis-1.warc": _NO_HEAD,
    "invalid-warcrecord-1.warc": "content-length is missing",
    "invalid-warcrecord-2.warc": "ids are unique",
    "invalid-warcrecord-3.warc": "expected CR LF CR LF",
    "invalid-warcrecorddigests-1.warc": "in no base that is known",
    "invalid-warcrecorddigests-2.warc": "expected 16 bytes in base 16, 32 or 64",
    "invalid-warcrecorddigests-3.warc": "the bytes give md5",
    **{f"invalid-warcheaderversion-{n}.warc": _NO_HEAD for n in (*range(9, 21),)},
    **{f"invalid-warcheaderfieldpolicy-{n}.warc": "the file is cut off" for n in (3, 5, 6, 11, 12, 16, 17)},
}
# Judged otherwise than JHOVE does: docs/formats/foreign.md says by which words of the standard.
OTHERWISE = {
    "invalid-warcfile-contenttype-warcinfo-recommended.warc": Verdict.NOT_CHECKED,
    "valid-warcrecorddigests-1.warc": Verdict.FAIL,
}


def checked(path: Path) -> list[Check]:
    with path.open("rb") as file:
        return list(check_warc(file, subject=path.name))


def failures(checks: list[Check]) -> str:
    return "\n".join(f"{one.id} {one.subject}: {one.reason}" for one in checks if one.verdict is Verdict.FAIL)


@pytest.fixture
def conformance(shared_testdata: Path) -> Path:
    folder = shared_testdata / "warc" / "jhove-conformance"
    names = {path.name for path in folder.iterdir()}
    known = INVALID.keys() | OTHERWISE.keys()
    assert {name for name in names if name.startswith("invalid-")} <= known
    return folder


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_file_is_refused_for_its_own_fault(conformance: Path, name: str) -> None:
    assert INVALID[name] in failures(checked(conformance / name))


def test_every_valid_file_is_accepted(conformance: Path) -> None:
    valid = [path for path in conformance.glob("valid-*") if path.name not in OTHERWISE]
    assert len(valid) == 9
    assert {path.name: failures(checked(path)) for path in valid} == {path.name: "" for path in valid}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_is_judged_otherwise_is_two_files(conformance: Path, name: str) -> None:
    verdicts = {one.verdict for one in checked(conformance / name)}
    worst = Verdict.FAIL if Verdict.FAIL in verdicts else Verdict.NOT_CHECKED
    assert worst is OTHERWISE[name]


def all_warcs(folder: Path) -> list[Path]:
    patterns = ("*.warc", "*.warc.gz", "*.wat", "*.wet", "*.wat.gz", "*.wet.gz")
    found = {path for part in ("warc", "wacz") for pattern in patterns for path in (folder / part).rglob(pattern)}
    return sorted(path for path in found if "jhove" not in path.as_posix())


# What is wrong with each sample file that does not pass; all others have no failure.
FAULTS = {
    "baconIpsum_chunked.warc": "it states sha1:6H4GMXBJK222MIOSQOXNPNRE5Q5Q7FPL: the bytes give",
    "baconIpsum_chunked_httpTrailors.warc": "after its block",
    "broken.warc": "after its block",
    "HTTP204.warc": "after its block",
    "HTTP404.warc": "after its block",
    "clipped.warc.gz": "the last gzip member is cut off",
    "clueweb-quirk.warc.gz": "warc-date: not of its form",
    "example-bad-non-chunked.warc.gz": "the bytes give",
    "example-digest.warc": "in no base that is known",
    "example-extra.warc": "after its block",
    "example-iana.warc": "ids are unique",
    "example-revisit.warc.gz": "ids are unique",
    "example-space-in-target-uri.warc.gz": "no URI",
    "example-trunc.warc": "after its block",
    "example-url-agnostic-orig.warc.gz": "after its block",
    "example-url-agnostic-revisit.warc.gz": "after its block",
    "example-wget-1-14.warc.gz": "ids are unique",
    "example-with-timestamp.warc": "the bytes give",
    "example-wrong-chunks.warc.gz": "after its block",
    "20141124-heritrix-server-not-modified.warc.gz": "after its block",
    "flashfrozen-jwat-recompressed.warc.gz": "ids are unique",
    "IAH-urls-wget.warc": "ids are unique",
    "IAH-urls-wget.warc.gz": "ids are unique",
    "invalid-warcfile-record-then-garbage.warc": _NO_HEAD,
    "link-extraction-test.warc": "warc-record-id is missing",
    "missing-http.warc.gz": "no form of the payload",
    "missing-status-text.warc": _NO_HEAD,
    "netpreserve-twitter.warc": "the bytes give",
    "truncated_datetime.warc": "warc-date: not of its form",
}
_TURNED = "ends in LF alone"  # line ends that a version control system turned


def test_the_sample_files_of_a_dozen_programs_have_the_faults_that_are_listed(shared_testdata: Path) -> None:
    found = all_warcs(shared_testdata)
    assert len(found) > 90
    for path in found:
        told = failures(checked(path))
        expected = FAULTS.get(path.name)
        if path.name in ("example.warc", "parseMe.warc", "parseMe.warc.gz", "example.warc.gz"):
            continue  # two files of one name: below
        if expected is None:
            assert not told or _TURNED in told, f"{path}: {told}"
        else:
            assert expected in told, f"{path}: {told}"


def by_warcio(path: Path) -> set[int] | None:
    """Give the numbers of the records whose block digests warcio finds wrong; None if it cannot read the file."""
    wrong: set[int] = set()
    with path.open("rb") as file:
        try:
            for number, record in enumerate(ArchiveIterator(file, check_digests="log"), 1):
                while record.raw_stream.read(1 << 20):
                    pass
                problems = record.digest_checker.problems if record.digest_checker else ()
                if any("block digest failed" in one for one in problems):
                    wrong.add(number)
        except (ArchiveLoadFailed, EOFError, AttributeError, ValueError):
            return None
    return wrong


def test_where_warcio_finds_a_wrong_block_digest_so_do_we_and_nowhere_else(shared_testdata: Path) -> None:
    """Payload digests are not compared: of chunked ones warcio knows one form, and we two."""
    compared = found = 0
    for path in all_warcs(shared_testdata):
        theirs = by_warcio(path)
        checks = checked(path)
        if theirs is None or any(one.id == "warc-whole" and one.verdict is Verdict.FAIL for one in checks):
            continue
        wrong = [one for one in checks if one.id == "warc-digest" and "the bytes give" in one.reason]
        ours = {_number(one) for one in wrong if not one.subject.endswith("(revisit)")}  # which warcio passes over
        assert theirs == ours, path
        compared, found = compared + 1, found + len(theirs)
    assert compared > 60
    assert found >= 2


def _number(check: Check) -> int:
    return int(check.subject.partition(": record ")[2].partition(" ")[0] or 0)
