"""The store that a running component reaches."""

import pytest

from components.metadata_connection import connected_to, current_store


def test_the_innermost_store_is_the_current_one():
    with connected_to("outer"):
        with connected_to("inner"):
            assert current_store() == "inner"
        assert current_store() == "outer"


def test_outside_a_node_there_is_none():
    with pytest.raises(LookupError):
        current_store()
