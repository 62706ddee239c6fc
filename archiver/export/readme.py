"""README-VERIFY.txt: how to check a bundle with programs of others, in English, Arabic and Persian.

The words are in ``templates/README-VERIFY.txt``; the commands are made here, for the files of this one bundle.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from archiver.export.assemble import Assembled
from archiver.export.select import Held
from archiver.export.trust import investigator_in
from archiver.formats import bundle
from archiver.model.bundle import Contents
from archiver.model.events import Export
from archiver.model.evidence import Artifact, Capture, Role
from archiver.model.instant import Instant
from archiver.model.provenance import Stamp
from archiver.model.text import visible
from archiver.proof.signature import key_id, public_from_pem

NAME = "README-VERIFY.txt"
_SECOND_US = 1_000_000
_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExhibit:
    """An exhibit as the table shows it."""

    folder: str
    citation_id: str | None
    url: str
    state: str
    warc: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStamp:
    """A timestamp: its files, the checkpoint that it is over, and what it says."""

    folder: str
    query: str
    response: str
    chain: str | None
    tsa_name: str
    checkpoint_size: int
    gen_time: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadmeFacts:
    """All that the page says of one bundle. Keys are named by `key_id`; ``derived`` counts the derivatives."""

    name: str
    contents: Contents
    exhibits: tuple[ShownExhibit, ...]
    stamps: tuple[ShownStamp, ...]
    investigator: str
    log: str
    derived: int = 0


def facts_of(found: Assembled, made: Export, public: Mapping[str, bytes]) -> ReadmeFacts:
    """Give the facts of what was assembled. ``public`` are the files under ``trust/`` by their name."""
    return ReadmeFacts(
        name=made.bundle_name,
        contents=found.contents,
        exhibits=tuple(_exhibit(bundle.exhibit_folder(one.number), held) for one, held in found.exhibits),
        stamps=tuple(
            _stamp(bundle.event_folder(one.number), held.predicate)
            for one, held in found.events
            if isinstance(held.predicate, Stamp)
        ),
        investigator=key_id(investigator_in(public)),
        log=key_id(public_from_pem(public["log.pem"])),
        derived=len(made.derived),
    )


def readme(facts: ReadmeFacts) -> bytes:
    """Give README-VERIFY.txt of a bundle: UTF-8, lines ending in a newline."""
    counts = facts.contents.counts
    words = {
        "name": facts.name,
        "origin": facts.contents.origin,
        "size": counts.entries,
        "exhibits": len(facts.exhibits),
        "disclosed": counts.disclosed,
        "withheld": counts.withheld,
        "erased": counts.erased,
        "failed_disclosed": counts.failed_disclosed,
        "failed_withheld": counts.failed_withheld,
        "investigator": facts.investigator,
        "log": facts.log,
        "table": _table(facts),
        "derived": _DERIVED["en"] if facts.derived else "",
        "derived_ar": _DERIVED["ar"] if facts.derived else "",
        "derived_fa": _DERIVED["fa"] if facts.derived else "",
        "commands": "\n".join(_commands(facts)),
    }
    text = (files("archiver.export") / "templates" / NAME).read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: str(words[place[1]]), text).encode()


def _table(facts: ReadmeFacts) -> str:
    """Give a line for each exhibit and each timestamp: what a person looks for first."""
    lines = [f"{one.folder}  {one.citation_id or '-':<8} {one.state:<8} {visible(one.url)}" for one in facts.exhibits]
    lines += [
        f"{one.folder}  checkpoint {one.checkpoint_size}, {one.tsa_name} says {one.gen_time}" for one in facts.stamps
    ]
    return "\n".join(lines)


def _exhibit(folder: str, held: Held) -> ShownExhibit:
    assert isinstance(held.predicate, Capture), "an exhibit is a capture"
    attempt = held.predicate.attempt
    return ShownExhibit(
        folder=folder,
        citation_id=held.predicate.citation_id,
        url=attempt.target.url,
        state=attempt.outcome.state,
        warc=_name(held.predicate.artifacts, Role.WARC),
    )


def _stamp(folder: str, stamp: Stamp) -> ShownStamp:
    return ShownStamp(
        folder=folder,
        query=_name(stamp.artifacts, Role.TIMESTAMP_REQUEST) or "",
        response=_name(stamp.artifacts, Role.TIMESTAMP_RESPONSE) or "",
        chain=_name(stamp.artifacts, Role.TIMESTAMP_CHAIN),
        tsa_name=stamp.tsa_name,
        checkpoint_size=stamp.checkpoint_size,
        gen_time=stamp.gen_time,
    )


def _name(artifacts: tuple[Artifact, ...], role: Role) -> str | None:
    return next((one.name for one in artifacts if one.role is role), None)


def _commands(facts: ReadmeFacts) -> Iterator[str]:
    """Give the blocks [1] to [8]: each is one subshell that ends with OK, or not with 0."""
    yield _FILES
    yield _SEAL.replace("@FLAGS", _FLAGS)
    yield _RECORDS.replace("@FILES", _DERIVED_FILES if facts.derived else _NAMED_FILES).replace("@FLAGS", _FLAGS)
    warcs = [f'"$BUNDLE/{one.folder}/{one.warc}"' for one in facts.exhibits if one.warc]
    yield _WARCS.replace("@WARCS", " \\\n  ".join(warcs)) if warcs else "# [4] there is no WARC file in it\n"
    yield _HEAD
    yield _ENTRIES.replace("@ORIGIN", facts.contents.origin)
    yield _LEAVES
    asked = "".join(map(_asked, facts.stamps))
    yield f"# [8]\n( set -eu -o pipefail\n{asked}echo OK )\n" if asked else _NO_STAMP


def _asked(one: ShownStamp) -> str:
    chain = f' -untrusted "$BUNDLE/{one.folder}/{one.chain}"' if one.chain else ""
    about = (
        f'-in "$BUNDLE/{one.folder}/{one.response}" -CAfile "$TRUST/tsa.pem"{chain} '
        f"-attime {one.gen_time.epoch_us // _SECOND_US}"
    )
    return (
        f'openssl ts -verify -data "$BUNDLE/{bundle.checkpoint_of(one.checkpoint_size)}" {about}\n'
        f'openssl ts -verify -queryfile "$BUNDLE/{one.folder}/{one.query}" {about}\n'
        f"openssl ts -reply -in \"$BUNDLE/{one.folder}/{one.response}\" -text | grep 'Time stamp'\n"
    )


_DERIVED = {
    "en": """\
Some WARC files are copies from which cookies and tokens were taken out: the export's record names them with the digests
of the originals, which are not here. [3] passes over them, and [1] covers the copies.
""",
    "ar": """\
بعض ملفات WARC نسخ حُذفت منها ملفات الارتباط والرموز: يسميها محضر التصدير مع بصمات الأصول، وهي ليست هنا.
""",
    "fa": """\
برخی فایل‌های WARC رونوشت‌هایی‌اند که کوکی‌ها و توکن‌ها از آنها برداشته شده؛ صورت‌جلسهٔ صدور آنها را با چکیدهٔ اصل نام می‌برد.
""",
}
_FILES = """\
# [1]
( set -eu -o pipefail; HERE=$PWD; cd "$BUNDLE"
sha256sum -c --strict --quiet manifest-sha256.txt
sha512sum -c --strict --quiet manifest-sha512.txt
sha256sum -c --strict --quiet tagmanifest-sha256.txt
find . ! -type d | sed 's|^[.]/||' | LC_ALL=C sort > "$HERE/there"
{ cut -c67- manifest-sha256.txt; cut -c67- tagmanifest-sha256.txt
  printf '%s\\n' tagmanifest-sha256.txt tagmanifest-sha256.txt.sshsig; } | LC_ALL=C sort > "$HERE/listed"
diff "$HERE/there" "$HERE/listed"; echo OK )
"""
_SEAL = """\
# [2]
( set -eu -o pipefail
for KEY in "$TRUST"/investigator*.p[eu][mb]; do case "$KEY" in
  *.pub) echo "investigator namespaces=\\"archiver\\" $(cut -d' ' -f1,2 "$KEY")" ;;
  *) { printf '\\0\\0\\0\\013ssh-ed25519\\0\\0\\0 '; openssl pkey -pubin -in "$KEY" -outform DER | tail -c 32; } > blob
    echo "investigator namespaces=\\"archiver\\" ssh-ed25519 $(base64 -w 0 blob)" ;;
esac; done > signers
ssh-keygen -Y verify -f signers -I investigator -n archiver -s "$BUNDLE/tagmanifest-sha256.txt.sshsig" \\
  < "$BUNDLE/tagmanifest-sha256.txt" > said; cat said
sed '1d;$d' "$BUNDLE/tagmanifest-sha256.txt.sshsig" | base64 -d > blob
! grep -q ED25519-SK said || [ $(($(cat blob | @FLAGS) & 1)) = 1 ]
echo OK )
"""
_FLAGS = "tail -c 5 | head -c 1 | od -An -tu1"  # a security key's: 1 says that it was touched
_NAMED_FILES = """'.predicate.artifacts // [] | .[] | "\\(.digest | ltrimstr("sha256:"))  \\(.name)"'"""
_DERIVED_FILES = (
    """'.predicate.artifacts // [] | .[] | select(.role != "warc") | "\\(.digest | ltrimstr("sha256:"))  \\(.name)"'"""
)
_RECORDS = """\
# [3]
( set -eu -o pipefail
for FOLDER in "$BUNDLE"/data/exhibits/* "$BUNDLE"/data/events/*; do
  jq -r .payload "$FOLDER/record.dsse.json" | base64 -d > payload
  TYPE=$(jq -r .payloadType "$FOLDER/record.dsse.json")
  { printf 'DSSEv1 %d %s %d ' ${#TYPE} "$TYPE" "$(stat -c %s payload)"; cat payload; } > signed
  GOOD=no
  for KEY in "$TRUST"/investigator*.p[eu][mb]; do
    for SIGNATURE in $(jq -r '.signatures[].sig' "$FOLDER/record.dsse.json"); do case "$KEY" in
      *.pub) echo "investigator $(cut -d' ' -f1,2 "$KEY")" > signer
        printf '%s\\n' '-----BEGIN SSH SIGNATURE-----' "$SIGNATURE" '-----END SSH SIGNATURE-----' > signature
        ! ssh-keygen -Y verify -f signer -I investigator -n archiver-dsse -s signature < signed > said 2>&1 ||
        [ $(($(base64 -d <<< "$SIGNATURE" | @FLAGS) & 1)) = 0 ] || GOOD=yes ;;
      *) base64 -d <<< "$SIGNATURE" > signature
        ! openssl pkeyutl -verify -pubin -inkey "$KEY" -rawin -in signed -sigfile signature > said || GOOD=yes ;;
    esac; done
  done
  [ "$GOOD" = yes ] || { echo "FAILED: not signed by your investigator: $FOLDER"; exit 1; }
  jq -r @FILES payload > files
  [ ! -s files ] || (cd "$FOLDER" && sha256sum -c --strict --quiet -) < files
done; echo OK )
"""
_WARCS = """\
# [4]
( set -eu
for WARC in @WARCS; do
  warcio check "$WARC"
done; echo OK )
"""
_HEAD = """\
# [5]
( set -eu -o pipefail
sed '/^$/,$d' "$BUNDLE/data/log/checkpoint" > body
sed -n '/^— /s/.* //p' "$BUNDLE/data/log/checkpoint" | head -n 1 | base64 -d | tail -c +5 > signature
openssl pkeyutl -verify -pubin -inkey "$TRUST/log.pem" -rawin -in body -sigfile signature
echo OK )
"""
_ENTRIES = """\
# [6]
( set -eu -o pipefail
for FOLDER in "$BUNDLE"/data/exhibits/* "$BUNDLE"/data/events/*; do
  proofbundle verify-proof "$FOLDER/entry.tlog-proof" --payload-file "$FOLDER/entry.leaf" \\
    --log-vkey "$(cat "$TRUST/log.vkey")" --expected-origin @ORIGIN
  jq -r .salt "$FOLDER/salt" | tr a-f A-F | basenc -d --base16 > salt
  COMMIT=$({ printf 'evl1\\0'; cat salt "$FOLDER/record.dsse.json"; } | sha256sum | cut -d' ' -f1)
  grep -q "\\"commit\\":\\"$COMMIT\\"" "$FOLDER/entry.leaf"
done; echo OK )
"""
_LEAVES = """\
# [7]
( set -eu; cd "$BUNDLE/data"; python3 - <<'PYTHON'
import base64, collections, hashlib, json
lines = open("log/leaves.jsonl", "rb").read().split(b"\\n")[:-1]
prev = "0" * 64
for number, line in enumerate(lines):
    assert (json.loads(line)["seq"], json.loads(line)["prev"]) == (number, prev), f"entry {number} is out of order"
    prev = hashlib.sha256(line).hexdigest()
def root(start, end):
    if end - start == 1:
        return hashlib.sha256(b"\\0" + lines[start]).digest()
    half = start + (1 << (end - start - 1).bit_length() - 1)
    return hashlib.sha256(b"\\1" + root(start, half) + root(half, end)).digest()
origin, size, signed = open("log/checkpoint", encoding="utf-8").read().split("\\n")[:3]
assert int(size) == len(lines) and signed == base64.b64encode(root(0, len(lines))).decode(), "not what was signed"
said, found = json.load(open("bundle.json")), collections.Counter(json.loads(line)["type"] for line in lines)
assert said["counts"]["by_type"] == found and said["counts"]["entries"] == len(lines), "other counts"
assert said["counts"]["disclosed"] == len(said["exhibits"]) + len(said["events"]), "other counts"
print(origin, size, dict(found), "OK")
PYTHON
)
"""
_NO_STAMP = "# [8] there is no timestamp in it\n"
