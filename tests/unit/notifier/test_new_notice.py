"""A notice has four places: rule, words in two languages, sample. The failure names each missing file."""

from pathlib import Path

import pytest

import services.notifier
from services.notifier.domain.notice_rules import CATALOGUE
from tests.support.notice_samples import SAMPLES

FOLDER = Path(services.notifier.__path__[0]) / "templates"
WORDS = {path.stem for path in FOLDER.glob("*/*.txt")} - {"footer"}


@pytest.mark.parametrize("name", sorted(CATALOGUE.keys() | WORDS | SAMPLES.keys()))
def test_a_notice_has_its_four_places(name: str) -> None:
    missing = [
        place
        for place, there in {
            f"a template and a rule for {name!r} in services/notifier/domain/notice_rules.py": name in CATALOGUE,
            f"its words in services/notifier/templates/id/{name}.txt": (FOLDER / "id" / f"{name}.txt").exists(),
            f"its words in services/notifier/templates/en/{name}.txt": (FOLDER / "en" / f"{name}.txt").exists(),
            f"a sample of {name!r} in tests/support/notice_samples.py": name in SAMPLES,
        }.items()
        if not there
    ]
    assert not missing, f"to be written: {'; '.join(missing)}"
