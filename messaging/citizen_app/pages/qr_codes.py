"""QR codes as pages show them."""

import io

import segno
from markupsafe import Markup


def draw_qr(address: str) -> Markup:
    """Draw the address as a QR code in SVG, without styles of its own."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, svgns=True, scale=6, border=4, dark="#000", light="#fff", omitsize=True
    )
    return Markup(picture.getvalue().decode())  # noqa: S704  drawn by us from an address of ours
