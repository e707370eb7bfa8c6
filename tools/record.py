#!/usr/bin/env python3
"""Record what AWS answers to the questions that its documentation leaves open.

    python tools/record.py fsx --file-system fs-… --task task-…
    python tools/record.py datasync --task arn:…:task/… --execution arn:…:execution/…
    python tools/record.py fsx --dry-run            on the simulated AWS instead

It describes and cancels the one task that you name, which has to be running and
to belong to what you name with it: a scratch one, for it will be cancelled. It
creates nothing, deletes nothing and starts nothing. What it writes is scrubbed of
what is your account's own; read it before you share it. See docs/recording.md.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import botocore
from _probes import SUBJECTS, Recorder, Stopped, Subject
from _recording import Exchange, Recording
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from botocancel.clocks import default_clock
from botocancel.testing import SimulatedAWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore.client import BaseClient

    from botocancel.testing import SimulatorSettings

__all__ = ["main", "simulated_recorder"]

FOLDER: Final = Path(__file__).resolve().parent.parent / "tests" / "recordings"
ALWAYS_ON: Final = ("us-east-1", "us-west-2")
"""Regions to be wrong in, for no account has to enable them."""

_ONCE: Final = Config(retries={"mode": "standard", "total_max_attempts": 1})
_YES: Final = frozenset({"y", "yes"})


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line, or leave with what is wrong with it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    services = parser.add_subparsers(dest="service", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--dry-run", action="store_true", help="on the simulated AWS; write nothing"
    )
    common.add_argument("--yes", action="store_true", help="do not ask before cancelling")
    common.add_argument("--region", help="the task's; else the session's")
    common.add_argument("--wrong-region", help="another one, to ask there too")
    common.add_argument("--profile", help="of the AWS configuration")
    common.add_argument("--timeout", type=float, default=1800.0, help="seconds until it must end")
    common.add_argument("--folder", type=Path, default=FOLDER, help="where to write (%(default)s)")
    fsx = services.add_parser("fsx", parents=[common])
    fsx.add_argument("--file-system", dest="owner", metavar="ID", help="a scratch file system")
    fsx.add_argument("--task", metavar="ID", help="its running data repository task")
    datasync = services.add_parser("datasync", parents=[common])
    datasync.add_argument("--task", dest="owner", metavar="ARN", help="a scratch task")
    datasync.add_argument("--execution", dest="task", metavar="ARN", help="its running execution")
    options = parser.parse_args(argv)
    if not options.dry_run and not (options.owner and options.task):
        parser.error("name the scratch task and what it belongs to, or use --dry-run")
    return options


def real_recorder(options: argparse.Namespace) -> Recorder:
    """Return a recorder of the task that the command line names.

    Raises:
        Stopped: No region is known, or the two are one.
    """
    session = Session(profile=options.profile)
    region = options.region or session.get_config_variable("region")
    if region is None:
        msg = "no region is configured; name the task's with --region"
        raise Stopped(msg)
    elsewhere = options.wrong_region or _another(session, options.service, region)
    if elsewhere == region:
        msg = f"the task is in {region}; --wrong-region is for another one"
        raise Stopped(msg)
    subject = SUBJECTS[options.service](options.task, options.owner)
    client_of = partial(_client, session, options.service)
    return Recorder(subject, client_of, region, elsewhere, default_clock(), options.timeout)


def _another(session: Session, service: str, region: str) -> str:
    """Return another region of the partition."""
    there = session.get_available_regions(service, session.get_partition_for_region(region))
    return next(each for each in (*ALWAYS_ON, *there) if each in there and each != region)


def simulated_recorder(
    service: str, *settings: SimulatorSettings, timeout: float = 1800.0
) -> Recorder:
    """Return a recorder of a task that it makes in a simulated AWS."""
    aws = SimulatedAWS(*settings)
    subject = _simulated_subject(aws, service)
    aws.advance(60)  # it has been at work for long enough for every read to see it
    client_of = partial(_client, aws.session(), service)
    return Recorder(subject, client_of, *ALWAYS_ON, aws.clock, timeout)


def _simulated_subject(aws: SimulatedAWS, service: str) -> Subject:
    if service == "fsx":
        owner = aws.fsx().create_parent()
        task = aws.fsx().start(parent=owner)
    else:
        owner = aws.datasync().create_parent()
        task = aws.datasync().start(parent=owner)
    return SUBJECTS[service](task, owner)


def _client(session: Session, service: str, region: str) -> BaseClient:
    return session.create_client(service, region_name=region, config=_ONCE)


def agreed(recorder: Recorder) -> bool:
    """Ask about every cancel, before the first: the answers must not come late."""
    subject = recorder.subject
    for probe in subject.probes:
        if probe.cancels:
            ids = {"task": subject.task, "unknown": subject.unknown}
            where = recorder.elsewhere if probe.elsewhere else recorder.region
            question = f"{subject.cancels} {ids[probe.of[0]]} in {where} ({probe.name})? [y/N] "
            if input(question).strip().lower() not in _YES:
                return False
    return True


def announce(recorder: Recorder) -> None:
    """Say what will be done."""
    subject = recorder.subject
    print(f"This describes and cancels {subject.task} of {subject.owner} in {recorder.region}:")
    for probe in subject.probes:
        verb = subject.cancels if probe.cancels else subject.describes
        where = f" in {recorder.elsewhere}" if probe.elsewhere else ""
        print(f"  {probe.name:<28}{verb} of {' and '.join(probe.of)}{where}: {probe.why}")
    print("It creates nothing, deletes nothing and starts nothing.")


def write(text: str, folder: Path, service: str) -> Path:
    """Write a recording to a file that is not there yet, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        path = folder / f"{service}-{number}.json"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise AssertionError  # numbers have no end


def record(options: argparse.Namespace) -> None:
    """Do what the command line says.

    Raises:
        Stopped: It could not be done, not to the end, or was not agreed to.
    """
    if options.dry_run:
        print("A dry run, on the simulated AWS: nothing is sent, nothing is written.")
        recorder = simulated_recorder(options.service, timeout=options.timeout)
    else:
        recorder = real_recorder(options)
    announce(recorder)
    recorder.check()
    if not (options.dry_run or options.yes or agreed(recorder)):
        msg = "not agreed to; nothing was cancelled"
        raise Stopped(msg)
    exchanges: list[Exchange] = []
    try:
        exchanges.extend(recorder.record(print))
    finally:
        recording = Recording(options.service, options.dry_run, botocore.__version__, exchanges)
        if options.dry_run:
            print(recording.to_json(), end="")
        elif exchanges:
            path = write(recording.to_json(), options.folder, options.service)
            print(f"Wrote {path}. Read it before you share it: texts may hold more of yours.")


def main(argv: Sequence[str]) -> int:
    """Record, and return the exit status."""
    try:
        record(parsed(argv))
    except (Stopped, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
