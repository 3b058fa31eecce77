"""The Cilegon of a story, in February 2027: one company's pledge, its workers, the books, the notices."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

TODAY: Final = "2027-02-18"
AT: Final = datetime(2027, 2, 18, 2, 0, 5, tzinfo=UTC)
PLEDGE: Final = "plg_01kcx3v8a7f2mth4q9z6r1wdne"
WORKER: Final = "wrk_01kcx3tq5sbe8v7m2h0n4y6jpa"
DONOR_ID: Final = "don_01kcx3s0pz9c4w6t8x2r7m5kvq"
REMITTANCE: Final = "rem_01kcx40b7yq3n8d5s1e9t2xkma"
SHARES: Final = {"01": 74, "02": 88, "03": 63, "04": 81, "05": 47, "06": 92, "07": 58, "08": 36}


def pseudo_id(prefix: str, number: int) -> str:
    """An id of the right form that belongs to a number."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    mixed = number * 2654435761 + 97
    return f"{prefix}_01kcx3" + "".join(digits[mixed >> shift & 31] for shift in range(0, 40, 2))


def cloud_event(
    kind: str, data: dict[str, Any], *, seq: int, service: str, cause: str = "", minutes: int = 0
) -> dict[str, Any]:
    """A fact as the API returns it."""
    return {
        "specversion": "1.0",
        "id": f"{service}/3/{seq}",
        "source": f"/sekul/{service}/3",
        "type": f"sekul.{kind}.v1",
        "time": (AT + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z"),
        "subject": data.get("pledge", data.get("worker", "36.72")),
        "sequence": str(seq).zfill(15),
        "datacontenttype": "application/json",
        "dataschema": f"https://gemet-sekul.example/schemas/{kind}.v1.json",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "sekulchain": "0" * 64,
        "sekulactor": f"service/{service}",
        "sekulcause": cause,
        "data": {"kind": kind, **data},
    }


def timeline() -> list[dict[str, Any]]:
    """The facts of the pledge, from its promise to the notice."""
    return [*_promised(), *_paid()]


def _promised() -> list[dict[str, Any]]:
    donor = {"donor": DONOR_ID, "donor_kind": "company", "language": "id"}
    registered = {"pledge": PLEDGE, **donor, "slots": 35, "starts": "2026-12", "until": "2027-11"}
    opened = {"pledge": PLEDGE, "slots": 35, "starts": "2026-12", "until": "2027-11"}
    match = {"occupation": "ojek", "from_month": "2026-12", "until": "2027-11", "reason": "new"}
    promised = {"pledge": PLEDGE, "what": "pledge.promised"}
    notice = {"about": PLEDGE, "template": "pledge_accepted", "lines": [{"recipient": DONOR_ID}]}
    first, then = "gateway/3/41", "matcher/3/77"
    workers = [WORKER, *(pseudo_id("wrk", n) for n in range(1, 34))]
    lines = [{**match, "workers": workers, "matches": [pseudo_id("mat", n) for n in range(34)]}]
    return [
        cloud_event("pledge.registered", registered, seq=41, service="gateway", cause="command"),
        cloud_event("pledge.opened", opened, seq=77, service="matcher", cause=first),
        cloud_event(
            "matches.made", {"pledge": PLEDGE, "lines": lines, "workers": 34}, seq=78, service="matcher", cause=first
        ),
        cloud_event("entry.posted", promised, seq=120, service="ledger", cause=then),
        cloud_event("notices.requested", notice, seq=9, service="notifier", cause=then),
        *(
            cloud_event(
                "notices.requested",
                {**notice, "lines": [{"recipient": worker}]},
                seq=10 + n,
                service="notifier",
            )
            for n, worker in enumerate(workers[1:])
        ),
    ]


def _paid() -> list[dict[str, Any]]:
    bill = {"pledge": PLEDGE, "month": "2027-01", "workers": 34, "total_idr": 571_200}
    payment = {"remittance": REMITTANCE, "amount_idr": 571_200, "paid_on": "2027-02-20"}
    proof = {"remittance": REMITTANCE, "month": "2027-01", "workers": 34, "total_idr": 571_200}
    notice = {"by": "sender", "channel": "mailbox"}
    two, four = 2 * 1440, 4 * 1440
    return [
        cloud_event("bill.issued", bill, seq=190, service="ledger", cause="matcher/3/160", minutes=two),
        cloud_event("payment.reported", payment, seq=90, service="gateway", cause="command", minutes=two + 95),
        cloud_event("iuran.confirmed", proof, seq=214, service="ledger", cause="gateway/3/92", minutes=four),
        cloud_event("notices.sent", notice, seq=77, service="notifier", cause="command", minutes=four + 1),
    ]


def events() -> list[Any]:
    """The latest facts of all services, oldest first."""
    facts = timeline()[:8]
    for n in range(9):
        facts.append(
            cloud_event(
                "worker.registered",
                {"worker": pseudo_id("wrk", 50 + n), "occupation": "pedagang", "area": f"36.72.0{n % 8 + 1}.1001"},
                seq=100 + n,
                service="gateway",
                minutes=1,
            )
        )
    return facts


EXPLANATION: Final = {
    "status": "matched",
    "why": [
        {
            "code": "match.new",
            "detail": f"matched with {PLEDGE} from 2026-12 until 2027-11",
            "values": {"pledge": PLEDGE, "starts": "2026-12", "until": "2027-11"},
        }
    ],
    "change": None,
}
IDLE: Final = {
    "status": "open",
    "why": [{"code": "slots.filled", "detail": "34 of 35 slots are filled", "values": {"filled": 34, "slots": 35}}],
    "change": {
        "code": "scope.wider",
        "detail": "27 workers wait in 36.72 (all occupations)",
        "values": {"workers": 27, "areas": ["36.72"], "occupations": []},
    },
}
HEALTH: Final = [
    {
        "service": service,
        "live": True,
        "ready": service != "notifier",
        "owned": 16 if service != "notifier" else 12,
        "shards": 16,
        "why": "" if service != "notifier" else "4 of 16 shards are not owned",
        "head": head,
        "lag": lag,
        "relay_lag": 0,
        "progress_at": "2027-02-18T02:00:05Z",
    }
    for service, head, lag in (
        ("gateway", 18_214, {"matcher": 0, "ledger": 0, "notifier": 3}),
        ("matcher", 9_330, {"gateway": 0, "ledger": 0}),
        ("ledger", 12_871, {"gateway": 0, "matcher": 0}),
        ("notifier", 7_402, {"gateway": 0, "matcher": 0, "ledger": 1_482}),
    )
]
DEAD_LETTERS: Final = [
    {
        "service": "ledger",
        "about": REMITTANCE,
        "source": "gateway",
        "source_seq": 912 + n,
        "shard": 3,
        "code": "receipt.foreign_month",
        "detail": "The receipt names 2027-04, and the remittance is of 2027-01.",
        "at": "2027-02-17T04:12:00Z",
        "state": "dead",
    }
    for n in range(2)
]
MAIL: Final = [
    {
        "id": pseudo_id("ntc", 1),
        "recipient": WORKER,
        "audience": "worker",
        "name": "S••• R•••••",
        "template": "covered",
        "subject": "Anda terlindungi untuk Januari 2027",
        "text": "Iuran BPJS Ketenagakerjaan Anda untuk Januari 2027 (Rp16.800) sudah dikonfirmasi.\n\nAnda terlindungi "
        "sampai Januari 2027, tiga bulan berturut-turut. Anda tidak perlu membayar apa pun.",
        "language": "id",
        "at": "2027-02-18T02:01:00Z",
    },
    {
        "id": pseudo_id("ntc", 2),
        "recipient": DONOR_ID,
        "audience": "donor",
        "name": "P• K••••••• P•••",
        "template": "summary",
        "subject": "Laporan Januari 2027: 34 pekerja terlindungi",
        "text": "Komitmen Anda di Kota Cilegon melindungi 34 pekerja pada Januari 2027.\n\nTerkonfirmasi: Rp571.200\n"
        "Ditolak BPJS: 0\n\nTerima kasih atas kepedulian Anda.",
        "language": "id",
        "at": "2027-02-18T02:01:00Z",
    },
    {
        "id": pseudo_id("ntc", 3),
        "recipient": pseudo_id("don", 7),
        "audience": "donor",
        "name": "J••• S••••",
        "template": "bill_due",
        "subject": "Your iuran for February 2027 is due",
        "text": "Please pay Rp16,800 for 1 worker to BPJS Ketenagakerjaan by 15 March 2027.\n\n"
        "Pay code: 270218 004 117",
        "language": "en",
        "at": "2027-02-18T02:00:30Z",
    },
]
_BALANCES: Final = (
    ("donor:*:promises", -6_652_800),
    ("pledge:*:promised", 201_600),
    ("pledge:*:held", 5_023_200),
    ("pledge:*:due", 0),
    ("pledge:*:remitted", 571_200),
    ("pledge:*:confirmed", 856_800),
)
TRIAL_BALANCE: Final = {
    "as_of": None,
    "recorded_by": None,
    "plus_idr": 6_652_800,
    "minus_idr": -6_652_800,
    "sum_idr": 0,
    "broken": [],
    "kinds": [{"kind": kind, "about": kind, "balance_idr": idr} for kind, idr in _BALANCES],
    "items": [],
}
