"""The features of MNIST. Imports without TensorFlow."""

LABEL = "label"

IMAGE = "image"
"""The pixels as bytes, row by row, from 0 for the background to 255 for ink."""

HEIGHT = "height"
WIDTH = "width"

SIDE = 28
"""The height and the width, in pixels, of the images that the networks take."""

PIXELS = "pixels"
"""The transformed feature: the image, scaled to [0, 1]."""
