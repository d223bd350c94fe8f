"""Workers as processes: killed, told to stop, badly set up, and together on servers."""

from __future__ import annotations

import signal
from pathlib import Path

from support.background import data_folder, eventually, in_background, rows
from support.command import Command

SETUP = 6
SHORT_LEASES = {"DIARIST_WORK__LEASE_S": "2", "DIARIST_WORK__HEARTBEAT_S": "0.3"}


def state(diarist: Command) -> str:
    found = rows(diarist, "SELECT state FROM jobs")
    return str(found[0][0]) if found else ""


def test_a_worker_that_is_killed_loses_nothing_and_another_finishes_its_work(
    diarist: Command, evening: Path
) -> None:
    diarist("submit", evening.name)
    with in_background(diarist, "worker", environ=SHORT_LEASES) as worker:
        eventually(lambda: rows(diarist, "SELECT 1 FROM tasks WHERE stage = 'transcribe'"))
        worker.kill()

    second = diarist("worker", "--once", environ=SHORT_LEASES)

    assert second.code == 0, second.err
    assert state(diarist) == "done"
    assert rows(diarist, "SELECT count(*) FROM entries") == [(1,)]
    assert rows(diarist, "SELECT 1 FROM job_events WHERE kind = 'task.lost'")
    assert diarist("db", "check", "--blobs").out == "all is well\n"


def test_a_worker_that_is_told_to_stop_finishes_what_it_has_begun(
    diarist: Command, memo: Path
) -> None:
    diarist("submit", memo.name)
    with in_background(diarist, "worker") as worker:
        eventually(lambda: state(diarist) not in ("", "queued"))
        worker.send(signal.SIGTERM)
        code = worker.exit_code()

    assert code == 0, worker.err
    assert "stopping when" in worker.err
    assert rows(diarist, "SELECT 1 FROM tasks WHERE state = 'running'") == []
    assert rows(diarist, "SELECT 1 FROM job_events WHERE kind = 'task.handed-back'") == []


def test_a_worker_that_is_told_twice_hands_back_what_it_has_begun(
    diarist: Command, evening: Path
) -> None:
    diarist("submit", evening.name)
    with in_background(diarist, "worker") as worker:
        eventually(lambda: state(diarist) not in ("", "queued"))
        worker.send(signal.SIGINT)
        eventually(lambda: "stopping" in worker.err)
        worker.send(signal.SIGINT)
        code = worker.exit_code()

    assert code == 0, worker.err
    assert "Traceback" not in worker.err
    assert rows(diarist, "SELECT 1 FROM tasks WHERE state = 'running'") == []
    assert rows(diarist, "SELECT 1 FROM tasks WHERE state = 'ready'")


def test_a_worker_without_its_model_does_not_begin_to_fail_jobs(diarist: Command) -> None:
    done = diarist("worker", "--once", environ={"DIARIST_TRANSCRIPTION__MODEL": "large-v3"})

    assert done.code == SETUP
    assert "diarist models pull large-v3" in done.err


def test_a_worker_with_nothing_to_do_leaves_if_it_may(diarist: Command) -> None:
    assert diarist("worker", "--once", "--queues", "write,assemble.high").code == 0
    assert diarist("worker", "--queues", "sleep").code == 2


def test_a_server_without_tables_says_how_to_make_them(
    diarist: Command, empty_postgres_url: str
) -> None:
    server = {"DIARIST_DATABASE__URL": empty_postgres_url}

    refused = diarist("worker", "--once", environ=server)
    wrong = diarist("db", "check", environ=server)
    upgraded = diarist("db", "upgrade", environ=server)
    right = diarist("db", "check", "--blobs", environ=server)

    assert (refused.code, "diarist db upgrade" in refused.err) == (SETUP, True)
    assert (wrong.code, "no tables" in wrong.out) == (SETUP, True)
    assert (upgraded.code, right.code, right.out) == (0, 0, "all is well\n")


def test_on_servers_one_process_waits_while_another_works(
    diarist: Command, memo: Path, postgres_url: str, valkey_url: str
) -> None:
    servers = {"DIARIST_DATABASE__URL": postgres_url, "DIARIST_QUEUE__REDIS_URL": valkey_url}
    with in_background(diarist, "worker", environ=servers):
        done = diarist("submit", memo.name, "--wait", environ=servers)

    assert (done.code, done.rows[0][0]) == (0, "done"), done.err
    assert not (data_folder(diarist) / "diarist.db").exists()
