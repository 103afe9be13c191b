"""The security headers of every answer. Nothing of a page may come from elsewhere, and no page may be put into another.

The one exception is a rehearsal, which shows the stub's telephones beside the thread.
"""

from messaging.config import Config

LINES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def security_headers(config: Config) -> list[tuple[str, str]]:
    """Return the headers that stand on every answer, error or not."""
    headers = [
        ("Content-Security-Policy", _policy(config)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ]
    if config.public_url.startswith("https://"):
        headers.append(("Strict-Transport-Security", "max-age=31536000"))
    return headers


def _policy(config: Config) -> str:
    lines = dict(LINES)
    if config.stub_origins:
        lines["frame-src"] = " ".join(config.stub_origins)
    return "; ".join(f"{name} {value}" for name, value in lines.items())
