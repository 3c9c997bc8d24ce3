"""Fields encrypted at rest (AES-256-GCM), and a keyed digest beside them to find equal values."""

import hmac
import os
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12


def _key(purpose: str) -> bytes:
    info = f"huiqi {purpose}".encode()
    return HKDF(SHA256(), 32, salt=None, info=info).derive(settings.HUIQI_FIELD_KEY)


def encrypt(value: bytes, *, purpose: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_key(purpose)).encrypt(nonce, value, purpose.encode())


def decrypt(sealed: bytes | memoryview, *, purpose: str) -> bytes:
    """Raises cryptography's InvalidTag when the value was changed or is another purpose's."""
    sealed = bytes(sealed)
    return AESGCM(_key(purpose)).decrypt(sealed[:NONCE], sealed[NONCE:], purpose.encode())


def fingerprint(value: str, *, purpose: str) -> str:
    """Equal values have equal fingerprints; without the key nothing is learned from one."""
    return hmac.new(_key(f"{purpose} fingerprint"), value.encode(), sha256).hexdigest()
