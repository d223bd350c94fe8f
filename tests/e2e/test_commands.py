"""The smaller commands, and what holds for all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from support.command import Command
from support.servers import PASSWORD, free_port


def test_the_version_is_that_of_the_package(diarist: Command) -> None:
    done = diarist("--version")

    assert done.out == f"diarist {metadata.version('diarist')}\n"


def test_help_loads_no_heavy_library() -> None:
    heavy = (
        "av ctranslate2 dateutil faster_whisper huggingface_hub numpy onnxruntime pydantic "
        "pydantic_settings rich yake"
    )
    code = (
        "import sys; from diarist.cli.app import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        f"print(sorted(set('{heavy}'.split()) & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_doctor_finds_a_complete_machine_in_order(diarist: Command) -> None:
    done = diarist("doctor", "--json")

    found = {finding["subject"]: finding for finding in json.loads(done.out)}
    assert done.code == 0
    assert {"hardware", "audio", "engine", "model", "writer", "names"} <= set(found)
    assert {"database", "blobs", "queue"} <= set(found)
    assert all(finding["state"] == "ok" for finding in found.values())
    assert "tiny.en" in found["model"]["says"]


def test_doctor_says_what_is_missing(diarist: Command) -> None:
    done = diarist("doctor", environ={"DIARIST_TRANSCRIPTION__MODEL": "large-v3"})

    assert done.code == 6
    assert "✗ model: the model large-v3 is not on this machine" in done.out
    assert "diarist models pull large-v3" in done.out


def test_doctor_looks_at_the_servers_that_were_chosen(
    diarist: Command, postgres_url: str, valkey_url: str, tmp_path: Path
) -> None:
    servers = {
        "DIARIST_DATABASE__URL": postgres_url,
        "DIARIST_QUEUE__REDIS_URL": valkey_url,
        "DIARIST_BLOBS__URL": str(tmp_path / "blobs"),
    }

    done = diarist("doctor", environ=servers)

    assert done.code == 0
    assert "has the tables of this version" in done.out
    assert "✓ queue: it answers" in done.out
    assert PASSWORD not in done.out


def test_doctor_says_which_server_does_not_answer(diarist: Command) -> None:
    closed_port = free_port()
    away = {
        "DIARIST_DATABASE__URL": f"postgresql://diarist:secret@127.0.0.1:{closed_port}/diary",
        "DIARIST_QUEUE__REDIS_URL": f"redis://127.0.0.1:{closed_port}/0",
        "DIARIST_BLOBS__URL": "/proc/nowhere",
    }

    done = diarist("doctor", environ=away)

    assert done.code == 6
    assert all(f"✗ {subject}" in done.out for subject in ("database", "queue", "blobs"))
    assert "secret" not in done.out


def test_models_are_listed_with_where_they_are(diarist: Command) -> None:
    rows = {row[0]: row for row in diarist("models", "list").rows}

    assert rows["base"][3] in {"store", "packages"}
    assert rows["large-v3"][3] == "not here"
    assert rows["tiny.en"][1] == "English only"


def test_models_that_are_here_are_verified(diarist: Command) -> None:
    done = diarist("models", "verify")

    assert done.code == 0, done.err
    assert {row[0] for row in done.rows} == {"tiny.en", "base"}


def test_the_path_of_a_model_holds_its_weights(diarist: Command) -> None:
    done = diarist("models", "path", "base")

    assert (Path(done.out.strip()) / "model.bin").is_file()


def test_a_reader_that_goes_away_is_no_error(diarist: Command) -> None:
    process = subprocess.Popen(
        diarist.line(("models", "list")),
        cwd=diarist.folder,
        env=dict(diarist.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    said = process.stderr.read()
    process.stderr.close()

    assert process.wait(60) in {0, 120}
    assert b"Traceback" not in said
