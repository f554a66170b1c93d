"""The fixtures that the tests with real containers share."""

from tests.deploy.containers import base_image, compose, docker, image

__all__ = ["base_image", "compose", "docker", "image"]
