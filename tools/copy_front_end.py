"""Copies what the pages use of the npm packages, with licences, into the git-ignored folder that we serve it from."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "messaging" / "web" / "static" / "vendor"

#: npm's path → ours. Of dkfds, for staff, the theme for authorities outside borger.dk and virk.dk, without a portal's
#: colours, and the citizens' theme for the app.
FILES = {
    "dkfds/dist/css/dkfds.min.css": "dkfds/css/dkfds.min.css",
    "dkfds/dist/css/dkfds-borgerdk.min.css": "dkfds/css/dkfds-borgerdk.min.css",
    "dkfds/dist/js/dkfds.min.js": "dkfds/js/dkfds.min.js",
    "dkfds/dist/img/all-svg-icons.svg": "dkfds/img/all-svg-icons.svg",
    "dkfds/dist/LICENSE.md": "dkfds/LICENSE.md",
    "dkfds/dist/fonts/IBMPlexSans/complete/woff2/license.txt": "dkfds/fonts/IBMPlexSans/license.txt",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui/swagger-ui.css",
    "swagger-ui-dist/LICENSE": "swagger-ui/LICENSE",
}

REFERENCE = re.compile(r"""url\(["']?(?!data:|#)([^)"'?#]+)""")


def main() -> None:
    """Replace the folder by a fresh copy, so that nothing of an older version stays behind."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in files_to_copy():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def files_to_copy() -> Iterator[tuple[Path, Path]]:
    """Every pair of source and target, a style sheet followed by the fonts and images it names."""
    for package_path, vendor_path in FILES.items():
        source, target = PACKAGES / package_path, VENDOR / vendor_path
        yield source, target
        if source.suffix == ".css":
            for reference in sorted(set(REFERENCE.findall(source.read_text()))):
                yield (source.parent / reference).resolve(), (target.parent / reference).resolve()


if __name__ == "__main__":
    main()
