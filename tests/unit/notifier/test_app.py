"""Settings with which a channel cannot work are refused at the start, and say how to mend them."""

import pytest

from services.notifier.app import check
from services.runtime.base.errors import Defect
from services.settings import Notices


def test_mail_needs_a_server() -> None:
    with pytest.raises(Defect, match="SEKUL_NOTICES__SMTP_HOST"):
        check(Notices(channels=("mailbox", "email")))


@pytest.mark.parametrize("address", ["", "json://127.0.0.1/"])
def test_a_messenger_needs_an_address_with_a_place_for_the_number(address: str) -> None:
    with pytest.raises(Defect, match="SEKUL_NOTICES__MESSENGER_URL"):
        check(Notices(channels=("messenger",), messenger_url=address))


@pytest.mark.parametrize(
    "settings",
    [
        Notices(),
        Notices(channels=("email",), smtp_host="mail.example"),
        Notices(channels=("messenger",), messenger_url="json://127.0.0.1/{phone}"),
    ],
)
def test_settings_with_which_all_channels_work_are_taken(settings: Notices) -> None:
    check(settings)
    assert settings.channels
