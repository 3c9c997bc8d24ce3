"""How a request of ours is signed, and how whoever receives it checks that: HMAC-SHA256.

The signature is over `TIMESTAMP.BODY`, so that neither can be changed alone; what is older than the
window is refused, so that what was overheard cannot be played again.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256

TIMESTAMP, SIGNATURE, ONCE = "Huiqi-Timestamp", "Huiqi-Signature", "Idempotency-Key"
WINDOW = 300  # seconds


def sign(secret: str, body: bytes, *, at: int) -> str:
    """`at` in seconds since 1970."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256)
    return f"sha256={signed.hexdigest()}"


def headers(secret: str, body: bytes, *, at: int, once: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        TIMESTAMP: str(at),
        SIGNATURE: sign(secret, body, at=at),
        ONCE: once,
    }


def is_ours(secret: str, received: Mapping[str, str], body: bytes, *, now: int) -> bool:
    """What a receiver does: fresh, and signed with the secret that only we two know."""
    stamp = received.get(TIMESTAMP, "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > WINDOW:
        return False
    return hmac.compare_digest(sign(secret, body, at=int(stamp)), received.get(SIGNATURE, ""))
