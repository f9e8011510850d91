"""The secrets of practice mode: made up once and kept in the instance folder, the same for every process."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from pathlib import Path

from hotline.privacy import KEY_BYTES

_NAMES = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "DATA_KEYS")


class PracticeSecretsUnusable(Exception):
    """The file cannot be made, or what stands in it is not what we wrote. The text is for the operator."""


def practice_secrets(instance_dir: Path) -> dict[str, str]:
    """Settings by name, as the environment would hold them: account, token, SECRET_KEY and DATA_KEYS.

    Processes that start at once agree on one set. Raises PracticeSecretsUnusable.
    """
    path = instance_dir / "practice-secrets.json"
    try:
        if not path.exists():
            instance_dir.mkdir(parents=True, exist_ok=True)
            _write_once(path)
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PracticeSecretsUnusable(f"{path} cannot be made or read: {error.strerror}.") from error
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in _NAMES):
        raise PracticeSecretsUnusable(
            f"{path} is damaged: put it back from a copy, or remove it with the practice calls beside it."
        )
    return {name: found[name] for name in _NAMES}


def _write_once(path: Path) -> None:
    made_up = {
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATA_KEYS": "practice:" + b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made_up, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the name is taken: whoever comes first decides, nobody sees half a file.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
