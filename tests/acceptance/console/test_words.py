"""The browser renders sentences as the server does."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from services.console.words import words
from tests.acceptance.console.conftest import Stage

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"


def examples() -> list[tuple[str, dict[str, Any]]]:
    found = [(path.parts[-3], json.loads(path.read_text())) for path in sorted(EXAMPLES.glob("*/v*/*.json"))]
    assert len(found) > 50
    return found


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_browser_says_every_example_as_the_server_does(guest: Page, stage: Stage, language: Any) -> None:
    facts = [[kind, data] for kind, data in examples()]
    await guest.goto(f"{stage.url}/console/login")
    shown = await guest.evaluate(
        """async ([language, facts]) => {
            const { Words } = await import("/console/static/words.js");
            const words = new Words(await (await fetch(`/console/words.json?language=${language}`)).json());
            return facts.map(([kind, data]) => words.sentence(kind, data));
        }""",
        [language, facts],
    )
    expected = [
        [{"text": part.text, "href": part.href} for part in words(language).sentence(kind, data)]
        for kind, data in examples()
    ]
    assert shown == expected
