"""Draws the icons of the app for telephones, which take no SVG: the picture of `icon.svg`, in the sizes they ask for.

python -m tools.draw_icons
"""

from pathlib import Path

from PIL import Image, ImageDraw

IMAGES = Path(__file__).resolve().parent.parent / "messaging" / "web" / "static" / "img"

GROUND = "#1c4e6b"
SIGN = "#ffffff"
SIDE = 32
"""Of the square that `icon.svg` is drawn in."""
CORNER = 7
BUBBLE = ((7, 8), (25, 8), (25, 20), (15, 20), (10, 25), (10, 20), (7, 20))
FINE = 4
"""Drawn so many times larger, and made smaller, so that slanted edges are smooth."""

#: Name → pixels, whether its corners are round, and how large the sign is on it: a telephone cuts a maskable one as it
#: likes, outside a circle of four fifths.
ICONS = {
    "icon-192.png": (192, True, 1.0),
    "icon-512.png": (512, True, 1.0),
    "icon-maskable-512.png": (512, False, 0.8),
    "icon-apple-180.png": (180, False, 0.9),
}


def draw(pixels: int, *, is_round: bool, share: float) -> Image.Image:
    """Return the icon in one size."""
    side = pixels * FINE
    unit = side / SIDE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pencil = ImageDraw.Draw(image)
    pencil.rounded_rectangle((0, 0, side - 1, side - 1), radius=CORNER * unit if is_round else 0, fill=GROUND)
    middle = SIDE / 2
    pencil.polygon([tuple((middle + (at - middle) * share) * unit for at in point) for point in BUBBLE], fill=SIGN)
    return image.resize((pixels, pixels), Image.Resampling.BOX)


def main() -> None:
    """Write all of them."""
    for name, (pixels, is_round, share) in ICONS.items():
        draw(pixels, is_round=is_round, share=share).save(IMAGES / name, optimize=True)


if __name__ == "__main__":
    main()
