"""People's browsers: they cannot send a bearer key, so a page asks for it in the browser's own way.

Only where nothing is changed: what a browser sends by itself must not act in somebody's name.
"""

from __future__ import annotations

import base64
import binascii

from fastapi import Request

READING = {"GET", "HEAD"}
BEARER = 'Bearer realm="cytolake"'
BASIC = 'Basic realm="cytolake", charset="UTF-8"'


def key_of_browser(request: Request) -> str | None:
    """Return the API key that was typed as a password (RFC 7617), of a request that reads."""
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    if request.method not in READING or scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(told, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def challenge(request: Request) -> str:
    """Return what a caller without a key is asked for: a browser by a form, others by a header.

    One or the other: of two challenges in one header Chromium takes the first and knows no Bearer.
    """
    is_browser = request.method in READING and "text/html" in request.headers.get("accept", "")
    return BASIC if is_browser else BEARER
