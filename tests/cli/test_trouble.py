"""What goes wrong is said in one line, with the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from botocancel import ServiceUnavailable
from botocancel.cli._remedies import explained
from botocancel.testing import Fault, FaultKind
from tests.cli.conftest import SECRET, TOKEN
from tests.environment import supplying
from tests.simulated import client_of

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator

REFUSALS = {
    "ExpiredTokenException": "log in again ('aws sso login' with the same --profile), or export",
    "UnrecognizedClientException": "check --profile or the AWS_* credentials",
    "RequestExpired": "set this machine's clock",
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_one_line_with_its_remedy(
    code: str, aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start()
    aws.inject(Fault(kind=FaultKind.ERROR, code=code, message="two\nlines", times=None))
    ran = operator.run("show", task)
    assert (ran.status, ran.stdout) == (1, "")
    [line] = ran.stderr.splitlines()
    assert line.startswith(
        f"botocancel: {task}: DescribeDataRepositoryTasks was refused: two lines"
    )
    assert code in line
    assert REFUSALS[code] in line


def test_what_may_pass_has_its_remedy_too(aws: SimulatedAWS) -> None:
    """Without the command, which asks again for a minute first."""
    aws.inject(Fault(kind=FaultKind.UNAVAILABLE))
    with pytest.raises(ServiceUnavailable) as caught:
        client_of(aws).describe(aws.fsx().start())
    assert explained(caught.value).endswith("try again later")


def test_a_missing_permission_is_said_as_the_statement_that_is_missing(
    aws: SimulatedAWS, operator: Operator
) -> None:
    execution = aws.datasync().start(status="TRANSFERRING")
    aws.inject(Fault(kind=FaultKind.ERROR, code="AccessDeniedException", times=None))
    ran = operator.run("cancel", execution, "--output", "jsonl")
    assert ran.status == 1
    [document] = ran.documents
    assert document["error"]["type"] == "AccessDenied"
    assert document["error"]["remedy"] == (
        'its policy lacks {"Effect": "Allow", "Action": "datasync:CancelTaskExecution", '
        f'"Resource": "{execution}"}}'
    )


def test_no_credentials_say_where_they_could_come_from(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start()
    ran = operator.run(
        "show",
        task,
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
        AWS_SESSION_TOKEN=None,
    )
    assert ran.status == 1
    [line] = ran.stderr.splitlines()
    assert line.endswith("log in, give --profile, or set AWS_PROFILE or the AWS_* credentials")
    assert not aws.requests


def test_no_region_says_how_to_give_one(operator: Operator) -> None:
    listing = operator.run("ls", AWS_REGION=None, AWS_DEFAULT_REGION=None)
    naming = operator.run(
        "show", "task-0123456789abcdef0", AWS_REGION=None, AWS_DEFAULT_REGION=None
    )
    assert (listing.status, naming.status) == (2, 1)
    for ran in (listing, naming):
        [line] = ran.stderr.splitlines()
        assert "no region is configured" in line
        assert "AWS_REGION" in line


@pytest.mark.parametrize("arguments", [["ls"], ["cancel", "task-0123456789abcdef0", "--wait"]])
def test_without_a_network_it_does_not_go_on_trying(
    arguments: list[str], operator: Operator
) -> None:
    ran = operator.run(*arguments, "--endpoint-url", "http://127.0.0.1:9")
    assert ran.status == 1
    assert "check the network, --region and --endpoint-url" in ran.stdout + ran.stderr


def test_a_connection_that_breaks_once_the_network_was_there_is_ridden_out(
    aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    task = aws.fsx().start(status="EXECUTING")
    lost = Fault(kind=FaultKind.LOST_ANSWER, operation="DescribeDataRepositoryTasks", times=3)
    aws.inject(lost)
    ran = operator.run("cancel", task, "--wait", "--poll", "0.02")
    assert ran.status == 0
    assert aws.fsx().status(task) == "CANCELED"


def test_verbose_logs_each_request_with_its_id_and_no_secret(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start()
    ran = operator.run("show", task, "-v")
    [record] = aws.requests
    assert f"request id {record.request_id}" in ran.stderr
    assert SECRET not in ran.stderr
    assert TOKEN not in ran.stderr


def test_a_traceback_is_shown_only_if_it_is_asked_for(
    aws: SimulatedAWS, operator: Operator
) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, code="AccessDeniedException", times=None))
    task = aws.fsx().start()
    quiet, loud = operator.run("show", task), operator.run("show", task, "--debug")
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert quiet.status == loud.status == 1


def test_profiles_are_those_of_the_aws_files(aws: SimulatedAWS, operator: Operator) -> None:
    task = aws.fsx(region="eu-north-1").start()
    folder = operator.home / ".aws"
    folder.mkdir()
    (folder / "config").write_text(
        "[profile work]\nregion = eu-north-1\n"
        f"aws_access_key_id = {operator.variables['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {SECRET}\n",
        encoding="utf-8",
    )
    ran = operator.run(
        "show",
        task,
        "--profile",
        "work",
        "--output",
        "jsonl",
        AWS_REGION=None,
        AWS_DEFAULT_REGION=None,
        AWS_SESSION_TOKEN=None,
    )
    assert ran.documents[0]["region"] == "eu-north-1"


UNUSABLE: dict[str, tuple[dict[str, str | None], str]] = {
    "a profile that there is not": ({"AWS_PROFILE": "nobody"}, "no profile 'nobody' is configured"),
    "attempts that are no number": ({"AWS_MAX_ATTEMPTS": "three"}, "AWS_MAX_ATTEMPTS='three'"),
    "a region with a line break": (
        {"AWS_REGION": "us-east-1\n", "AWS_DEFAULT_REGION": None},
        r"'us-east-1\n' is no region",
    ),
    "a secret that no header can hold": (
        {"AWS_SESSION_TOKEN": f"{TOKEN}\n"},
        "AWS_SESSION_TOKEN holds a line break",
    ),
}


@pytest.mark.parametrize("what", UNUSABLE)
@pytest.mark.parametrize("arguments", [["ls"], ["show", "task-0123456789abcdef0"]])
def test_a_setting_that_cannot_be_used_is_one_line_and_no_bug(
    what: str, arguments: list[str], aws: SimulatedAWS, operator: Operator
) -> None:
    variables, complaint = UNUSABLE[what]
    ran = operator.run(*arguments, stdin="", **variables)
    assert ran.status in {1, 2}
    [line] = ran.stderr.splitlines()
    assert complaint in line
    assert "this is a bug" not in line
    assert not aws.requests


def test_a_file_that_cannot_be_read_is_one_line_and_none_of_its_own(
    aws: SimulatedAWS, operator: Operator
) -> None:
    folder = operator.home / ".aws"
    folder.mkdir()
    (folder / "config").write_text(f"[default]\naws_secret_access_key {SECRET}\n", encoding="utf-8")
    ran = operator.run("ls")
    assert ran.status == 1
    [line] = ran.stderr.splitlines()
    assert f"Unable to parse config file: {folder / 'config'}; mend that file" in line
    assert not aws.requests


@pytest.mark.parametrize("region", ["mars", "aws-global", "fips-us-gov-west-1"])
def test_all_regions_of_what_is_in_no_partition_are_not_guessed(
    region: str, operator: Operator
) -> None:
    ran = operator.run("ls", "--region", "all", AWS_REGION=region, AWS_DEFAULT_REGION=region)
    assert ran.status == 1
    [line] = ran.stderr.splitlines()
    assert f"which regions there are beside {region!r} is not known" in line


ASSUMED = """
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>{key}</AccessKeyId><SecretAccessKey>simulated</SecretAccessKey>
    <SessionToken>simulated</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
  </Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>
"""


def test_an_endpoint_of_the_services_of_tasks_gets_nothing_that_is_for_others(
    aws: SimulatedAWS, operator: Operator
) -> None:
    """A token of an identity provider goes to AWS STS, wherever the tasks are."""
    task = aws.fsx().start()
    token = operator.home / "token"
    token.write_text(TOKEN, encoding="utf-8")
    endpoint = operator.variables["AWS_ENDPOINT_URL_FSX"]
    with supplying(200, ASSUMED.format(key=operator.variables["AWS_ACCESS_KEY_ID"])) as sts:
        ran = operator.run(
            "show",
            task,
            "--endpoint-url",
            endpoint,
            "--output",
            "ids",
            AWS_ACCESS_KEY_ID=None,
            AWS_ENDPOINT_URL_DATASYNC=None,
            AWS_ENDPOINT_URL_FSX=None,
            AWS_ENDPOINT_URL_STS=sts.url,
            AWS_ROLE_ARN="arn:aws:iam::123456789012:role/operator",
            AWS_SECRET_ACCESS_KEY=None,
            AWS_SESSION_TOKEN=None,
            AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
        )
    assert (ran.status, ran.lines) == (0, [task])
    assert sts.requests == 1
