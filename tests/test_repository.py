"""Facts about the repository that no linter knows: what is pinned, what README promises, how long a module may be."""

import ast
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.copy_front_end import VENDOR, files_to_copy

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

PINNED = ("requirements.txt", "requirements-build.txt", "requirements-evaluation.txt", "requirements-dev.txt")
#: The second of two holds what the first holds, and more.
HELD = (
    ("requirements.txt", "requirements-build.txt"),
    ("requirements.txt", "requirements-evaluation.txt"),
    ("requirements-build.txt", "requirements-dev.txt"),
    ("requirements-evaluation.txt", "requirements-dev.txt"),
)
ASKED_FOR = {
    "requirements.txt": PROJECT["dependencies"],
    "requirements-build.txt": PROJECT["optional-dependencies"]["build"],
    "requirements-evaluation.txt": PROJECT["optional-dependencies"]["evaluation"],
    "requirements-dev.txt": PROJECT["optional-dependencies"]["dev"],
}

LONGEST_MODULE = 300
#: Longer modules, each with the reason why it is not two.
LONGER_MODULES: dict[str, str] = {}


def pins(name: str) -> dict[str, Version]:
    """Package → version, as a requirement file pins them."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", (ROOT / name).read_text(), flags=re.MULTILINE)
    return {canonicalize_name(package): Version(version) for package, version in found}


def modules() -> Iterator[Path]:
    """Every module of the two packages."""
    for package in ("adapters", "messaging"):
        yield from sorted((ROOT / package).rglob("*.py"))


def make_targets() -> set[str]:
    """The names one can give to make."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("name", PINNED)
def test_pinned_requirements_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash=", ""), flags=re.MULTILINE)


@pytest.mark.parametrize("name", PINNED)
def test_every_pinned_requirement_has_hashes(name: str) -> None:
    requirements = re.split(r"^(?=\S)", (ROOT / name).read_text(), flags=re.MULTILINE)

    without = [text for text in requirements if text.strip() and text[0] != "#" and "--hash=sha256:" not in text]

    assert without == []


@pytest.mark.parametrize("name", PINNED)
def test_everything_the_project_asks_for_is_pinned_within_its_bounds(name: str) -> None:
    pinned = pins(name)

    for asked in map(Requirement, ASKED_FOR[name]):
        assert asked.specifier.contains(pinned[canonicalize_name(asked.name)]), str(asked)


@pytest.mark.parametrize(("smaller", "larger"), HELD)
def test_requirement_files_agree_on_versions(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_front_end_lock_has_digests_and_no_addresses() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in packages.items() if name}

    assert all("resolved" not in entry for entry in fetched.values())
    assert all(entry["integrity"].startswith("sha512-") for entry in fetched.values())


def test_everything_a_page_needs_of_the_front_end_packages_is_beside_our_static_files() -> None:
    wanted = {target for _, target in files_to_copy()}
    missing = {str(target.relative_to(VENDOR)) for target in wanted if not target.is_file()}

    assert any(target.suffix == ".woff2" for target in wanted)
    assert missing == set(), "make test copies them"


def test_readme_names_only_targets_that_make_has() -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE))

    assert {"run", "test"} <= named
    assert named <= make_targets()


def test_help_describes_every_target() -> None:
    described = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"^make (\S+)", described, flags=re.MULTILINE)) == make_targets()


def test_ci_runs_lint_and_the_test_command_of_readme() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert re.findall(r"^make \w+", script.read_text(), flags=re.MULTILINE) == ["make lint", "make test"]


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    too_long = {name for name, length in lengths.items() if length > LONGEST_MODULE}

    assert too_long == set(LONGER_MODULES)


def test_no_import_hides_inside_a_function_to_dodge_a_cycle() -> None:
    hidden = [f"{path.relative_to(ROOT)}:{line}" for path in modules() for line in imports_of_ours_in_functions(path)]

    assert hidden == []


def imports_of_ours_in_functions(path: Path) -> Iterator[int]:
    """The lines at which a function imports from the project itself."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom | ast.Import):
                    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                    if any(name.split(".")[0] in {"messaging", "adapters"} for name in names):
                        yield node.lineno
