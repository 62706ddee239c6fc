"""kill -9 of a real process that appends, again and again; what it had reported is never lost."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from archiver.formats.layout import capture_envelope
from archiver.record.recover import recover
from tests.crash.test_matrix import check_whole
from tests.support.ledger_kit import fixed_id, fixed_salt, new_case

KILLS = 15
CHECKOUT = Path(__file__).parents[2]


def test_a_process_that_is_killed_at_any_moment_loses_nothing_that_it_reported(tmp_path: Path) -> None:
    chance = random.Random(20_261_124)
    reported: set[int] = set()
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.append_forever", str(tmp_path / "case"), str(len(reported) * 10)],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for _ in range(chance.randint(1, 6)):
            reported.add(int(process.stdout.readline()))
        time.sleep(chance.random() / 50)
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=30)
        reported.update(int(line) for line in rest.split("\n")[:-1] if line)
    kit = new_case(tmp_path / "case")
    recover(kit.book, new_salt=lambda: fixed_salt(99))
    recorded = kit.book.ledger.openings()
    assert len(reported) >= KILLS
    assert {capture_envelope(fixed_id(number)) for number in reported} <= set(recorded)
    assert len(recorded) == kit.book.ledger.size()
    check_whole(tmp_path / "case", entries=kit.book.ledger.size())
