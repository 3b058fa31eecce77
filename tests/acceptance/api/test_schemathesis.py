"""Schemathesis calls the whole system for about a minute; it finds no wrong answer, and all laws hold after.

Checked: no status of 500 and above, and that statuses, media types and bodies are those of the OpenAPI document. Not
checked: that every body that fits the document is taken, because areas, NIKs and ids must exist, too.
"""

import asyncio
import re
import sys

import httpx
import pytest

from services.ops.local import settings_of
from services.ops.supervisor import Stack
from services.ops.verify.run import verify

SECONDS = 60
#: fewer requests would prove little
SENT_MIN = 200
#: without end, or turning days for minutes
LEFT_OUT = "events/stream|clock/advance"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,ignored_auth"
)


@pytest.mark.parametrize("seed", [20261124])
async def test_every_request_is_answered_as_documented(stack: Stack, api: httpx.AsyncClient, seed: int) -> None:
    program = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{stack.url}/openapi.json",
        "--header", f"Authorization: Bearer {stack.operator_key}", "--checks", CHECKS, "--max-time", str(SECONDS),
        "--exclude-path-regex", LEFT_OUT, "--max-examples", "10", "--seed", str(seed), "--request-timeout", "20",
        "--no-color", "--suppress-health-check", "all",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(SECONDS * 4):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    words = output.decode(errors="replace")
    sent = re.search(r"(\d+) generated", words)
    assert sent is not None, words[-6_000:]
    assert int(sent[1]) > SENT_MIN, words[-6_000:]
    failures = words.partition("= FAILURES =")[2].partition("= WARNINGS =")[0]
    assert failures == "", failures[:6_000]
    async with asyncio.timeout(60):
        while not (await api.get("/v1/health")).json()["settled"]:
            await asyncio.sleep(0.2)
    broken = [one async for one in verify(settings_of(stack.folder.data)) if one.state == "broken"]
    assert [f"{one.law}: {one.detail}" for one in broken] == []
