"""The vault: personal data under a key of its own per person, so that erasing a person is destroying a key.

    crypto    pure: sealing, opening, wrapping, the keyed hash of an identifier
    persons   the tables `vault.persons` and `vault.lookups`, always in the caller's transaction
    rotation  wraps again what former master keys wrapped

Must not let a plain byte of a person reach a column, a log line or an error message.
"""

from services.runtime.vault.crypto import Record, Sealed, Wrapped
from services.runtime.vault.persons import Tombstone, Vault

__all__ = ["Record", "Sealed", "Tombstone", "Vault", "Wrapped"]
