"""Bad HIGGS files: each is refused with a message that names the place."""

import gzip
from pathlib import Path

import pytest

from components.csv_example_gen.executor import CsvExecutor
from components.csv_example_gen.format import format_of
from components.errors import UserError
from pipelines.tutorials.higgs import PIPELINE
from schemas.reader import read_schema
from trainer_modules.higgs.features import FEATURES

OPTIONS = {
    "csv": format_of(
        read_schema(PIPELINE.schema_file), PIPELINE.label, PIPELINE.source.options["csv"]
    )
}
LABEL, VALUES = "1.000000000000000000e+00", ["0.5"] * len(FEATURES)
GOOD = ",".join([LABEL, *VALUES])


def refusal(folder: Path, content: bytes) -> str:
    file = folder / "HIGGS.csv.gz"
    file.write_bytes(content)
    with pytest.raises(UserError) as raised:
        for _ in CsvExecutor().read([str(file)], OPTIONS):
            pass
    message = str(raised.value)
    assert "\n" not in message
    assert message[-1] == "."
    return message.replace(str(file), "FILE")


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        pytest.param(["2", *VALUES], ", column 'label': '2' is not one of its values (0, 1). Fix"),
        pytest.param(["s", *VALUES], ", column 'label': 's' is not one of its values (0, 1). Fix"),
        pytest.param(["", *VALUES], ", column 'label': the value is missing. Fix"),
        pytest.param([LABEL, *VALUES[1:]], " has 28 fields instead of 29. Fix or remove the"),
        pytest.param([LABEL, *VALUES, "1"], " has 30 fields instead of 29. Fix or remove the"),
        *(
            pytest.param([LABEL, *VALUES[:-1], value], f", column 'm_wwbb': {problem}")
            for value, problem in [
                ("heavy", "'heavy' is not a finite number."),
                ("nan", "'nan' is not a finite number."),
                ("1e400", "'1e400' is not a finite number."),
                ("-inf", "'-inf' is not a finite number."),
                ("", "the value is missing. Fix"),
            ]
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path, fields, what):
    lines = [GOOD] * 5_000
    lines[4_000] = ",".join(fields)

    message = refusal(tmp_path, gzip.compress("\n".join(lines).encode()))

    assert message.startswith(f"FILE, line 4001{what}")


def test_a_file_that_is_cut_in_the_middle_is_refused(tmp_path):
    whole = gzip.compress("".join(f"1,{n}{',0.5' * 27}\n" for n in range(20_000)).encode())

    assert "FILE is a damaged gzip file" in refusal(tmp_path, whole[: len(whole) // 2])


def test_the_columns_are_the_label_and_the_features_in_the_files_order():
    assert list(OPTIONS["csv"]["columns"]) == [PIPELINE.label, *FEATURES]
    assert set(OPTIONS["csv"]["required"]) == {PIPELINE.label, *FEATURES}


def test_an_empty_file_is_refused(tmp_path):
    assert refusal(tmp_path, gzip.compress(b"")) == "FILE is empty. Give a file with rows."
