"""Running nodes on this machine."""

from pipelines.orchestrators.local.runner import new_run_id


def test_run_ids_are_sortable_and_new():
    first, second = new_run_id("census"), new_run_id("census")

    assert first.startswith("census-")
    assert first <= second
