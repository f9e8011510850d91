from __future__ import annotations

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hotline.settings import Settings, SettingsRefused, load_settings, setting

TOKEN = "0123456789abcdef0123456789abcdef"
KEY = b64encode(bytes(range(32))).decode()
OTHER_KEY = b64encode(bytes(range(1, 33))).decode()
LIVE = {
    "PUBLIC_URL": "https://hotline.example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "SECRET_KEY": "s" * 40,
    "DATA_KEYS": f"k2:{OTHER_KEY},k1:{KEY}",
}


def live(**changed: str) -> Settings:
    return load_settings(LIVE | changed, dotenv=None)


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsRefused) as refused:
        load_settings(environ, dotenv=None)
    return refused.value.faults


def test_a_whole_live_configuration_is_taken() -> None:
    settings = live(TWILIO_AUTH_TOKEN=f"{TOKEN}, second-token", PORT="9000", HOST="0.0.0.0")
    assert not settings.practice
    assert settings.public_url == "https://hotline.example.org"
    assert settings.auth_tokens == (TOKEN, "second-token")
    assert [key.kid for key in settings.data_keys] == ["k2", "k1"]
    assert (settings.host, settings.port) == ("0.0.0.0", 9000)
    assert settings.database_url == "sqlite:///instance/hotline.db"
    assert settings.roster_file == Path("oncall_schedule.yaml")


def test_without_credentials_it_is_practice_with_secrets_that_stay(tmp_path: Path) -> None:
    first = load_settings({"INSTANCE_DIR": str(tmp_path)}, dotenv=None)
    again = load_settings({"INSTANCE_DIR": str(tmp_path)}, dotenv=None)
    assert first.practice
    assert first == again
    assert first.public_url == "http://127.0.0.1:8000"
    assert first.database_url == f"sqlite:///{tmp_path}/hotline.db"
    assert first.account_sid.startswith("AC")
    assert first.auth_tokens
    assert (tmp_path / "practice-secrets.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["practice-secrets.json"]


def test_what_is_practised_stays_out_of_the_folder_of_real_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    practised = load_settings({}, dotenv=None)
    assert practised.instance_dir == Path("instance/practice")
    assert practised.database_url == "sqlite:///instance/practice/hotline.db"
    assert live().instance_dir == Path("instance")


def test_practice_processes_that_start_at_once_agree_on_their_secrets(tmp_path: Path) -> None:
    def keys(_: int) -> str:
        return load_settings({"INSTANCE_DIR": str(tmp_path / "new")}, dotenv=None).secret_key

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(keys, range(64)))) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"SECRET_KEY": 1}'])
def test_a_damaged_file_of_practice_secrets_is_named_and_not_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "practice-secrets.json"
    file.write_text(content)
    assert any(
        "practice-secrets.json is damaged" in fault for fault in faults({"INSTANCE_DIR": str(tmp_path)})
    )
    assert file.read_text() == content


def test_every_missing_setting_of_a_live_start_is_named_at_once() -> None:
    told = " ".join(faults({"TWILIO_ACCOUNT_SID": LIVE["TWILIO_ACCOUNT_SID"]}))
    for name in ("PUBLIC_URL", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "DATA_KEYS"):
        assert f"{name} is missing" in told


@pytest.mark.parametrize(
    "name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET"]
)
def test_half_of_the_credentials_is_a_fault_and_no_practice(name: str, tmp_path: Path) -> None:
    assert faults({name: "x", "INSTANCE_DIR": str(tmp_path)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"PUBLIC_URL": "ftp://hotline.example.org"}, "PUBLIC_URL must begin with https://"),
        ({"PUBLIC_URL": "hotline.example.org"}, "PUBLIC_URL must begin with https://"),
        ({"PUBLIC_URL": "https://"}, "PUBLIC_URL must begin with https://"),
        ({"PUBLIC_URL": "https://host:port"}, "PUBLIC_URL must begin with https://"),
        ({"PUBLIC_URL": "http://hotline.example.org"}, "over http anybody"),
        ({"PUBLIC_URL": "https://hotline.example.org/app"}, "an origin only"),
        ({"PUBLIC_URL": "https://hotline.example.org?a=b"}, "an origin only"),
        ({"PUBLIC_URL": "https://me:secret@hotline.example.org"}, "no user name"),
        ({"TWILIO_ACCOUNT_SID": "AC12"}, "TWILIO_ACCOUNT_SID must be AC"),
        ({"TWILIO_AUTH_TOKEN": "two words"}, "TWILIO_AUTH_TOKEN holds a character"),
        ({"TWILIO_API_KEY": "SK" + "0" * 32}, "TWILIO_API_SECRET is missing"),
        ({"TWILIO_API_SECRET": "x"}, "TWILIO_API_KEY is missing"),
        ({"TWILIO_API_KEY": "S K", "TWILIO_API_SECRET": "x"}, "TWILIO_API_KEY holds a character"),
        ({"TWILIO_API_URL": "http://api.example.org"}, "TWILIO_API_URL must begin with https://"),
        (
            {"DATABASE_URL": "mysql://host/hotline"},
            "DATABASE_URL must begin with sqlite:/// or postgresql://",
        ),
        ({"DATABASE_URL": "hotline.db"}, "DATABASE_URL is not a database address"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must name a file"),
        ({"DATABASE_URL": "postgresql://host"}, "DATABASE_URL must name the database"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 16"),
        ({"DATA_KEYS": KEY}, "DATA_KEYS, entry 1: must be a name"),
        (
            {"DATA_KEYS": f"k1:{KEY},k1:{OTHER_KEY}"},
            "DATA_KEYS, entry 2: the name of the key was used before",
        ),
        ({"DATA_KEYS": "k1:AAAA"}, "DATA_KEYS, entry 1: the key must be 32 bytes and is 3"),
        ({"DATA_KEYS": "k1:%%%"}, "DATA_KEYS, entry 1: the key is not base64"),
        ({"DATA_KEYS": f"k.1:{KEY}"}, "DATA_KEYS, entry 1: must be a name"),
        ({"PORT": "http"}, "PORT must be a whole number"),
        ({"PORT": "0"}, "PORT must be a whole number"),
        ({"PORT": "70000"}, "PORT must be a whole number"),
        ({"INSTANCE_DIR": __file__}, "INSTANCE_DIR must be a folder"),
    ],
)
def test_each_fault_is_told_in_one_plain_sentence(changed: dict[str, str], told: str) -> None:
    found = faults(LIVE | changed)
    assert len(found) == 1
    assert told in found[0]
    assert found[0].endswith(".")


def test_no_message_and_no_repr_holds_a_secret() -> None:
    secrets = {
        "TWILIO_AUTH_TOKEN": "hidden token",
        "TWILIO_API_SECRET": "hidden",
        "TWILIO_API_KEY": "hidden",
        "SECRET_KEY": "hidden",
        "DATA_KEYS": "hidden,hidden:hidden",
        "DATABASE_URL": "oracle://user:hidden@host/name",
        "PUBLIC_URL": "http://user:hidden@example.org",
    }
    assert "hidden" not in " ".join(faults(LIVE | secrets))
    shown = repr(live(DATABASE_URL="postgresql://user:hidden@host/name", SECRET_KEY="hidden" * 8))
    assert not any(secret in shown for secret in ("hidden", TOKEN, KEY, "\\x01\\x02"))


def test_the_practice_on_this_machine_may_speak_http_and_the_live_one_only_to_itself() -> None:
    assert live(PUBLIC_URL="http://127.0.0.1:8000/").public_url == "http://127.0.0.1:8000"
    assert live(TWILIO_API_URL="http://localhost:9999").api_url == "http://localhost:9999"


def test_secrets_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    environ = {name: value for name, value in LIVE.items() if name != "TWILIO_AUTH_TOKEN"}
    settings = load_settings(environ | {"TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "token")}, dotenv=None)
    assert settings.auth_tokens == (TOKEN,)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xff"])
def test_a_secret_s_file_that_cannot_be_read_is_the_only_fault_told(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    environ = {name: value for name, value in LIVE.items() if name != "SECRET_KEY"}
    found = faults(environ | {"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert len(found) == 1
    assert found[0].startswith("SECRET_KEY_FILE names")


def test_a_secret_given_twice_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s" * 40)
    assert faults(LIVE | {"SECRET_KEY_FILE": str(tmp_path / "key")}) == [
        "SECRET_KEY and SECRET_KEY_FILE are both set: keep one of them."
    ]


def test_the_environment_goes_before_the_file_and_empty_means_not_set(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "\n".join(f"{name}='{value}'" for name, value in LIVE.items())
        + "\nPORT=7000\nHOST=\nROSTER_FILE=a$b.yaml\n"
    )
    settings = load_settings({"PORT": "7001", "PUBLIC_URL": ""}, dotenv=dotenv)
    assert (settings.port, settings.host) == (7001, "127.0.0.1")
    assert settings.public_url == LIVE["PUBLIC_URL"]
    assert settings.roster_file == Path("a$b.yaml")


def test_one_setting_can_be_asked_for_while_others_are_wrong(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ROSTER_FILE=other.yaml\nPORT=wrong\n")
    assert setting("ROSTER_FILE", {}, tmp_path / ".env") == "other.yaml"
    assert setting("HOST", {}, tmp_path / ".env") is None


def test_practice_secrets_hold_nothing_but_what_was_made_up(tmp_path: Path) -> None:
    settings = load_settings({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "mine" * 10}, dotenv=None)
    assert settings.secret_key == "mine" * 10
    assert "mine" not in json.dumps(json.loads((tmp_path / "practice-secrets.json").read_text()))
