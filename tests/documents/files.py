"""Files made by code: good ones, and those that are to do harm."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import pikepdf
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

ZIP_NAMES = {"[Content_Types].xml": b"<Types>wordprocessingml.document.main+xml</Types>", "word/document.xml": b"<w/>"}


def photo(kind: str = "JPEG", *, size: tuple[int, int] = (80, 60), left: str = "red", **more: Any) -> bytes:
    """A photo whose left half has another colour than its right half."""
    picture = Image.new("RGB", size, "white")
    picture.paste(left, (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    picture.save(written, kind, **more)
    return written.getvalue()


def photo_with_position(*, orientation: int = 1) -> bytes:
    """A photo that tells where it was taken and by what."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "HEMMELIG TELEFON"
    exif.get_ifd(0x8825).update({1: "N", 2: (56.0, 9.0, 1.0), 3: "E", 4: (10.0, 12.0, 1.0)})
    return photo(exif=exif, comment=b"HEMMELIG NOTE")


def pdf(*, text: bytes = b"", **root: Any) -> bytes:
    """A PDF of one page, with more in its catalogue."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    page.obj.Contents = document.make_stream(text or b"q Q")
    for name, value in root.items():
        document.Root[f"/{name}"] = document.make_indirect(value)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def pdf_with_script() -> bytes:
    """A PDF that runs a program when it is opened."""
    return pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))


def pdf_with_launch() -> bytes:
    """A PDF that starts another program."""
    return pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe"))


def pdf_with_file() -> bytes:
    """A PDF with another file inside."""
    document = pikepdf.open(io.BytesIO(pdf()))
    document.attachments["x.exe"] = b"MZ"
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def locked_pdf() -> bytes:
    """A PDF that needs a password."""
    document = pikepdf.open(io.BytesIO(pdf()))
    written = io.BytesIO()
    document.save(written, encryption=pikepdf.Encryption(owner="x", user="y"))
    return written.getvalue()


def pdf_bomb(*, megabytes: int = 400, times: int = 1) -> bytes:
    """A PDF of a few hundred kilobytes whose page unpacks to hundreds of megabytes."""
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(1024 * 1024)) for _ in range(megabytes)) + packing.flush()
    filters = [pikepdf.Name.FlateDecode]
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
        filters.append(pikepdf.Name.FlateDecode)
    document = pikepdf.new()
    page = document.add_blank_page()
    page.obj.Contents = pikepdf.Stream(document, packed, Filter=pikepdf.Array(filters))
    written = io.BytesIO()
    document.save(written, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return written.getvalue()


def packed(entries: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A packed file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as file:
        for name, content in entries.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else compression
            file.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return written.getvalue()


def docx(**more: bytes) -> bytes:
    """A document of Word."""
    return packed({**ZIP_NAMES, **more})


def odt(**more: bytes) -> bytes:
    """A document of LibreOffice."""
    return packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>", **more})


def zip_bomb(*, megabytes: int = 300) -> bytes:
    """A document of Word with a file that unpacks to hundreds of megabytes."""
    return docx(**{"word/media/image1.png": bytes(megabytes * 1024 * 1024)})


def lying_zip_bomb() -> bytes:
    """The same, which says that its file is short."""
    bomb = zip_bomb()
    return bomb.replace(struct.pack("<L", 300 * 1024 * 1024), struct.pack("<L", 10))


def overlapping_zip() -> bytes:
    """A packed file whose directory names the same content many times."""
    whole = docx(a=bytes(1024 * 1024))
    start = whole.index(b"PK\x01\x02")
    directory, end = whole[start:-22], whole[-22:]
    entries = directory.split(b"PK\x01\x02")[1:]
    again = b"".join(b"PK\x01\x02" + entries[-1][:42] + b"%c" % letter + entries[-1][43:] for letter in b"bcdefg")
    fixed = struct.pack("<HHLL", 9, 9, len(directory + again), start)
    return whole[:start] + directory + again + end[:8] + fixed + end[20:]


def png_bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that is gigabytes of pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))

    packing = zlib.compressobj(9)
    row = bytes(side // 8 + 1)
    rows = b"".join(packing.compress(row) for _ in range(side)) + packing.flush()
    header = struct.pack(">LLBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def png_text_bomb() -> bytes:
    """A PNG whose hidden text unpacks to hundreds of megabytes."""
    text = b"zTXt" + b"a\x00\x00" + zlib.compress(bytes(200 * 1024 * 1024), 9)
    good = photo("PNG")
    chunk = struct.pack(">L", len(text) - 4) + text + struct.pack(">L", zlib.crc32(text))
    return good[:33] + chunk + good[33:]


def together(*photos: bytes) -> bytes:
    """Several photos, each behind its length."""
    return b"".join(len(one).to_bytes(8, "big") + one for one in photos)
