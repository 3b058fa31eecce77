"""A console on the twin, served on a free port, and a real Chromium to look at it."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright

from services.gateway.console import mount
from services.gateway.console.session import Sessions
from services.runtime.clock import SystemClock
from tests.acceptance.console.twin import OPERATOR, Twin

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
