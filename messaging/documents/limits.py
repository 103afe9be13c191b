"""How much we take: of a document, of a citizen and a day, and what an inspection may cost."""

MEGABYTE = 1024 * 1024

PIECE_BYTES = 256 * 1024
"""Every piece but the last is this long."""
LARGEST = 25 * MEGABYTE
"""Of one document, as it comes and as it is kept."""
MOST_WAITING = 20
"""Documents of a citizen that are on their way or in quarantine at the same time."""
MOST_A_DAY = 60
BYTES_A_DAY = 200 * MEGABYTE
MOST_PHOTOS = 30
"""In one PDF."""
LENGTH_BYTES = 8
"""Before each photo of several: how long it is, the highest byte first."""
UNFINISHED_HOURS = 24
"""After this long an upload that never finished is removed."""

INSPECTION_SECONDS = 10
INSPECTION_BYTES = 320 * MEGABYTE
"""Address space of the one inspection that a worker has at a time; less than 256 MB of it are ever really used.

Photos of 12 megapixels, decoded and written anew, need 256 MB as JPEG, PNG or HEIC and 320 as WebP, and of 24
megapixels 320 as PNG or HEIC. What needs more, as WebP of 12 megapixels with transparency may, is refused.
"""

MOST_PIXELS = 50_000_000
"""Of a photo, before it is decoded: what the largest sensors of telephones give."""
LONGEST_EDGE = 3000
"""Pixels of a kept photo; a page of small print stays readable."""
MOST_UNPACKED = 100 * MEGABYTE
"""Of everything that is packed inside a document, together."""
MOST_ENTRIES = 2000
"""Files inside a word-processing document."""
MOST_OBJECTS = 200_000
"""Objects of a PDF."""
LONGEST_TEXT = MEGABYTE
