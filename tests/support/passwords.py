"""Passwords' hashes for tests: as cheap as argon2 allows, since a dear one takes longer than most tests do."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.hashers import Argon2PasswordHasher

IN_LIFE: Final = {
    "time": Argon2PasswordHasher.time_cost,
    "kibibytes": Argon2PasswordHasher.memory_cost,
    "lanes": Argon2PasswordHasher.parallelism,
}
"""What a hash costs in an installation, noted before it is made cheap."""

Argon2PasswordHasher.time_cost = 1
Argon2PasswordHasher.memory_cost = 16
Argon2PasswordHasher.parallelism = 1
