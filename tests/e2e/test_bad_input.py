"""Bad data and bad paths: one message, nothing pushed, and earlier runs unchanged."""

import subprocess

import pytest

from tests.e2e.harness import Root, sentence

GOOD = (
    "39, Private, 77516, Bachelors, 13, Never-married, Adm-clerical, Not-in-family, White, "
    "Male, 2174, 0, 40, United-States, <=50K"
)


def test_a_bad_line_ends_the_run_before_training(first, spoilt):
    data = spoilt(GOOD.replace("<=50K", "rich"))

    done = first.root.run(data=data)

    number = len((data / "adult.data").read_text().splitlines())
    message = sentence(done)
    assert done.returncode == 1
    assert message.startswith(f"Error: CsvExampleGen: {data}/adult.data, line {number}")
    assert "column 'income_bracket': 'rich' is not one of its values (<=50K, >50K)" in message
    assert first.root.states() == {"CsvExampleGen": "failed"}


def test_anomalies_stop_at_the_gate(first, spoilt):
    line = GOOD.replace("Adm-clerical", "Astronaut").replace("39", "150", 1)
    lines = [line.replace("77516", str(weight)) for weight in range(1, 201)]

    done = first.root.run(data=spoilt("\n".join(lines)))

    message = sentence(done)
    assert done.returncode == 1
    assert "train split, occupation: " in message
    assert "Astronaut" in message
    assert "train split, age: " in message
    assert "eval split, " in message
    assert "stopped at the data gate" in done.stdout
    skipped = [line.split()[0] for line in done.stdout.splitlines() if " skipped " in line]
    assert skipped == ["Transform", "Trainer", "Baseline", "Evaluator", "AtomicPusher"]
    run = first.root.runs()[0]
    assert run.finished
    assert not run.summary["blessed"]
    assert run.page is not None
    assert "Astronaut" in run.page.read_text()


@pytest.mark.parametrize("until", ["DataGate", "Transform"])
def test_a_closed_gate_ends_a_partial_run_too(first, spoilt, until):
    line = GOOD.replace("Adm-clerical", "Astronaut").replace("39", "150", 1)
    lines = [line.replace("77516", str(weight)) for weight in range(1, 201)]

    done = first.root.run("--until", until, data=spoilt("\n".join(lines)))

    message = sentence(done)
    assert done.returncode == 1
    assert "train split, age: " in message
    assert "Astronaut" in message
    assert "stopped at the data gate" in done.stdout


def test_a_read_only_root_is_named(first, small_disk):
    disk = small_disk(kilobytes=1000)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    for data in ("sample", first.data):
        done = Root(disk / "runs").run(data=data)

        assert done.returncode == 1
        assert str(disk / "runs") in sentence(done)
        assert "Read-only file system" in sentence(done)


def test_a_root_that_may_not_be_written_is_named(first, tmp_path):
    (tmp_path / "file").touch()

    done = Root(tmp_path / "file" / "runs").run(data=first.data)

    assert done.returncode == 1
    assert "Not a directory" in sentence(done)


def test_a_root_that_is_a_file_is_named(first, tmp_path):
    (tmp_path / "file").touch()

    done = Root(tmp_path / "file").run(data=first.data)

    assert done.returncode == 2
    assert f"The root {tmp_path / 'file'} is a file." in sentence(done)


def test_a_full_disk_is_named_and_a_run_goes_on_once_there_is_room(first, small_disk):
    disk = small_disk(kilobytes=600)
    root, arguments = Root(disk / "runs"), ("--until", "StatisticsGen")

    full = root.run(*arguments, data=first.data)
    subprocess.run(["mount", "-o", "remount,size=50m", disk], check=True)
    done = root.run(*arguments, data=first.data)

    assert full.returncode == 1
    assert f"The disk of {root.path} is full. Free some space" in sentence(full)
    assert done.returncode == 0, done.stderr


def test_a_disk_that_fills_up_in_training_is_named(first, small_disk):
    root = Root(small_disk(kilobytes=2500) / "runs")

    done = root.run(data=first.data)

    assert done.returncode == 1
    assert sentence(done).startswith("Error: Trainer: The disk of ")
    assert root.served() == {}


def test_an_empty_folder_is_refused(first, tmp_path):
    (tmp_path / "empty").mkdir()

    done = first.root.run(data=tmp_path / "empty")

    assert done.returncode == 1
    assert "empty has no file adult.data for the train split" in sentence(done)


def test_a_missing_folder_is_wrong_use(first, tmp_path):
    done = first.root.run(data=tmp_path / "nowhere")

    assert done.returncode == 2
    assert "nowhere does not exist" in sentence(done)


def test_an_unknown_parameter_is_wrong_use(first):
    done = first.root.run("--param", "epoch=3")

    assert done.returncode == 2
    assert "There is no hyper-parameter 'epoch'. Did you mean 'epochs'?" in sentence(done)
