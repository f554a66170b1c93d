"""The features of MNIST. Imports without TensorFlow."""

LABEL = "label"

IMAGE = "image"
"""The pixels as bytes, row by row, from 0 for the background to 255 for ink."""

HEIGHT = "height"
WIDTH = "width"

SIDE = 28
"""Pixels; the only height and width that the model knows."""
