"""Photos: decoded, turned the right way up and written anew, so that only what is to be seen goes on.

Where and when a photo was taken, by which telephone, and whatever stood behind it in its file stay behind.
"""

import io
from collections.abc import Iterator

import pikepdf
import pillow_heif
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from messaging.documents.examining.outcome import Examined, Refused
from messaging.documents.examining.signatures import recognise
from messaging.documents.kinds import PHOTO, Declared, Kind
from messaging.documents.limits import LARGEST, LENGTH_BYTES, LONGEST_EDGE, MOST_PHOTOS, MOST_PIXELS
from messaging.documents.states import Refusal

QUALITY = 85
POINTS_OF_A4 = (595.0, 842.0)

_FORMATS = {Declared.JPEG: "JPEG", Declared.PNG: "PNG", Declared.HEIC: "HEIF", Declared.WEBP: "WEBP"}

pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 1
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False


def examine_photo(content: bytes) -> Examined:
    """Return the photo as a JPEG of nothing but what is to be seen. Raises Refused."""
    jpeg, _ = _written_anew(content)
    return Examined(kind=Kind.JPEG, content=jpeg)


def examine_photos(content: bytes) -> Examined:
    """Return several photos as one PDF, a page each. Raises Refused."""
    pages = [_written_anew(photo) for photo in several(content)]
    whole = io.BytesIO()
    with pikepdf.new() as pdf:
        for jpeg, size in pages:
            _add_page(pdf, jpeg, size)
        pdf.save(whole)
    if whole.tell() > LARGEST:
        raise Refused(Refusal.TOO_HEAVY)
    return Examined(kind=Kind.PDF, content=whole.getvalue())


def several(content: bytes) -> Iterator[bytes]:
    """Yield the photos that stand behind their lengths. Raises Refused for what is not such a row."""
    at, count = 0, 0
    while at < len(content):
        length = int.from_bytes(content[at : at + LENGTH_BYTES], "big")
        at += LENGTH_BYTES
        if not 0 < length <= len(content) - at:
            raise Refused(Refusal.UNREADABLE)
        count += 1
        if count > MOST_PHOTOS:
            raise Refused(Refusal.TOO_HEAVY)
        yield content[at : at + length]
        at += length


def _written_anew(content: bytes) -> tuple[bytes, tuple[int, int]]:
    declared = recognise(content)
    if declared not in PHOTO:
        raise Refused(Refusal.WRONG_TYPE)
    try:
        with Image.open(io.BytesIO(content), formats=[_FORMATS[declared]]) as photo:
            if photo.width * photo.height > MOST_PIXELS:
                raise Refused(Refusal.TOO_HEAVY)
            photo.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
            return _jpeg(photo)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Refused(Refusal.TOO_HEAVY) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError):
        raise Refused(Refusal.UNREADABLE) from None


def _jpeg(photo: Image.Image) -> tuple[bytes, tuple[int, int]]:
    photo.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(photo)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        upright = _on_white(upright.convert("RGBA"))
    written = io.BytesIO()
    seen = upright.convert("RGB")
    seen.info.clear()
    seen.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue(), seen.size


def _on_white(photo: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", photo.size, "white")
    paper.alpha_composite(photo)
    return paper


def _add_page(pdf: pikepdf.Pdf, jpeg: bytes, size: tuple[int, int]) -> None:
    """Add a page with a photo that is as large as a sheet of A4 lets it be; the JPEG is put in as it is."""
    width, height = size
    paper = POINTS_OF_A4 if height >= width else POINTS_OF_A4[::-1]
    scale = min(paper[0] / width, paper[1] / height)
    wide, high = round(width * scale, 2), round(height * scale, 2)
    image = pdf.make_stream(
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = pdf.add_blank_page(page_size=(wide, high))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=image))
    page.obj.Contents = pdf.make_stream(f"q {wide} 0 0 {high} 0 0 cm /Photo Do Q".encode())
