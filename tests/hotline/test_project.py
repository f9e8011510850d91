"""The code base itself: what the README promises, and what must stand nowhere."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from hotline.settings import NAMES
from hotline.telephony.prompts import read_prompts
from hotline.web.app import create_app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_stands_in_the_readme() -> None:
    assert [name for name in NAMES if f"`{name}`" not in README] == []


def test_every_command_stands_in_the_readme() -> None:
    ours = create_app().cli.commands
    commands = [
        f"{group} {name}"
        for group in ("roster", "calls", "journal", "twilio")
        for name in _subcommands(ours[group])
    ]
    assert [command for command in commands if f"flask {command}" not in README] == []


def _subcommands(group: click.Command) -> list[str]:
    assert isinstance(group, click.Group)
    return list(group.commands)


def test_every_file_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:hotline|routing|docs|simulator)/[\w./-]+\.\w+)`", README))
    named |= set(re.findall(r"\]\((docs/[^)]+)\)", README))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_both_languages_have_the_same_prompts_with_the_same_gaps() -> None:
    prompts = read_prompts()
    gaps = {
        code: {name: set(re.findall(r"{(\w+)}", text)) for name, text in tongue.texts.items()}
        for code, tongue in prompts.tongues.items()
    }
    assert gaps["nl"] == gaps["en"]


def test_no_file_names_a_package_registry_or_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not listed:
        pytest.skip("not a git checkout")
    hosts = ("py pi.org", "python hosted", "npm js", "un pkg", "js delivr", "deb .debian", "/wo rk/")
    words = re.compile("|".join(re.escape(host.replace(" ", "")) for host in hosts), re.IGNORECASE)
    found = []
    for name in listed.splitlines():
        file = ROOT / name
        if (
            file.suffix in {".py", ".md", ".txt", ".in", ".toml", ".yaml", ".css", ".js", ".html", ""}
            and file.is_file()
        ):
            found += [name for line in file.read_text(encoding="utf-8").splitlines() if words.search(line)]
    assert found == []
