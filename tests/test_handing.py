"""What another process is handed to have the credentials of a session: little, if that will do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.session import Session

from botocancel._handing import Handed, session_from
from tests.environment import Environment

if TYPE_CHECKING:
    from pathlib import Path

PROFILES = """
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = secret
[profile work]
aws_access_key_id = AKIDWORK
aws_secret_access_key = secret
[profile role]
role_arn = arn:aws:iam::123456789012:role/operator
source_profile = work
[profile code]
role_arn = arn:aws:iam::123456789012:role/operator
source_profile = work
mfa_serial = arn:aws:iam::123456789012:mfa/somebody
[profile beyond]
role_arn = arn:aws:iam::123456789012:role/other
source_profile = code
[profile process]
credential_process = printf '{"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "x"}'
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    return Environment(monkeypatch, tmp_path)


def key_of(session: Session) -> str:
    credentials = session.get_credentials()
    assert credentials is not None
    return str(credentials.get_frozen_credentials().access_key)


def test_credentials_of_the_environment_are_found_there_again(environment: Environment) -> None:
    handed = Handed.of_session(Session())
    document = handed.document()
    assert "AKIDEXAMPLE" not in document.values()
    assert key_of(session_from(document)) == "AKIDEXAMPLE"
    assert handed.expires is None
    environment.set(AWS_ACCESS_KEY_ID="AKIDLATER")
    assert key_of(session_from(document)) == "AKIDLATER"


@pytest.mark.parametrize(
    ("profile", "key"), [(None, "AKIDDEFAULT"), ("work", "AKIDWORK"), ("process", "AKIDPROCESS")]
)
def test_credentials_of_a_profile_are_found_by_its_name(
    environment: Environment, profile: str | None, key: str
) -> None:
    environment.write_config(PROFILES)
    document = Handed.of_session(Session(profile=profile)).document()
    assert key not in document.values()
    assert document["profile"] == profile
    assert key_of(session_from(document)) == key


def test_files_that_only_the_session_knows_are_named(
    environment: Environment, tmp_path: Path
) -> None:
    environment.write_config("")
    files = tmp_path / "elsewhere"
    files.write_text(PROFILES, encoding="utf-8")
    session = Session(profile="work")
    session.set_config_variable("config_file", str(files))
    assert key_of(session_from(Handed.of_session(session).document())) == "AKIDWORK"


def test_a_role_is_assumed_again_unless_that_takes_a_persons_code(environment: Environment) -> None:
    environment.write_config(PROFILES)
    again = {
        profile: Handed.of_session(Session(profile=profile)).again is not None
        for profile in ("role", "code", "beyond")
    }
    assert again == {"role": True, "code": False, "beyond": False}


def test_credentials_that_the_program_passes_are_handed_over() -> None:
    session = Session()
    session.set_credentials("AKIDPASSED", "secret", "token")
    document = Handed.of_session(session).document()
    assert document == {"access_key": "AKIDPASSED", "secret_key": "secret", "token": "token"}
    assert key_of(session_from(document)) == "AKIDPASSED"


def test_variables_with_an_expiry_are_handed_over(environment: Environment) -> None:
    """The program may set them anew, and no other process would know."""
    expires = datetime.now(UTC) + timedelta(hours=1)
    environment.set(AWS_CREDENTIAL_EXPIRATION=expires.isoformat())
    handed = Handed.of_session(Session())
    assert handed.document()["access_key"] == "AKIDEXAMPLE"
    assert handed.expires == expires


def test_where_there_are_none_there_is_nothing_to_hand_over(environment: Environment) -> None:
    environment.write_config("")
    handed = Handed.of_session(Session())
    assert handed.credentials is None
    assert session_from(handed.document()).get_credentials() is None
